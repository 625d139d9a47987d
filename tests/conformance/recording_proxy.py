"""Stands between the clients and the API, passes on what it gets unchanged, and keeps what went through.

Each client has a port of its own, so that the record says who called.
"""

import http.client
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

HOP_BY_HOP = {"connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"}
ANSWER_SECONDS = 30


class Record:
    """What went through, in the order in which the answers came."""

    def __init__(self):
        self._exchanges = []
        self._lock = threading.Lock()

    def add(self, exchange):
        with self._lock:
            self._exchanges.append(exchange)

    def all(self):
        with self._lock:
            return list(self._exchanges)

    def write(self, path):
        path.write_text("".join(json.dumps(exchange) + "\n" for exchange in self.all()))


class RecordingProxy:
    """One port on the loopback that leads to the API."""

    def __init__(self, client, api, record):
        target = urlsplit(api)

        class Handler(_Handler):
            name = client
            upstream = (target.hostname, target.port)
            exchanges = record

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Small answers shall not wait for more to send.
    disable_nagle_algorithm = True

    def _pass_on(self):
        if "transfer-encoding" in self.headers:
            # No client here sends a body without its length. One that did would be recorded wrongly.
            self.send_error(501, "chunked requests are not recorded")
            return
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        sent = [(name, value) for name, value in self.headers.items() if name.lower() not in HOP_BY_HOP]
        begun = time.monotonic()
        connection = http.client.HTTPConnection(*self.upstream, timeout=ANSWER_SECONDS)
        try:
            connection.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in sent:
                connection.putheader(name, value)
            connection.endheaders(body or None)
            answer = connection.getresponse()
            text = answer.read()
            headers = answer.getheaders()
        finally:
            connection.close()
        took = time.monotonic() - begun
        parts = urlsplit(self.path)
        self.exchanges.add(
            {
                "client": self.name,
                "method": self.command,
                "path": parts.path,
                "query": parts.query,
                "request_headers": {name.lower(): value for name, value in sent if name.lower() != "authorization"},
                "request_body": body.decode("utf-8", "replace"),
                "status": answer.status,
                "headers": {name.lower(): value for name, value in headers},
                "body": text.decode("utf-8", "replace"),
                "milliseconds": round(took * 1000, 1),
            }
        )
        self.send_response_only(answer.status, answer.reason)
        for name, value in headers:
            if name.lower() not in HOP_BY_HOP | {"content-length"}:
                self.send_header(name, value)
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _pass_on

    def log_message(self, *_):
        pass
