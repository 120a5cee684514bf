"""An S3 server that fails: passes requests on to a real one, except that one of them meets a fault.

    faulty-store.py UPSTREAM FAULT NUMBER

Prints its address. FAULT happens to the NUMBER-th request (from 1; 0: to none): see `FAULTS`. Each line that it prints afterwards is a request:
method, path, and the fault if it met one. Requests are signed for the host that they name, which is passed on as it is.
"""

import http.client
import http.server
import socketserver
import sys
import threading
import time
import urllib.parse

ERROR = '<?xml version="1.0" encoding="UTF-8"?><Error><Code>{}</Code><Message>On purpose.</Message></Error>'

# Before: the real server never hears of it. After: it has done what was asked, and nobody is told.
FAULTS = {
    "cut-before": None, "cut-after": None, "cut-within": None, "delay": None,
    "500-before": (500, "InternalError"), "500-after": (500, "InternalError"), "503-before": (503, "SlowDown"),
    "200-error-before": (200, "InternalError"), "200-error-after": (200, "InternalError"),
    "skew": (403, "RequestTimeTooSkewed"), "denied": (403, "AccessDenied"),
}


class Proxy(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    upstream, fault, number = "", "", 0
    count, lock = 0, threading.Lock()

    def log_message(self, *words):
        pass

    def pass_on(self):
        with Proxy.lock:
            Proxy.count += 1
            meets = Proxy.count == Proxy.number
        print(self.command, self.path, Proxy.fault if meets else "", flush=True)
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        fault = Proxy.fault if meets else ""
        if fault.endswith("-before") or fault in ("skew", "denied"):
            return self.fail(fault)
        if fault == "delay":
            time.sleep(3)
        upstream = http.client.HTTPConnection(Proxy.upstream, timeout=60)
        upstream.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            if name.lower() not in ("connection", "expect"):
                upstream.putheader(name, value)
        upstream.endheaders(body)
        answer = upstream.getresponse()
        content = answer.read()
        if fault.endswith("-after"):
            return self.fail(fault)
        self.send_response_only(answer.status, answer.reason)
        for name, value in answer.getheaders():
            if name.lower() not in ("connection", "transfer-encoding", "content-length"):
                self.send_header(name, value)
        length = answer.getheader("content-length") if self.command == "HEAD" else str(len(content))
        if length is not None and answer.status != 204 and answer.status != 304:
            self.send_header("Content-Length", length)
        self.end_headers()
        if fault == "cut-within":
            self.wfile.write(content[: len(content) // 2])
            return self.cut()
        if self.command != "HEAD":
            self.wfile.write(content)

    def fail(self, fault):
        if fault.startswith("cut"):
            return self.cut()
        status, code = FAULTS[fault]
        content = ERROR.format(code).encode()
        self.send_response_only(status, "On purpose")
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def cut(self):
        self.wfile.flush()
        self.close_connection = True
        self.connection.close()

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = pass_on

    def handle_expect_100(self):
        self.send_response_only(100)
        self.end_headers()
        return True


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True

    def handle_error(self, *words):
        pass


def main():
    upstream, fault, number = sys.argv[1:4]
    if fault not in FAULTS:
        sys.exit(f"{fault} is none of {', '.join(FAULTS)}")
    Proxy.upstream, Proxy.fault, Proxy.number = urllib.parse.urlsplit(upstream).netloc, fault, int(number)
    server = Server(("127.0.0.1", 0), Proxy)
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()


main()
