"""The desk as an ASGI application: its routes, its static files, and what holds for every answer."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from functools import partial
from importlib.resources import files

from starlette.applications import Starlette
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route as Place
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from . import access
from .answer import Answers
from .ask import Desk
from .limits import Limits
from .problem import FAULT, Refused
from .route import Route

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
MEDIA = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml", "txt": "text/plain"}


def application(desk: Desk, routes: Iterable[Route], limits: Limits | None = None) -> ASGIApp:
    """The desk with these routes. Serve it with one process: what it has read is kept in its memory."""
    answers = Answers(desk, limits or Limits())
    places = [Place(route.path, _endpoint(answers, route), methods=[route.method], name=route.name) for route in routes]
    places.append(Place("/static/{digest}/{name}", _static))
    shown = partial(_unknown, answers)
    inner = Starlette(routes=places, exception_handlers={404: shown, 405: shown, 500: partial(_fault, answers)})
    return Guarded(inner, desk)


def _endpoint(answers: Answers, route: Route):  # type: ignore[no-untyped-def]
    async def endpoint(request: Request) -> Response:
        return await answers(route, request)

    return endpoint


async def _static(request: Request) -> Response:
    from pricesmith.apps.web.render import asset

    name = request.path_params["name"]
    known = {file.name for file in files("pricesmith.apps.web").joinpath("static").iterdir()}
    if name not in known or asset(name) != request.url.path:
        return PlainTextResponse("not found", 404)
    data = files("pricesmith.apps.web").joinpath("static", name).read_bytes()
    media = MEDIA.get(name.rpartition(".")[2], "application/octet-stream")
    return Response(data, media_type=media, headers={"Cache-Control": "public, max-age=31536000, immutable"})


async def _unknown(answers: Answers, request: Request, error: Exception) -> Response:
    if getattr(error, "status_code", 404) == 405:
        found = Refused(405, "method", "this address takes another method")
    else:
        found = Refused(404, "not_found", f"there is nothing at {request.url.path}", "start at /")
    return await answers.nothing(request, found.problem, getattr(error, "headers", None))


async def _fault(answers: Answers, request: Request, error: Exception) -> Response:
    what = f"unexpected {type(error).__name__}"
    found = Refused(500, FAULT, what, "a fault in pricesmith: please report what you did; the log of the server shows more")
    return answers._problem(request, found.problem, None)


class Guarded:
    """What holds for every answer: only known hosts, the same headers, and a cookie that binds forms to this browser."""

    def __init__(self, inner: ASGIApp, desk: Desk) -> None:
        self.inner, self.desk = inner, desk

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.inner(scope, receive, send)
            return
        request = Request(scope)
        if not access.host_known(self.desk, Headers(scope=scope).get("host", "")):
            answer = PlainTextResponse("this desk is not served under that name; `serve --allow-host NAME` adds one\n", 421)
            await answer(scope, receive, send)
            return
        bound = access.LOCAL in request.cookies
        fresh = "" if bound else f"{secrets.token_hex(16)}."
        if fresh:
            scope["ps_local"] = fresh.partition(".")[0]

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", "no-store")
                if scope["scheme"] == "https":
                    headers.setdefault("Strict-Transport-Security", "max-age=31536000")
                if fresh and not scope["path"].startswith(("/static/", "/api/")):
                    secure = "; Secure" if scope["scheme"] == "https" else ""
                    headers.append("Set-Cookie", f"{access.LOCAL}={fresh}; Path=/; HttpOnly; SameSite=Strict; Max-Age=31536000{secure}")
            await send(message)

        await self.inner(scope, receive, sent)
