"""A shop on this machine's own address, over real HTTP, that answers or fails as told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import httpx

FAULTS = ("busy", "broken", "denied", "elsewhere", "garbage", "told", "reset", "cut")
"""429; 500 and 401 that repeat what was sent; a redirect; no JSON; errors in JSON that repeat it; no answer; half an answer."""


@dataclass
class LocalShop:
    """answer  the made platform; `fault` takes its place, for writes only where `only_writes`."""

    answer: Any = None
    fault: str = ""
    only_writes: bool = False
    url: str = ""
    heard: list[bytes] = field(default_factory=list)

    def reply(self, request: httpx.Request) -> tuple[int, dict[str, str], bytes]:
        echo = " ".join([str(request.url), *(f"{name}: {value}" for name, value in request.headers.items()), request.content.decode()])
        self.heard.append(echo.encode())
        fault = self.fault if not self.only_writes or b"set_prices" in request.content else ""
        if not fault:
            found = self.answer(request)
            return found.status_code, {"content-type": "application/json"}, found.content
        told = json.dumps({"errors": [{"message": echo}], "message": echo, "error": echo, "results": [{"detail": echo}]}).encode()
        replies = {
            "busy": (429, {"retry-after": "400"}, echo.encode()),
            "broken": (500, {}, echo.encode()),
            "denied": (401, {}, echo.encode()),
            "elsewhere": (302, {"location": f"{self.url}/elsewhere?{request.url.query.decode()}"}, echo.encode()),
            "garbage": (200, {}, b"\xff\xfe " + echo.encode()),
            "told": (200, {"content-type": "application/json"}, told),
            "cut": (200, {"content-length": str(len(echo) + 100)}, echo.encode()),
        }
        return replies[fault]


@contextmanager
def local_shop() -> Iterator[LocalShop]:
    """Serve until the block ends."""
    shop = LocalShop()

    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            if shop.fault == "reset" and (not shop.only_writes or b"set_prices" in body):
                shop.heard.append(str(self.headers).encode() + body)
                self.close_connection = True
                return
            status, headers, data = shop.reply(
                httpx.Request(self.command, shop.url + self.path, headers=list(self.headers.items()), content=body)
            )
            self.send_response(status)
            for name, value in ({"content-length": str(len(data))} | headers).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PUT = do_PATCH = handle_any  # noqa: N815 - named by http.server

        def log_message(self, format: str, *args: object) -> None:
            """Nothing is told."""

    server = ThreadingHTTPServer(("localhost", 0), Handler)
    shop.url = f"http://localhost:{server.server_address[1]}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield shop
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
