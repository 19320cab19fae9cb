"""The Python client: the example of the docs, waits, cursors, and changes that are sent twice and done once."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from pricesmith.client import LONGEST_PAUSE, TRIES, Client, DeskError
from tests.house.source import ROOT

from .place import Place, place


@pytest.fixture
def desk(tmp_path: Path) -> Place:
    return place(tmp_path / "shop")


class Through(httpx.BaseTransport):
    """To a desk in this process; `before` may answer in its place."""

    def __init__(self, found: Place, before: Callable[[httpx.Request], httpx.Response | None] = lambda _: None) -> None:
        self.client, self.before, self.seen = found.client(), before, []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request)
        early = self.before(request)
        if early is not None:
            return early
        found = self.client.request(request.method, str(request.url), content=request.read(), headers=dict(request.headers))
        return httpx.Response(found.status_code, headers=dict(found.headers), content=found.content)


def of(found: Place, *scopes: str, **more: Any) -> Client:
    return Client("http://localhost", found.key("approver", *scopes), pause=more.pop("pause", lambda _: None), **more)


def test_the_example_of_the_docs(desk: Place, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    text = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    example = re.search(r"```python\n(.*?)```", text, re.DOTALL)
    assert example is not None
    through = Through(desk)
    real = httpx.Client
    monkeypatch.setattr(httpx, "Client", lambda **what: real(**{**what, "transport": through}))
    exec(example[1], {"address": "http://localhost", "key": desk.key("approver", "read", "approve")})
    told = re.fullmatch(rf"{desk.run}: accepted (\d+) of (\d+) changes\n", capsys.readouterr().out)
    assert told is not None and 0 < int(told[1]) <= int(told[2])
    assert desk.desk.reading.rows("verdicts").height == int(told[1])


def test_lists_are_gone_through(desk: Place) -> None:
    with of(desk, "read", transport=Through(desk)) as client:
        whole = client.get(f"runs/{desk.run}/decisions", limit="1000")["decisions"]
        assert list(client.each(f"runs/{desk.run}/decisions", "decisions", limit="2")) == whole


def test_it_waits_as_long_as_the_desk_says(desk: Place) -> None:
    waits: list[float] = []
    busy = [httpx.Response(429, headers={"Retry-After": text}) for text in ("7", "soon", "99999")]
    through = Through(desk, lambda _: busy.pop(0) if busy else None)
    assert of(desk, "read", transport=through, pause=waits.append).me()["name"] == "approver"
    assert waits == [7.0, 1.0, LONGEST_PAUSE]


def test_a_change_whose_answer_was_lost_is_done_once(desk: Place) -> None:
    through = Through(desk)
    lost = [True]
    inner = through.handle_request

    def handle(request: httpx.Request) -> httpx.Response:
        found = inner(request)
        if lost.pop() if lost else False:
            raise httpx.ReadError("the line was cut")
        return found

    through.handle_request = handle  # type: ignore[method-assign]
    client = of(desk, "read", "stop", transport=through)
    assert client.stop("a test")["stopped"]
    assert desk.desk.reading.rows("switches").height == 1
    assert len({request.headers["idempotency-key"] for request in through.seen}) == 1 and len(through.seen) == 2


def test_it_gives_up_and_says_why(desk: Place) -> None:
    through = Through(desk, lambda _: httpx.Response(503, json={"status": 503, "code": "ledger", "detail": "locked"}))
    with pytest.raises(DeskError, match="locked") as raised:
        of(desk, "read", transport=through).me()
    assert (raised.value.status, raised.value.code, len(through.seen)) == (503, "ledger", TRIES)
    with pytest.raises(DeskError, match="not the desk"):
        of(desk, "read", transport=Through(desk, lambda _: httpx.Response(200, text="<html>"))).me()
    with pytest.raises(DeskError) as raised:
        of(desk, "read", transport=Through(desk)).stop("may not")
    assert raised.value.code == "not_allowed"
