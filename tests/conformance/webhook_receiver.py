"""Takes webhooks on the loopback and keeps them as they came: headers and the raw body."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class WebhookReceiver:
    """One port. The first `refusals` deliveries are answered with 500, to see them come again."""

    def __init__(self, refusals=0):
        self._lock = threading.Lock()
        self._deliveries = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                taken = receiver._take(self.path, {name.lower(): value for name, value in self.headers.items()}, body, refusals)
                self.send_response(204 if taken else 500)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/events"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def _take(self, path, headers, body, refusals):
        with self._lock:
            taken = len(self._deliveries) >= refusals
            self._deliveries.append({"path": path, "headers": headers, "body": body.decode(), "taken": taken})
            return taken

    def deliveries(self):
        with self._lock:
            return list(self._deliveries)

    def close(self):
        self._server.shutdown()
        self._server.server_close()
