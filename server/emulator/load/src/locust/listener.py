"""Reports each request of this process to the emulator, over a loopback connection.

Locust reads this file as an additional locustfile, before the test's own. It uses documented event hooks only. It
keeps no request waiting: requests are queued here and sent by a greenlet of their own.
"""

import json
import os
import re
import socket
import time

import gevent
from locust import events
from locust.exception import CatchResponseError

# The test's own code does not get to see these.
PORT = os.environ.pop("UNDERSTUDY_LOAD_PORT", None)
TOKEN = os.environ.pop("UNDERSTUDY_LOAD_TOKEN", None)
ENGINE = os.environ.pop("UNDERSTUDY_LOAD_ENGINE", None)

INTERVAL_S = 0.1
# Requests that wait to be sent; further ones are counted as dropped.
ROWS_MAX = 100_000
# Requests in one message.
BATCH = 500
TEXT_MAX = 1000

ADDRESS = re.compile("0x[0-9a-fA-F]+")


def clean(text):
    """Text that is valid UTF-8 and not too long."""
    text = str(text)[:TEXT_MAX]
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def microseconds(milliseconds):
    """An integer, whatever a custom client reports."""
    try:
        return max(0, int(milliseconds * 1000))
    except (TypeError, ValueError, OverflowError):
        return 0


def count(number):
    try:
        return max(0, int(number))
    except (TypeError, ValueError, OverflowError):
        return 0


def failure(exception, code):
    """The kind of a failure, which is counted, and its message."""
    message = ADDRESS.sub("0x....", clean(exception))
    if isinstance(exception, CatchResponseError):
        return message or "CatchResponseError", message
    if code >= 400:
        return f"HTTP {code}", message
    return f"{type(exception).__name__}: {message}", message


class Link:
    def __init__(self, environment):
        self.environment = environment
        self.rows = []
        self.dropped = 0
        self.socket = socket.create_connection(("127.0.0.1", int(PORT)), timeout=10)
        self.socket.settimeout(30)
        self.zero = time.perf_counter()
        self.send({"hello": TOKEN, "engine": int(ENGINE)})

    def send(self, message):
        if self.socket is None:
            return
        try:
            self.socket.sendall(json.dumps(message).encode() + b"\n")
        except OSError:
            self.socket = None

    def on_request(
        self,
        name=None,
        response_time=None,
        response_length=None,
        exception=None,
        response=None,
        url=None,
        **_,
    ):
        if len(self.rows) >= ROWS_MAX:
            self.dropped += 1
            return
        code = count(getattr(response, "status_code", 0))
        kind, message = failure(exception, code) if exception else (None, None)
        at = int((time.perf_counter() - self.zero) * 1_000_000)
        self.rows.append((
            at,
            microseconds(response_time),
            clean(name),
            code,
            kind,
            message,
            count(response_length),
            clean(url) if url else "",
        ))

    def flush(self):
        rows, self.rows = self.rows, []
        users = self.environment.runner.user_count
        for begin in range(0, max(1, len(rows)), BATCH):
            self.send({"rows": rows[begin : begin + BATCH], "users": users})

    def run(self):
        while self.socket is not None:
            gevent.sleep(INTERVAL_S)
            self.flush()
        # Nobody listens any more. If the emulator was killed, nobody would end this process either.
        self.environment.runner.quit()

    def on_test_start(self, **_):
        self.send({"start": True})

    def on_quit(self, exit_code=0, **_):
        self.flush()
        total = self.environment.runner.stats.total
        self.send({
            "end": {
                "requests": total.num_requests,
                "dropped": self.dropped,
                "exit_code": exit_code,
            }
        })


if PORT is not None:

    @events.init.add_listener
    def on_init(environment, **_):
        link = Link(environment)
        environment.events.request.add_listener(link.on_request)
        environment.events.test_start.add_listener(link.on_test_start)
        environment.events.quit.add_listener(link.on_quit)
        gevent.spawn(link.run)
