"""Which changes of a run need no answer, as another run brings their very price: by what was asked for last and what became of it."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from pricesmith.contracts.publishing import ShopPolicy
from pricesmith.flows.publishing.answers.carried import SCHEMA, carried

AT = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
KEY = {"sku": "A", "channel": "d", "region": "r"}
CHANGES = pl.DataFrame([{**KEY, "price": 100}, {**KEY, "sku": "B", "price": 50}])
WEB = {"web": ShopPolicy(platform="fake", channel="d", region="r")}
Step = tuple[str, str, int, str | None]
"""Run, kind and price of an intent, and its last fate; None: it is on its way."""
SAME = ("old", "publish", 100)
CASES: dict[str, tuple[list[Step], int | None, bool | None]] = {
    "nothing was asked for": ([], 90, None),
    "it waits to leave": ([(*SAME, None)], 90, False),
    "it was sent and not read back": ([(*SAME, "unknown")], 90, False),
    "it arrived": ([(*SAME, "applied")], 100, True),
    "it stood there already": ([(*SAME, "same")], 100, True),
    "somebody changed it since": ([(*SAME, "applied")], 95, None),
    "the shop was never read": ([(*SAME, "applied")], None, None),
    "it was held": ([(*SAME, "held")], 90, None),
    "another price": ([("old", "publish", 99, None)], 90, None),
    "its own price": ([("new", "publish", 100, None)], 90, None),
    "it was taken back": ([(*SAME, "applied"), ("old", "undo", 90, None)], 100, None),
    "a later price follows it": ([(*SAME, None), ("later", "publish", 110, None)], 90, None),
}


def book(steps: list[Step], seen: int | None, target: str = "web") -> dict[str, pl.DataFrame]:
    rows = [
        {"intent": f"{target}{n}", "run": run, "at": AT + dt.timedelta(hours=n), "target": target, **KEY, "version": n + 1, "price": price,
         "kind": kind}
        for n, (run, kind, price, _) in enumerate(steps)
    ]  # fmt: skip
    names = {"intent": str, "run": str, "at": pl.Datetime("us", "UTC"), "target": str, **dict.fromkeys(KEY, str)}
    fates = [(f"{target}{n}", last) for n, (*_, last) in enumerate(steps) if last is not None]
    prices = [] if seen is None else [{"target": target, **KEY, "price": seen}]
    return {
        "intents": pl.DataFrame(rows, schema={**names, "version": int, "price": int, "kind": str}),
        "receipts": pl.DataFrame(fates, schema={"intent": str, "fate": str}, orient="row"),
        "applied": pl.DataFrame(prices, schema={"target": str, **dict.fromkeys(KEY, str), "price": int}),
    }


def said(needs: int = 1, agreed: int = 1, *, rejected: bool = False) -> pl.DataFrame:
    return pl.DataFrame([{**KEY, "needs": needs, "agreed": agreed, "rejected": rejected}])


@pytest.mark.parametrize(("steps", "seen", "there"), CASES.values(), ids=CASES)
def test_what_was_asked_for_last_decides(steps: list[Step], seen: int | None, there: bool | None) -> None:
    found = carried(book(steps, seen), "new", CHANGES, WEB, lambda _run: said())
    assert found.schema == pl.Schema(SCHEMA)
    assert found.rows() == ([] if there is None else [(*KEY.values(), "old", AT, there)])


@pytest.mark.parametrize(
    ("answers", "there"), [(said(2, 1), False), (said(1, 1, rejected=True), False), (said().clear(), False), (said(0, 0), True)]
)
def test_what_too_few_agreed_with_brings_nothing_until_it_arrived(answers: pl.DataFrame, there: bool) -> None:
    assert (carried(book([(*SAME, None)], 90), "new", CHANGES, WEB, lambda _run: answers).height == 1) is there
    assert carried(book([(*SAME, "applied")], 100), "new", CHANGES, WEB, lambda _run: answers).height == 1


def test_every_shop_that_takes_the_product_must_get_it() -> None:
    web, till = book([(*SAME, None)], 90), book([(*SAME, "applied")], 100, "till")
    both = {name: pl.concat([web[name], till[name]]) for name in web}
    shops = {**WEB, "till": WEB["web"]}
    assert carried(web, "new", CHANGES, shops, lambda _run: said()).is_empty()
    assert carried(both, "new", CHANGES, shops, lambda _run: said())["there"].to_list() == [False]
    assert carried(both, "new", CHANGES, {"cafe": WEB["web"]}, lambda _run: said()).is_empty(), "of shops that are gone nothing counts"
