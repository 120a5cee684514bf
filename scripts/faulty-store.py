"""An S3 server that fails: passes requests on to a real one, except that some of them meet a fault.

    faulty-store.py UPSTREAM FAULT WHICH

Prints its address. FAULT is one of `FAULTS`. WHICH requests meet it: `each` (each one, when it is sent first), a number from 1, or a number and how
many from it on, as in `3+6`. Each line that it prints afterwards is a request: method, path, and the fault if it met one. Requests are signed for
the host that they name, which is passed on as it is.
"""

import email.utils
import http.client
import http.server
import socketserver
import sys
import threading
import time
import urllib.parse

ERROR = '<?xml version="1.0" encoding="UTF-8"?><Error><Code>{}</Code><Message>On purpose.</Message>{}</Error>'

# Before: the real server never hears of it. After: it has done what was asked, and nobody is told.
FAULTS = {
    "cut-before": None, "cut-after": None, "cut-within": None, "delay": None,
    "500-before": (500, "InternalError"), "500-after": (500, "InternalError"), "503-before": (503, "SlowDown"),
    "200-error-before": (200, "InternalError"), "200-error-after": (200, "InternalError"),
    "skew": (403, "RequestTimeTooSkewed"), "denied": (403, "AccessDenied"),
    # Met by whatever is not signed for the region "elsewhere".
    "region": (400, "AuthorizationHeaderMalformed"),
}


class Proxy(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    upstream, fault, numbers = "", "", range(0)
    # Those that were sent before; none where numbers say which ones meet the fault.
    known = None
    count, lock = 0, threading.Lock()

    def log_message(self, *words):
        pass

    def pass_on(self):
        with Proxy.lock:
            Proxy.count += 1
            meets = Proxy.count in Proxy.numbers
            if Proxy.known is not None:
                request = (self.command, self.path)
                meets = request not in Proxy.known
                Proxy.known.add(request)
        if Proxy.fault == "region":
            meets = "/elsewhere/s3/" not in self.headers.get("authorization", "")
        print(self.command, self.path, Proxy.fault if meets else "", flush=True)
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        fault = Proxy.fault if meets else ""
        if fault.endswith("-before") or fault in ("skew", "denied", "region"):
            return self.fail(fault)
        if fault == "delay":
            time.sleep(1)
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
        content = ERROR.format(code, "<Region>elsewhere</Region>" if fault == "region" else "").encode()
        self.send_response_only(status, "On purpose")
        # What tells the client how far it is off: an hour, in the one case.
        self.send_header("Date", email.utils.formatdate(time.time() + (3600 if fault == "skew" else 0), usegmt=True))
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
    upstream, fault, which = sys.argv[1:4]
    if fault not in FAULTS:
        sys.exit(f"{fault} is none of {', '.join(FAULTS)}")
    Proxy.upstream, Proxy.fault = urllib.parse.urlsplit(upstream).netloc, fault
    if which == "each":
        Proxy.known = set()
    else:
        first, _, many = which.partition("+")
        Proxy.numbers = range(int(first), int(first) + int(many or 1))
    server = Server(("127.0.0.1", 0), Proxy)
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()


main()
