"""A loopback HTTP server that gives files in ranges, as a site's web server does, and takes what a page saw."""

import json
import queue
import re
import sys
import threading
from collections import defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit


class QuietServer(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        # A player lets go of what it does not need.
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class Server:
    """Serves `files` (address -> (path, MIME type)). What pages post arrives in `seen`, a queue for each browser."""

    def __init__(self, files):
        self.files = files
        self.seen = defaultdict(queue.Queue)
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *arguments):
                pass

            def do_GET(self):
                server.give(self)

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                visitor = parse_qs(urlsplit(self.path).query)["browser"][0]
                server.seen[visitor].put(json.loads(body))
                self.send_response(204)
                self.end_headers()

        self.http = QuietServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.http.server_port}"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def close(self):
        self.http.shutdown()
        self.http.server_close()

    def give(self, request):
        path, mime = self.files.get(urlsplit(request.path).path, (None, None))
        if path is None:
            request.send_error(404)
            return
        data = path if isinstance(path, bytes) else Path(path).read_bytes()
        first, last = 0, len(data) - 1
        asked = re.fullmatch(r"bytes=(\d*)-(\d*)", request.headers.get("Range", ""))
        if asked and any(asked.groups()):
            start, end = asked.groups()
            if start:
                first, last = int(start), min(int(end or last), last)
            else:
                first = max(0, len(data) - int(end))
            if first > last:
                request.send_response(416)
                request.send_header("Content-Range", f"bytes */{len(data)}")
                request.send_header("Content-Length", "0")
                request.end_headers()
                return
            request.send_response(206)
            request.send_header("Content-Range", f"bytes {first}-{last}/{len(data)}")
        else:
            request.send_response(200)
        request.send_header("Accept-Ranges", "bytes")
        request.send_header("Cache-Control", "no-store")
        request.send_header("Content-Type", mime)
        request.send_header("Content-Length", str(last - first + 1))
        request.end_headers()
        request.wfile.write(data[first : last + 1])
