"""A thin client of the price desk's API: pip install '.[shops]' in the clone.

    with Client(address, key) as desk:
        for row in desk.decisions(run, action="change"):
            print(row["sku"], row["price"])

Money is integer minor units, as in the API. Each change carries an Idempotency-Key of its own, so that it is done once however often it
has to be sent; a wait that the desk asks for (Retry-After) is kept.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any, Literal
from urllib.parse import quote

import httpx
import msgspec

from pricesmith.contracts.errors import PricesmithError

__all__ = ["Client", "DeskError"]

TRIES, FIRST_PAUSE, LONGEST_PAUSE = 5, 0.5, 60.0
"""How often one request is sent, and seconds between two tries: doubled each time, or as long as the desk says."""
AGAIN = (429, 502, 503)
Answer = dict[str, Any]


class DeskError(PricesmithError):
    """The desk did not do it. status: of HTTP; code: stable, such as `not_allowed`."""

    def __init__(self, status: int, code: str, what: str, hint: str = "") -> None:
        self.status, self.code = status, code
        super().__init__(what, where=f"price desk, {status}", hint=hint)


class Client:
    """The desk at an address, asked with a key.

    transport  in place of the network
    pause      waits so many seconds
    """

    def __init__(
        self,
        address: str,
        key: str,
        *,
        timeout: float = 30.0,
        transport: httpx.BaseTransport | None = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        headers = {"Authorization": f"Bearer {key}", "Accept": "application/json"}
        self._http = httpx.Client(base_url=address.rstrip("/") + "/api/v1/", headers=headers, timeout=timeout, transport=transport)
        self._pause = pause

    def __enter__(self) -> Client:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    def me(self) -> Answer:
        return self.get("me")

    def runs(self) -> Iterator[Answer]:
        """The runs, the newest first."""
        return self.each("runs", "runs")

    def run(self, run: str) -> Answer:
        return self.get(f"runs/{_part(run)}")

    def decisions(self, run: str, **filters: str) -> Iterator[Answer]:
        """Every price that a run proposes and the filters let through: `action`, `category`, `search`, ..."""
        return self.each(f"runs/{_part(run)}/decisions", "decisions", **filters)

    def product(self, sku: str, *, run: str = "", channel: str = "", region: str = "") -> Answer:
        return self.get(f"products/{_part(sku)}", run=run, channel=channel, region=region)

    def audit(self, **filters: str) -> Iterator[Answer]:
        """Every act, the newest first."""
        return self.each("audit", "acts", **filters)

    def answer(
        self,
        run: str,
        answer: Literal["accept", "reject", "withdraw"],
        products: Sequence[tuple[str, str, str]] | None = None,
        why: str = "",
    ) -> Answer:
        """Answer a run, or some (sku, channel, region) of it."""
        items = None if products is None else [{"sku": sku, "channel": channel, "region": region} for sku, channel, region in products]
        return self.change(f"runs/{_part(run)}/verdicts", {"answer": answer, "products": items, "why": why})

    def override(self, run: str, sku: str, price: int, currency: str, why: str, *, channel: str = "", region: str = "") -> Answer:
        """A new run with this price (minor units of the currency), which somebody else approves."""
        body = {"sku": sku, "price": price, "currency": currency, "why": why, "channel": channel, "region": region}
        return self.change(f"runs/{_part(run)}/overrides", body)

    def dry_run(self, run: str, to: str) -> Answer:
        return self.change(f"runs/{_part(run)}/dry-runs", {"to": to})

    def publish(self, run: str, to: str) -> Answer:
        """Send what is approved to a shop."""
        return self.change(f"runs/{_part(run)}/publications", {"to": to, "sure": True})

    def undo(self, run: str, to: str) -> Answer:
        """Put back what stood in a shop before a run."""
        return self.change(f"runs/{_part(run)}/undo", {"to": to, "sure": True})

    def stop(self, why: str, *, scope: Literal["all", "target", "sku"] = "all", name: str = "*") -> Answer:
        """The kill switch."""
        return self.change("switches/stop", {"why": why, "scope": scope, "name": name})

    def wait(self, job: str, seconds: float = 600.0) -> Answer:
        """The job when it is over. Raises DeskError where it is not within that time."""
        waited = 0.0
        while True:
            found = self.get(f"jobs/{_part(job)}")
            if found["ended"] is not None:
                return found
            if waited >= seconds:
                raise DeskError(0, "under_way", f"job {job} is not over after {seconds:g} s", "wait longer")
            self._pause(1.0)
            waited += 1.0

    def get(self, path: str, **query: str) -> Answer:
        """Any GET of the API."""
        return self._asked("GET", path, params={name: value for name, value in query.items() if value != ""})

    def each(self, path: str, name: str, **query: str) -> Iterator[Answer]:
        """Every row of a list, asked for part by part."""
        cursor: str | None = ""
        while cursor is not None:
            part = self.get(path, **query, cursor=cursor)
            yield from part[name]
            cursor = part["next"]

    def change(self, path: str, body: Mapping[str, Any], again: str = "") -> Answer:
        """Any POST of the API. again: its Idempotency-Key, a fresh one where it is left out."""
        return self._asked("POST", path, json=dict(body), headers={"Idempotency-Key": again or secrets.token_hex(16)})

    def _asked(self, method: str, path: str, **what: Any) -> Answer:
        for number in range(TRIES):
            last = number == TRIES - 1
            try:
                response = self._http.request(method, path, **what)
            except httpx.TransportError as error:
                if last:
                    raise DeskError(0, "unreachable", f"the desk cannot be reached: {error}", "is it running at this address?") from None
                self._pause(FIRST_PAUSE * 2**number)
                continue
            if response.status_code not in AGAIN or last:
                return _told(response)
            self._pause(_seconds(response.headers.get("retry-after", ""), FIRST_PAUSE * 2**number))
        raise AssertionError("every way out of the loop was taken")


def _told(response: httpx.Response) -> Answer:
    try:
        document = msgspec.json.decode(response.content, type=dict[str, Any])
    except msgspec.DecodeError:
        raise DeskError(response.status_code, "no_json", "what answered is not the desk", "check the address") from None
    if response.is_success:
        return document
    raise DeskError(response.status_code, str(document.get("code", "")), str(document.get("detail", "")), str(document.get("hint", "")))


def _seconds(text: str, otherwise: float) -> float:
    """As the desk says, within reason."""
    return min(float(text), LONGEST_PAUSE) if text.isascii() and text.isdigit() else otherwise


def _part(name: str) -> str:
    return quote(name, safe="")
