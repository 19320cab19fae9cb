"""A quote is the price that was last seen in a shop, else the current price of the latest run: never one that was merely decided."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricesmith.contracts.errors import LedgerError
from pricesmith.contracts.ledger import Act
from pricesmith.flows.desk.quotes import in_force as quotes
from pricesmith.flows.desk.quotes.in_force import KEY, MANY, NOTHING, InForce, advance
from pricesmith.testing.fake_ledger import FakeLedger
from pricesmith.testing.ledger_rows import AT, DAY, made
from tests.examples import examples

ACT = Act(AT, "anna", "did", "it")
WHERE = {"channel": "default", "region": "default"}


def ledger() -> FakeLedger:
    """One run that would raise A001 from 1000 to 1099."""
    book = FakeLedger()
    book.append(ACT, {"runs": made("runs"), "decided": made("decided")})
    return book


def row(prices: InForce, sku: str = "A001") -> dict[str, Any]:
    return prices.rows.filter(pl.col("sku") == sku).row(0, named=True)


def priced(prices: InForce) -> pl.DataFrame:
    return prices.rows.filter(pl.col("price") > 0).sort(KEY)


def test_a_price_that_was_only_decided_is_not_in_force() -> None:
    found = row(advance(ledger(), NOTHING))
    assert (found["price"], found["source"], found["run"], found["shop"]) == (1000, "current", "run-1", "")
    assert found["at"] == dt.datetime(2026, 11, 2, tzinfo=dt.UTC)


def test_approval_and_intents_change_nothing_until_the_price_is_seen_in_the_shop() -> None:
    book = ledger()
    book.append(ACT, {"intents": made("intents")})
    assert row(advance(book, NOTHING))["price"] == 1000
    book.append(ACT, {"applied": made("applied", at=AT + DAY)})
    found = row(advance(book, NOTHING))
    assert (found["price"], found["source"], found["cause"], found["shop"], found["run"]) == (1099, "applied", "publish", "web", "run-1")
    assert found["at"] == AT + DAY


def test_what_somebody_else_set_is_in_force_and_comes_from_no_run() -> None:
    book = ledger()
    book.append(ACT, {"applied": made("applied", price=1250, cause="drift", intent=None)})
    found = row(advance(book, NOTHING))
    assert (found["price"], found["cause"], found["run"]) == (1250, "drift", "")


def test_a_later_run_does_not_touch_a_price_that_was_seen() -> None:
    book = ledger()
    book.append(ACT, {"applied": made("applied")})
    book.append(ACT, {"runs": made("runs", run="run-2"), "decided": made("decided", run="run-2", current_price=700)})
    found = row(advance(book, NOTHING))
    assert (found["price"], found["source"], found["listed"]) == (1099, "applied", True)


def test_the_latest_run_alone_says_current_prices() -> None:
    book = ledger()
    book.append(
        ACT, {"runs": made("runs", run="run-2", as_of=dt.date(2026, 11, 3)), "decided": made("decided", run="run-2", sku="B", price=5)}
    )
    prices = advance(book, NOTHING)
    assert prices.latest == "run-2" and priced(prices)["sku"].to_list() == ["B"]
    stepwise = advance(book, advance(ledger(), NOTHING))
    assert row(stepwise)["price"] == 0 and row(stepwise)["source"] == "none", "A001 is no longer in the list"


def test_an_undo_is_no_run_that_says_prices() -> None:
    book = ledger()
    book.append(ACT, {"runs": made("runs", run="back", kind="undo", parent="run-1")})
    assert advance(book, NOTHING).latest == "run-1"


def test_an_unknown_current_price_is_none() -> None:
    book = FakeLedger()
    book.append(ACT, {"runs": made("runs"), "decided": made("decided", current_price=None, price=None, action="hold")})
    found = row(advance(book, NOTHING))
    assert (found["price"], found["source"]) == (0, "none")


def test_what_a_price_rests_on() -> None:
    book = FakeLedger()
    facts = '{"cost_at":"2026-11-01T08:00:00Z","competitor_at":"2026-11-01T09:00:00Z"}'
    rows = [
        {"sku": "plain", "binding_rules": "max_change;margin_floor"},
        {"sku": "follows", "binding_rules": "max_change;competitor_band"},
        {"sku": "old", "reason": "stale_data", "action": "hold", "price": None},
    ]
    book.append(ACT, {"runs": made("runs", facts=facts), "decided": made("decided", *rows)})
    prices = advance(book, NOTHING)
    flags = {one["sku"]: (one["listed"], one["follows"], one["old"]) for one in prices.rows.iter_rows(named=True)}
    assert flags == {"plain": (True, False, False), "follows": (True, True, False), "old": (True, False, True)}
    assert prices.runs.row(0)[3:] == (dt.datetime(2026, 11, 1, 8, tzinfo=dt.UTC), dt.datetime(2026, 11, 1, 9, tzinfo=dt.UTC))


def test_nothing_new_is_the_same_state_and_reads_no_table() -> None:
    class Asked(FakeLedger):
        def read(self, table: str, where: object = None, after: int = 0, columns: Sequence[str] = ()) -> pl.DataFrame:
            tables.append((table, after))
            return super().read(table, where, after, columns)  # type: ignore[arg-type]

    tables: list[tuple[str, int]] = []
    book = Asked()
    assert advance(book, NOTHING) is NOTHING
    book.append(ACT, {"runs": made("runs"), "decided": made("decided")})
    prices = advance(book, NOTHING)
    tables.clear()
    assert advance(book, prices) is prices
    assert tables == [("audit", 0)]
    book.append(ACT, {"switches": made("switches")})
    assert advance(book, prices).rows.equals(prices.rows)
    assert ("decided", 0) not in tables and ("applied", 1) in tables


def test_another_ledger_in_its_place_is_refused() -> None:
    prices = advance(ledger(), NOTHING)
    other = FakeLedger()
    with pytest.raises(LedgerError, match="not the one that was read before"):
        advance(other, prices)
    other.append(Act(AT, "eve", "did", "it"), {})
    other.append(Act(AT, "eve", "did", "it"), {"applied": made("applied", price=1)})
    with pytest.raises(LedgerError, match="not the one that was read before"):
        advance(other, prices)


def test_many_intents_are_read_as_a_whole_table(monkeypatch: pytest.MonkeyPatch) -> None:
    book = ledger()
    book.append(ACT, {"intents": made("intents", {"intent": "a", "sku": "a"}, {"intent": "b", "sku": "b"})})
    book.append(ACT, {"applied": made("applied", {"intent": "a", "sku": "a"}, {"intent": "b", "sku": "b"})})
    few = priced(advance(book, NOTHING))
    assert MANY > 2
    monkeypatch.setattr(quotes, "MANY", 1)
    assert priced(advance(book, NOTHING)).equals(few) and few["run"].to_list() == ["run-1"] * 3


SKU = st.sampled_from(["A", "B", "C/1", 'ü"%'])
PLACE = st.sampled_from([("default", "default"), ("web", "DE")])
PRICE = st.integers(0, 10**9)


@st.composite
def acts(draw: st.DrawFn) -> list[dict[str, pl.DataFrame]]:
    """What people and workers may write, in any order."""
    found: list[dict[str, pl.DataFrame]] = []
    for number in range(draw(st.integers(1, 8))):
        keys = draw(st.lists(st.tuples(SKU, PLACE), min_size=1, max_size=4, unique=True))
        named = [{"sku": sku, "channel": channel, "region": region} for sku, (channel, region) in keys]
        if draw(st.booleans()):
            current = draw(st.lists(st.none() | PRICE, min_size=len(keys), max_size=len(keys)))
            rows = [{**key, "run": f"r{number}", "current_price": price} for key, price in zip(named, current, strict=True)]
            kind = draw(st.sampled_from(["price", "override", "undo"]))
            found.append({"runs": made("runs", run=f"r{number}", kind=kind), "decided": made("decided", *rows)})
        else:
            target, cause = draw(st.sampled_from(["web", "shop"])), draw(st.sampled_from(["publish", "undo", "found", "drift"]))
            ours = cause in ("publish", "undo")
            rows = [{**key, "price": draw(PRICE), "intent": f"i{number}/{place}" if ours else None} for place, key in enumerate(named)]
            seen = made("applied", *rows, target=target, cause=cause, at=AT + number * DAY)
            intents = made("intents", *({**row, "price": 1, "version": number} for row in rows if ours), run=f"x{number}", target=target)
            found.append({"applied": seen, **({"intents": intents} if ours else {})})
    return found


def expected(book: FakeLedger) -> dict[tuple[str, ...], tuple[object, ...]]:
    """Key -> price, source, cause, shop, run, at: by going through the rows one by one."""
    found: dict[tuple[str, ...], tuple[object, ...]] = {}
    runs = [one for one in book.read("runs").iter_rows(named=True) if one["kind"] != "undo"]
    if runs:
        day = dt.datetime.combine(runs[-1]["as_of"], dt.time(), dt.UTC)
        for one in book.read("decided").iter_rows(named=True):
            if one["run"] == runs[-1]["run"] and one["current_price"]:
                found[tuple(one[name] for name in KEY)] = (one["current_price"], "current", "", "", one["run"], day)
    run_of = {one["intent"]: one["run"] for one in book.read("intents").iter_rows(named=True)}
    for one in book.read("applied").iter_rows(named=True):
        run = run_of.get(one["intent"], "")
        found[tuple(one[name] for name in KEY)] = (one["price"], "applied", one["cause"], one["target"], run, one["at"])
    return {key: value for key, value in found.items() if value[0]}


@pytest.mark.real
@given(acts(), st.data())
@examples(60)
def test_every_price_equals_the_ledger_in_whatever_steps_it_was_read(written: list[dict[str, pl.DataFrame]], data: st.DataObject) -> None:
    book, prices = FakeLedger(), NOTHING
    for tables in written:
        book.append(ACT, tables)
        if data.draw(st.booleans()):
            places = dict(zip(prices.rows.select(KEY).iter_rows(), range(prices.rows.height), strict=True))
            prices = advance(book, prices)
            assert list(prices.rows.select(KEY).iter_rows())[: len(places)] == list(places), "a product keeps its place"
    for state in (advance(book, prices), advance(book, NOTHING)):
        shown = priced(state).select(*KEY, "price", "source", "cause", "shop", "run", "at")
        assert {found[:3]: found[3:] for found in shown.iter_rows()} == expected(book)
        assert state.rows.select(KEY).is_unique().all() and state.act == len(written)
