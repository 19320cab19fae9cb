"""Calls to a shop over HTTP: one way in, for every platform.

A call leaves only to the address of the policy, over TLS or within this machine, not faster than the vendor allows, and not before a
wait is over. What comes back is an Answer, or an error whose text holds no secret: ShopBusy where the shop asks to wait, NoAnswerError
where what the call did is unknown, else ShopError.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

from pricesmith.contracts.errors import ShopBusy, ShopError
from pricesmith.contracts.shop import Capability, Surroundings

from ._address import Address
from ._bucket import Bucket
from ._json import read_json, write_json
from ._redact import Redactor

TIMEOUT = 30.0
MOST_BYTES = 64 * 2**20
PATIENCE = 300.0
Params = Mapping[str, str | int]


class NoAnswerError(ShopError):
    """A call left, and no answer that can be understood came back: it may or may not have been carried out.

    code  stable reason: `timeout`, `reset`, `http_500`, `not_json`, ...
    """

    def __init__(self, code: str, what: str, *, where: str = "") -> None:
        self.code = code
        super().__init__(what, where=where, hint="reading the shop tells what was carried out")


@dataclass(frozen=True, slots=True)
class Answer:
    """What the shop answered; header names are lower case."""

    status: int
    headers: Mapping[str, str]
    data: bytes
    where: str

    @property
    def json(self) -> Any:
        try:
            return read_json(self.data)
        except ValueError:
            raise NoAnswerError("not_json", "the answer is not JSON", where=self.where) from None


class Caller:
    """The one way to a shop.

    url      address of its API, as the policy has it
    around   clock, sleep, jitter and transport
    allowed  whose rate is kept to
    headers  sent with every call; their values are secrets
    known    statuses beside 2xx that are answers, not errors
    skew     seconds by which this machine's clock is ahead of the shop's, by its last answer; None where that is not known
    """

    def __init__(
        self,
        url: str,
        around: Surroundings,
        allowed: Capability,
        *,
        headers: Mapping[str, str] | None = None,
        secrets: tuple[str, ...] = (),
        known: tuple[int, ...] = (),
    ) -> None:
        self.address, self.around, self.known = Address(url), around, frozenset(known)
        self.bucket = Bucket(allowed.per_second, allowed.burst, around)
        self.redactor = Redactor((*secrets, *(headers or {}).values()))
        self.headers = dict(headers or {})
        self.skew: float | None = None
        self._free: dt.datetime | None = None
        self._patient = False
        self._client = _client(around)

    def hide(self, *secrets: str) -> None:
        """Keep these out of every message from now on."""
        self.redactor.add(*secrets)

    @contextmanager
    def patiently(self) -> Iterator[None]:
        """Within this, calls wait where the shop asks to, and are made again: for long readings only.

        Of one call at most PATIENCE seconds in all; a shop that says no again and again is asked ever less often.
        """
        self._patient = True
        try:
            yield
        finally:
            self._patient = False

    def clean(self, words: object) -> str:
        """Words of the shop as they may be shown: one line, no secret."""
        return self.redactor.clean(words)

    def call(
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        json: Any = None,
        form: Mapping[str, str] | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Make one call.

        path  below the shop's address, or a whole address there
        json  body as a JSON document; or `form` fields, or `content` as it is
        """
        body = write_json(json) if json is not None else content
        kind = {"content-type": "application/json"} if json is not None else {}
        sent = {"accept": "application/json", **kind, **self.headers, **(headers or {})}
        request = self._client.build_request(
            method, self.address.join(path), params=dict(params) if params else None, content=body, data=form, headers=sent
        )
        return self._patiently(request) if self._patient else self._once(request)

    def _patiently(self, request: Any) -> Answer:
        waited, refused = 0.0, 0
        while True:
            try:
                return self._once(request)
            except ShopBusy as busy:
                wait = max(busy.wait or 0.0, 2.0 ** min(refused, 6)) * (1.0 + 0.1 * float(self.around.rng.random()))
                if waited + wait > PATIENCE:
                    raise self._given_up(busy, waited) from None
                self.around.waits(wait)
                self.around.sleep(wait)
                waited, refused = waited + wait, refused + 1

    def _given_up(self, busy: ShopBusy, waited: float) -> ShopBusy:
        """The same, with what was tried."""
        asked = "" if busy.wait is None else f" for {busy.wait:g} s"
        what = f"{busy.what}{asked}{f', after {waited:.0f} s of waiting' if waited else ''}; {PATIENCE:g} s is the most for one call"
        hint = "run the command again later; does another program use up what the shop allows?"
        return ShopBusy(what, wait=busy.wait, where=busy.where, hint=hint)

    def busy(self, what: str, wait: float | None) -> ShopBusy:
        """The error for a shop that asks to wait; until then no call leaves."""
        if wait is not None:
            self._free = self.around.clock() + dt.timedelta(seconds=wait)
        return ShopBusy(what, wait=wait, where=self.address.base)

    def _once(self, request: Any) -> Answer:
        left = (self._free - self.around.clock()).total_seconds() if self._free else 0.0
        if left > 0:
            raise ShopBusy("the shop asked to wait", wait=left, where=self.address.base)
        self.bucket.take()
        return self._judge(self._send(request))

    def _send(self, request: Any) -> Answer:
        import httpx

        where = f"{request.method} {self.clean(request.url.copy_with(query=None))}"
        try:
            response = self._client.send(request, stream=True)
            try:
                data = _read(response, where)
            finally:
                response.close()
                self._client.cookies.clear()  # a session cookie would go on where a token is refused
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol) as error:
            raise ShopError(f"cannot be reached: {self.clean(error)}", where=where, hint="is `url` right, and is it running?") from None
        except httpx.TimeoutException:
            raise NoAnswerError("timeout", f"no answer within {TIMEOUT:g} s", where=where) from None
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise NoAnswerError("reset", f"the connection broke: {self.clean(error)}", where=where) from None
        told = response.headers.get("date")
        self.skew = self.skew if told is None else skew_of(told, self.around.clock())
        return Answer(response.status_code, {name.lower(): value for name, value in response.headers.items()}, data, where)

    def _judge(self, answer: Answer) -> Answer:
        status, words = answer.status, self.clean(answer.data[:4000].decode("utf-8", "replace"))
        if status // 100 == 2 or status in self.known:
            return answer
        if status == 429 or (status == 503 and "retry-after" in answer.headers):
            raise self.busy(f"the shop asks to wait ({status})", retry_after(answer.headers, self.around.clock()))
        if status >= 500:
            raise NoAnswerError(f"http_{status}", f"the shop answered {status}: {words}", where=answer.where)
        if status in (401, 403):
            raise ShopError(f"the shop refuses access ({status}): {words}", where=answer.where, hint="check the secret and what it may do")
        if status // 100 == 3:
            raise ShopError(f"the shop points elsewhere ({status})", where=answer.where, hint="write the final address into `url`")
        raise ShopError(f"the shop answered {status}: {words}", where=answer.where)


def retry_after(headers: Mapping[str, str], now: dt.datetime) -> float | None:
    """Seconds to wait, from a Retry-After header in seconds or as a date; None where there is none that can be read."""
    from email.utils import parsedate_to_datetime

    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.replace(".", "", 1).isdigit():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    return max((moment - now).total_seconds(), 0.0)


def skew_of(told: str, now: dt.datetime) -> float | None:
    """Seconds by which `now` is ahead of a Date header, which names whole seconds; None where it cannot be read."""
    from email.utils import parsedate_to_datetime

    try:
        moment = parsedate_to_datetime(told)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    return (now - moment).total_seconds() - 0.5


def _client(around: Surroundings) -> Any:
    try:
        import httpx
    except ImportError:
        raise ShopError("shops need the package httpx", hint="pip install '.[shops]' in the clone") from None
    for name in ("httpcore", "httpx"):  # below WARNING they tell headers and addresses
        logging.getLogger(name).setLevel(logging.WARNING)
    verify = True if around.transport else _certificates()
    return httpx.Client(transport=around.transport, verify=verify, timeout=TIMEOUT, follow_redirects=False, trust_env=False)


@cache
def _certificates() -> Any:
    """Whom a shop's certificate is checked against, the same for all shops of a process: reading them takes tens of milliseconds."""
    import httpx

    return httpx.create_ssl_context(trust_env=False)


def _read(response: Any, where: str) -> bytes:
    data = bytearray()
    for part in response.iter_bytes():
        data += part
        if len(data) > MOST_BYTES:
            raise NoAnswerError("too_long", f"the answer is longer than {MOST_BYTES // 2**20} MiB", where=where)
    return bytes(data)
