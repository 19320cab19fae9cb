"""The newest run is laid out before somebody looks."""

from __future__ import annotations

from pathlib import Path

import pytest

from pricesmith.contracts.errors import LedgerError
from pricesmith.flows.desk.data import spoiled, unsaid
from pricesmith.flows.desk.reading import warming
from tests.desk.place import Place, place


@pytest.fixture
def desk(tmp_path: Path) -> Place:
    return place(tmp_path / "shop")


def test_the_first_look_reads_no_more_of_the_run(desk: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    reading = desk.desk.reading
    warming.warm(reading)
    read: list[str] = []
    plain = reading.book.read

    def counted(table: str, *more: object, **named: object) -> object:
        read.append(table)
        return plain(table, *more, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(type(reading.book), "read", lambda _self, table, *more, **named: counted(table, *more, **named))
    client = desk.client()
    for address in ("/", "/prices", "/approvals", "/models", f"/runs/{desk.run}"):
        assert client.get(address, headers={"Accept": "text/html"}).status_code == 200
    assert "decided" not in read and "contents" not in read


def test_the_guide_looks_at_the_tables_before_somebody_asks(desk: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    warming.warm(desk.desk.reading)

    def read_again(*_: object) -> None:
        raise AssertionError("the tables were read again")

    monkeypatch.setattr(unsaid, "rows_of", read_again)
    monkeypatch.setattr(spoiled, "_spoiled", read_again)
    assert desk.client().get("/start", headers={"Accept": "text/html"}).status_code == 200


def test_each_new_run_is_laid_out_once(desk: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    reading, seen = desk.desk.reading, list[str]()
    newest = iter(["one", "one", "two", "two"])
    monkeypatch.setattr(warming, "_latest", lambda _reading: next(newest))
    monkeypatch.setattr(warming, "warm", lambda _reading: seen.append("warmed"))
    ends = iter([False, False, False, True])
    warming.keep_warm(reading, lambda _seconds: next(ends))
    assert len(seen) == 2


def test_a_ledger_that_cannot_be_read_stops_nothing(desk: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> str:
        raise LedgerError("gone")

    monkeypatch.setattr(desk.desk.reading, "latest", broken)
    warming.warm(desk.desk.reading)
    warming.keep_warm(desk.desk.reading, lambda _seconds: True)
