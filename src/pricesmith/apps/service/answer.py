"""The one way from a request to an answer, for every route: who, may they, what is asked, do it, say it as a page or as JSON."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Mapping
from typing import Any, Literal
from urllib.parse import quote, urlsplit

import msgspec
from anyio import to_thread
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse

from pricesmith.apps.web.render import bare_page, error_page, landing_page, page
from pricesmith.apps.web.words import LANGUAGES, Words
from pricesmith.contracts.accounts import Reply, Who
from pricesmith.contracts.errors import PricesmithError

from . import access, problem
from .ask import Ask, Desk, Done, File, Landed, Stream
from .errand import ERRAND
from .errand import LONGEST as LONGEST_ERRAND
from .given import Body, Sent, body_of, filled
from .limits import SIGN_INS_AT_ONCE, SIGN_INS_PER_SECOND, Limits
from .problem import FAULT, GONE, Problem, Refused
from .route import Route

LANGUAGE, THEME, SAID = "ps_language", "ps_theme", "ps_said"
JSON = "application/json"
AGES = {access.SESSION: 12 * 3600, ERRAND: LONGEST_ERRAND}
"""Seconds for which a browser keeps a cookie that ends by then."""
AGAIN, PART = "Idempotency-Key", "Part"
SHORTEST, LONGEST = 16, 100
"""Characters of an idempotency key of a program."""


class Answers:
    """Serves routes of one desk."""

    def __init__(self, desk: Desk, limits: Limits) -> None:
        self.desk, self.limits = desk, limits
        self.sign_ins = Limits(SIGN_INS_PER_SECOND, SIGN_INS_AT_ONCE)

    async def __call__(self, route: Route, request: Request) -> Response:
        asker: Who | None = None
        body = Body({}, b"")
        try:
            there(self.desk)
            asker = await to_thread.run_sync(self._who, request)
            access.allowed(route, asker)
            if route.guessing:
                self.sign_ins.take(request.client.host if request.client else "", time.monotonic())
            body = await body_of(request, route)
            if route.changes:
                csrf = str((not route.api and body.fields.pop("_csrf", "")) or request.headers.get("x-csrf-token", ""))
                access.genuine(self.desk, asker, request.cookies, request.headers, csrf)
            return await to_thread.run_sync(self._answer, route, request, asker, body)
        except Refused as refused:
            if refused.form and not wants_json(request):
                return RedirectResponse(refused.form, 303)
            return self._problem(request, refused.problem, asker, refused.headers, body)
        except PricesmithError as error:
            return self._problem(request, problem.of(error), asker, None, body)

    async def nothing(self, request: Request, found: Problem, headers: Mapping[str, str] | None) -> Response:
        """An address that no route has: whoever is signed in keeps the menu."""
        try:
            there(self.desk)
        except Refused as gone:
            return self._problem(request, gone.problem, None)
        try:
            asker = await to_thread.run_sync(self._who, request)
        except (Refused, PricesmithError):
            asker = None
        return self._problem(request, found, asker, headers)

    def _who(self, request: Request) -> Who | None:
        at = self.desk.reading.now()
        asker = access.who(self.desk, request.cookies, request.headers.get("authorization", ""), at)
        address = request.client.host if request.client else ""
        self.limits.take(f"{asker.handle or asker.name} {address}" if asker else address, time.monotonic())
        return asker

    def _answer(self, route: Route, request: Request, asker: Who | None, body: Body) -> Response:
        again = str((not route.api and body.fields.pop("_once", "")) or request.headers.get(AGAIN.lower(), ""))
        if route.api and route.changes and asker is not None and asker.via == "key":
            _long_enough(again)
        given = filled(route, body.fields, body.strict)
        ask = self._ask(request, asker, given, body.file)
        if not route.changes:
            with self.desk.reading.still():
                return self._said(route, request, ask, route.handle(ask))
        if route.secret or not again:
            return self._said(route, request, ask, route.handle(ask))
        return self._once(route, request, ask, again, body.raw)

    def _once(self, route: Route, request: Request, ask: Ask, again: str, raw: bytes) -> Response:
        """The same key with the same body gets the first answer again; with another body it is refused."""
        replies, caller = self.desk.accounts.replies, f"{ask.who.name} {ask.who.handle}"
        fingerprint = hashlib.sha256(f"{route.method} {request.url.path}\0".encode() + raw).hexdigest()
        known = replies.claim(caller, again, fingerprint, ask.at)
        if known is not None:
            return _restored(known)
        try:
            response = self._said(route, request, ask, route.handle(ask))
        except BaseException:
            replies.release(caller, again)
            raise
        headers = {name.lower(): value for name, value in response.headers.items() if name.lower() in _KEPT}
        kept = msgspec.json.encode([headers, bytes(response.body).decode()])
        replies.keep(caller, again, Reply(fingerprint, response.status_code, kept))
        return response

    def _ask(self, request: Request, asker: Who | None, given: Any, file: Sent | None = None) -> Ask:
        who = asker or Who("", frozenset(), "session")
        bound = access.binding(request.cookies) or request.scope.get("ps_local", "")
        csrf = access.token(self.desk, bound) if bound else ""
        theme, session = request.cookies.get(THEME, ""), request.cookies.get(access.SESSION, "")
        at, words = self.desk.reading.now(), words_of(request)
        path = {name: str(value) for name, value in request.path_params.items()}
        theme = theme if theme in ("light", "dark") else ""
        origin, errand = str(request.base_url).rstrip("/"), request.cookies.get(ERRAND, "")
        return Ask(self.desk, who, at, words, path, given, csrf, address_of(request), theme, session, file, origin, errand)

    def _said(self, route: Route, request: Request, ask: Ask, found: Any) -> Response:
        if isinstance(found, Response):
            return found
        if isinstance(found, Stream):
            return StreamingResponse((f"data: {text}\n\n" async for text in found.events), media_type="text/event-stream")
        if isinstance(found, File):
            name = f"attachment; filename*=UTF-8''{quote(found.name)}"
            return Response(found.data, media_type=found.media, headers={"Content-Disposition": name})
        if isinstance(found, Done):
            return _done(request, found)
        if isinstance(found, Landed):
            return _with_cookies(request, Response(landing_page(ask, found.to), media_type="text/html; charset=utf-8"), found.cookies)
        twin = msgspec.to_builtins(found, builtin_types=())
        if not route.template or wants_json(request):
            body = msgspec.json.encode(twin)
            return Response(body, media_type=JSON, headers={"Cache-Control": "no-store"}) if route.secret else _tagged(request, body, JSON)
        if route.instead is not None and (elsewhere := route.instead(found)):
            return RedirectResponse(elsewhere, 303)
        part = _part(route, request)
        said = "" if part else request.cookies.get(SAID, "")
        response = _tagged(request, page(route, ask, twin, said, part).encode(), "text/html; charset=utf-8")
        if route.secret:
            response.headers["Cache-Control"] = "no-store"
        if said:
            response.delete_cookie(SAID)
        return response

    def _problem(
        self,
        request: Request,
        found: Problem,
        asker: Who | None,
        headers: Mapping[str, str] | None = None,
        body: Body | None = None,
    ) -> Response:
        if wants_json(request):
            return Response(msgspec.json.encode(found), found.status, dict(headers or {}), problem.MEDIA)
        if found.code == "not_signed_in" and request.method == "GET":
            return RedirectResponse("/sign-in?to=" + quote(address_of(request)), 303)
        html = self._page(request, found, asker, body)
        return Response(html, found.status, dict(headers or {}), "text/html; charset=utf-8")

    def _page(self, request: Request, found: Problem, asker: Who | None, body: Body | None) -> str:
        """The page of a problem; without the menu, which is read from the shop folder, where that is gone or a fault may be the menu's."""
        if found.code in (GONE, FAULT):
            return bare_page(words_of(request), found)
        return error_page(self._ask(request, asker, None), found, came_from(request, body))


def there(desk: Desk) -> None:
    """Refuse everything while the shop folder is not there: what is still read of it would be old, and what is written would be lost."""
    if not desk.reading.folder.is_dir():
        what = "the folder of this shop is not there any more"
        hint = "put it back where it was and load this page again; where it was moved, end the desk and serve it from there"
        raise Refused(503, GONE, what, hint, where=str(desk.reading.folder))


def _long_enough(again: str) -> None:
    if not SHORTEST <= len(again) <= LONGEST:
        raise Refused(
            422,
            "idempotency_key",
            f"a change with a key needs {AGAIN} of {SHORTEST} to {LONGEST} characters",
            "send a fresh random text for each change, and the same one to ask for it again",
        )


_KEPT = {"content-type", "location", "content-disposition"}


def _restored(reply: Reply) -> Response:
    headers, body = msgspec.json.decode(reply.body, type=tuple[dict[str, str], str])
    return Response(body, reply.status, {**headers, "Idempotent-Replay": "true"})


def _done(request: Request, done: Done) -> Response:
    if wants_json(request):
        response = Response(msgspec.json.encode({"said": done.said, **done.facts}), media_type=JSON)
    else:
        response = RedirectResponse(done.to, 303)
        if done.said:
            told = quote(msgspec.json.encode([done.said, dict(done.facts)]))
            response.set_cookie(SAID, told, max_age=60, httponly=True, samesite="strict")
    return _with_cookies(request, response, done.cookies)


def _with_cookies(request: Request, response: Response, cookies: Mapping[str, str]) -> Response:
    """Kept for a year and sent from this desk alone, but what goes with somebody to a provider and back."""
    secure = request.url.scheme == "https"
    for name, value in cookies.items():
        if value:
            age = AGES.get(name, 365 * 86400)
            same: Literal["lax", "strict"] = "lax" if name == ERRAND else "strict"
            response.set_cookie(name, value, max_age=age, httponly=True, samesite=same, secure=secure)
        else:
            response.delete_cookie(name)
    return response


def _tagged(request: Request, body: bytes, media: str) -> Response:
    """With an ETag; 304 without a body where the asker has it already."""
    tag = f'"{hashlib.sha256(body).hexdigest()[:24]}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": f"Accept, Accept-Language, Cookie, {PART}"}
    if request.method == "GET" and tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type=media)


def _part(route: Route, request: Request) -> str:
    """The part of the page that is asked for alone; "" for the whole page, also where the page has no such part."""
    wanted = request.headers.get(PART, "")
    return wanted if wanted in route.parts else ""


def wants_json(request: Request) -> bool:
    """A program asks for JSON by Accept or by `?format=json`, and gets it from everything below /api/ whatever it says."""
    if request.url.path.startswith("/api/") or request.query_params.get("format") == "json":
        return True
    accept = request.headers.get("accept", "")
    return JSON in accept and "text/html" not in accept


def address_of(request: Request) -> str:
    """Path and query as they were asked for."""
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def came_from(request: Request, body: Body | None) -> str:
    """Where a person was: as the form says, else the page of this desk that the browser came from; "" where that is not known."""
    told = [body.fields.get(name) for name in ("back", "to")] if body is not None and request.method == "POST" else []
    from_ = urlsplit(request.headers.get("referer", ""))
    told += [from_.path + (f"?{from_.query}" if from_.query else "")] if from_.netloc == request.headers.get("host", "") else []
    places = (one for one in told if isinstance(one, str) and re.match(r"/(?![/\\])", one))
    return next((one for one in places if one != address_of(request) or request.method != "GET"), "")


def words_of(request: Request) -> Words:
    """The language that was chosen, else the browser's first that there is, else English."""
    wanted = [request.cookies.get(LANGUAGE, "")]
    wanted += [part.partition(";")[0].strip() for part in request.headers.get("accept-language", "").split(",")]
    found = (code.partition("-")[0].lower() for code in wanted)
    return Words(next((code for code in found if code in LANGUAGES), "en"))
