"""A proxy in front of the emulator that records every request to Azure Resource Manager."""

import http.client
import http.server
import json
import threading
import types
import urllib.parse

# Headers that belong to one connection. The proxy sets its own.
HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length"}
CONSOLE = "understudy/"


class Recorder:
    """A running proxy. `requests` holds what clients sent, oldest first.

    The emulator's write log has no headers, and no POSTs that only read."""

    def __init__(self, target):
        self.requests = []
        where = urllib.parse.urlsplit(target).netloc
        recorder = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def pass_on(self):
                length = int(self.headers.get("content-length") or 0)
                if "chunked" in self.headers.get("transfer-encoding", "").lower():
                    raise RuntimeError("no client of the emulator sends chunks")
                body = self.rfile.read(length)
                recorder.record(self.command, self.path, self.headers, body)
                kept = {k: v for k, v in self.headers.items() if k.lower() not in HOP_BY_HOP}
                if body or "content-length" in self.headers:
                    kept["content-length"] = str(len(body))
                # The emulator builds its links from the Host header, so clients come back to this proxy.
                outgoing = http.client.HTTPConnection(where, timeout=60)
                try:
                    outgoing.request(self.command, self.path, body or None, kept)
                    answer = outgoing.getresponse()
                    content = answer.read()
                finally:
                    outgoing.close()
                self.send_response_only(answer.status, answer.reason)
                for name, value in answer.getheaders():
                    if name.lower() not in HOP_BY_HOP:
                        self.send_header(name, value)
                if answer.status != 204:
                    # The answer to a HEAD names the length of what a GET returns.
                    length = answer.getheader("content-length") if self.command == "HEAD" else None
                    self.send_header("content-length", length or str(len(content)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(content)

            do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = pass_on

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def record(self, method, target, headers, body):
        url = urllib.parse.urlsplit(target)
        if not url.path.lower().startswith("/subscriptions/"):
            return
        query = dict(urllib.parse.parse_qsl(url.query, keep_blank_values=True))
        self.requests.append(types.SimpleNamespace(
            method=method, path=urllib.parse.unquote(url.path), api_version=query.pop("api-version", None),
            query=query, content_type=headers.get("content-type"), body=json.loads(body) if body else None,
            is_console=headers.get("user-agent", "").startswith(CONSOLE),
        ))

    def sent(self, is_console, start=0):
        """The requests of one client that are not GETs, from position `start`."""
        return [one for one in self.requests[start:] if one.is_console == is_console and one.method != "GET"]

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
