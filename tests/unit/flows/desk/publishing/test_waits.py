"""What prices on their way wait for, and what took the place of those that came, from rows of the ledger."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

from pricesmith.contracts.ledger import APPLIED, AUDIT, INTENTS, RECEIPTS, SWITCHES
from pricesmith.contracts.tables import Table
from pricesmith.flows.desk.publishing import receipts, waits
from pricesmith.flows.desk.publishing.ended import ended
from pricesmith.flows.publishing.sending import patience
from pricesmith.flows.publishing.sending.waves import Wave

AT = dt.datetime(2026, 6, 1, 9, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)
KEY = {"channel": "default", "region": "default", "target": "web", "currency": "EUR"}


class Reading:
    """The tables of a ledger, and the outbox."""

    def __init__(self, tables: Mapping[str, pl.DataFrame], due: Mapping[str, dt.datetime]) -> None:
        self.tables = tables
        self.policy = SimpleNamespace(guards=SimpleNamespace(dwell_minutes=60))
        frame = pl.DataFrame(list(due.items()), schema={"intent": pl.String, "due": pl.Datetime("us", "UTC")}, orient="row")
        self.book = SimpleNamespace(waiting=lambda _target: frame)

    def rows(self, table: str) -> pl.DataFrame:
        return self.tables[table]


def rows(table: Table, *told: Mapping[str, object]) -> pl.DataFrame:
    """Rows of a table of the ledger with `seq`, what is not told left out."""
    full = [{**{name: row.get(name) for name in table.schema.names()}, "seq": row.get("seq", 1)} for row in told]
    return pl.DataFrame(full, schema={**table.schema, "seq": pl.Int64()}, orient="row")


def intent(name: str, seq: int = 1, **more: object) -> dict[str, object]:
    plain = {
        "intent": name,
        "sku": name,
        "run": "r",
        "at": AT - 100 * MINUTE,
        "version": 1,
        "price": 100,
        "previous": 90,
        "kind": "publish",
    }
    return {**KEY, **plain, "expires": AT + 999 * MINUTE, "seq": seq, **more}


def reading(due: Mapping[str, dt.datetime], **told: list[dict[str, object]]) -> Any:
    tables = {"intents": INTENTS, "receipts": RECEIPTS, "applied": APPLIED, "switches": SWITCHES}
    made = {name: rows(table, *told.get(name, [])) for name, table in tables.items()}
    audit = [
        {"seq": 1, "at": AT, "by": "anna", "act": "queued", "subject": "r web", "digest": "", "chain": "", **row}
        for row in told.get("audit", [])
    ]
    return Reading({**made, "audit": pl.DataFrame(audit, schema=AUDIT.schema, orient="row")}, due)


def waiting(place: Any) -> dict[str, tuple[str, dt.datetime | None]]:
    left = receipts.tried(place).filter(pl.col("fate") == receipts.WAITING)
    return {row["sku"]: (row["wait"], row["until"]) for row in waits.waiting(place, "web", left, AT).iter_rows(named=True)}


@pytest.fixture(autouse=True)
def stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waits, "attestation", lambda _reading, _at: SimpleNamespace(stands=True))


def test_each_price_waits_for_what_keeps_it_back(monkeypatch: pytest.MonkeyPatch) -> None:
    later = AT + 9 * MINUTE
    tries = {"attempt": 1, "at": AT - MINUTE, "worker": "w", "fate": "unknown", "seq": 2}
    place = reading(
        dict.fromkeys(("a", "b", "c", "d", "e"), later) | {"f": AT - MINUTE},
        intents=[intent(name) for name in "abcdef"],
        receipts=[{**tries, "intent": "a", "code": "unreachable"}, {**tries, "intent": "b", "code": "unseen"}],
        applied=[{**KEY, "sku": "c", "at": AT - 10 * MINUTE, "price": 90, "cause": "found"}],
        switches=[{"switch": "1", "scope": "sku", "name": "d", "state": "stop", "by": "anna", "at": AT - MINUTE}],
    )
    assert waiting(place) == {
        "a": ("unreachable", later),
        "b": ("reading", later),
        "c": ("dwell", AT + 50 * MINUTE),
        "d": ("sku_stopped", None),
        "e": ("turn", later),
        "f": ("now", None),
    }
    busy = {"act": patience.ACT, "subject": patience.subject("web", later)}
    place.tables["audit"] = reading({}, audit=[busy]).tables["audit"]
    assert {code for code, _ in waiting(place).values()} == {"busy"}
    monkeypatch.setattr(waits, "attestation", lambda _reading, _at: SimpleNamespace(stands=False))
    assert {code for code, _ in waiting(place).values()} == {"unattested"}


def test_a_moment_that_has_passed_is_none() -> None:
    tries = {"attempt": 1, "at": AT - 9 * MINUTE, "worker": "w", "fate": "unknown", "seq": 2}
    place = reading(
        dict.fromkeys("ab", AT - MINUTE),
        intents=[intent(name) for name in "ab"],
        receipts=[{**tries, "intent": "a", "code": "unreachable"}, {**tries, "intent": "b", "code": "unseen"}],
    )
    assert waiting(place) == {"a": ("unreachable", None), "b": ("reading", None)}


def test_only_the_newest_price_of_a_product_is_still_to_leave() -> None:
    """What was never sent, and a newer run asks for another price of: the next worker writes down that it is superseded."""
    tries = {"attempt": 1, "at": AT - MINUTE, "worker": "w", "fate": "unknown", "code": "unreachable", "seq": 2}
    place = reading(
        {},
        intents=[
            intent("a", sku="x"),
            intent("b", sku="x", run="newer", version=2, seq=3),
            intent("c", sku="y"),
            intent("d", sku="y", run="newer", version=2, seq=3),
            intent("e", sku="z"),
            intent("f", sku="z", version=2, kind="undo", seq=3),
        ],
        receipts=[{**tries, "intent": "a"}, {**tries, "intent": "c", "code": "timeout", "sent": 100}, {**tries, "intent": "e"}],
    )
    fates = dict(receipts.tried(place).select("intent", "fate").iter_rows())
    expected = {"a": "superseded", "b": "waiting", "c": "waiting", "d": "waiting", "e": receipts.CALLED_OFF, "f": "waiting"}
    assert fates == expected, "what was sent may have arrived: it is read first"


@pytest.mark.parametrize(
    ("share", "expected"),
    [
        (0.1, [("wave", 7), ("sku_stopped", 1)]),
        (0.5, [("wave", 5), ("now", 2), ("sku_stopped", 1)]),
        (1.0, [("now", 4), ("turn", 3), ("sku_stopped", 1)]),
    ],
)
def test_those_beyond_the_wave_wait_for_it(share: float, expected: list[tuple[str, int]]) -> None:
    codes = ["turn"] * 3 + ["now"] * 4 + ["sku_stopped"]
    left = pl.DataFrame({"wait": codes, "until": [None] * 8}, schema_overrides={"until": pl.Datetime("us", "UTC")})
    found = waits.waits_of(left, Wave(share, AT if share < 1 else None), 10)
    assert [(one.code, one.count) for one in found] == expected
    assert all(one.until == AT for one in found if one.code == "wave")


def test_what_took_the_place_of_a_price_that_came() -> None:
    came = {"attempt": 1, "at": AT, "worker": "w", "fate": "applied", "code": "", "seq": 10}
    seen = {**KEY, "at": AT, "cause": "publish", "seq": 10}
    place = reading(
        {},
        intents=[
            *(intent(name) for name in "abcd"),
            intent("a2", 20, sku="a", run="s", price=120),
            intent("b2", 21, sku="b", price=90, kind="undo"),
        ],
        receipts=[{**came, "intent": name} for name in "abcd"],
        applied=[
            *({**seen, "sku": name, "intent": name, "price": 100} for name in "abcd"),
            {**seen, "sku": "a", "intent": "a2", "price": 120, "seq": 20, "at": AT + MINUTE},
            {**seen, "sku": "b", "intent": "b2", "price": 90, "seq": 21, "cause": "undo", "at": AT + MINUTE},
            {**seen, "sku": "c", "intent": None, "price": 95, "seq": 22, "cause": "drift", "at": AT + MINUTE},
            {**seen, "sku": "c", "intent": None, "price": 100, "seq": 23, "cause": "drift", "at": AT + 2 * MINUTE},
        ],
        audit=[{"seq": 20, "by": "w"}, {"seq": 21, "by": "ben"}],
    )
    found = {
        row["intent"]: (row["end"], row["end_by"], row["end_run"], row["end_price"], row["stands"])
        for row in ended(place, place.rows("intents")).iter_rows(named=True)
    }
    assert found == {
        "a": ("replaced", None, "s", 120, False),
        "b": ("undone", "ben", "r", 90, False),
        "c": (None, None, None, None, False),
        "d": (None, None, None, None, True),
    }
    only = place.rows("intents").filter(pl.col("intent").is_in(["a", "d"]))
    assert ended(place, only).select("intent", "end").rows() == [("a", "replaced"), ("d", None)]
