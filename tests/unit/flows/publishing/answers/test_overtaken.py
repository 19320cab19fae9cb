"""Which changes of an older run are overtaken, by what was asked for since and what became of it."""

from __future__ import annotations

import polars as pl
import pytest

from pricesmith.flows.publishing.answers.overtaken import overtaken

Step = tuple[str, str, int, str | None]
"""Run, kind and price of an intent, and its last fate; None: it is on its way."""
OLD, NEW = ("old", "publish", 100), ("new", "publish", 120)
CASES: dict[str, tuple[list[Step], bool]] = {
    "nothing was sent": ([], False),
    "its own price": ([(*OLD, "applied")], False),
    "a newer price arrived": ([(*NEW, "applied")], True),
    "a newer price was there already": ([(*NEW, "same")], True),
    "a newer price is on its way": ([(*NEW, None)], True),
    "a newer price was sent without an answer": ([(*NEW, "unknown")], True),
    "a newer price was held": ([(*NEW, "held")], False),
    "the newer price is the same": ([("new", "publish", 100, "applied")], False),
    "the newer price was taken back": ([(*NEW, "applied"), ("new", "undo", 90, "applied")], False),
    "the way back from the newer price ended": ([(*NEW, "applied"), ("new", "undo", 90, "expired")], True),
    "the way back from the newer price is on its way": ([(*NEW, "applied"), ("new", "undo", 90, None)], False),
    "a still newer price was held": ([(*NEW, "applied"), ("newest", "publish", 130, "held")], True),
    "its own price was held after the newer one arrived": ([(*NEW, "applied"), (*OLD, "held")], True),
    "its own price arrived after the newer one": ([(*NEW, "applied"), (*OLD, "applied")], False),
    "an older price arrived": ([("oldest", "publish", 80, "applied")], False),
}


def tables(steps: list[Step], target: str = "web") -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    runs = pl.DataFrame({"run": ["oldest", "old", "new", "newest"], "seq": [1, 2, 3, 4]})
    rows = [(f"{target}{n}", run, target, "A", "d", "r", n + 1, price, kind) for n, (run, kind, price, _) in enumerate(steps)]
    names = {"intent": str, "run": str, "target": str, "sku": str, "channel": str, "region": str, "version": int, "price": int, "kind": str}
    fates = [(f"{target}{n}", fate) for n, (*_, last) in enumerate(steps) for fate in ("pending", last) if last is not None]
    return runs, pl.DataFrame(rows, schema=names, orient="row"), pl.DataFrame(fates, schema={"intent": str, "fate": str}, orient="row")


CHANGES = pl.DataFrame({"sku": ["A", "B"], "channel": ["d", "d"], "region": ["r", "r"], "price": [100, 50]})


@pytest.mark.parametrize(("steps", "late"), CASES.values(), ids=CASES)
def test_what_stands_last_decides(steps: list[Step], late: bool) -> None:
    found = overtaken(*tables(steps), "old", CHANGES)
    assert found.rows() == ([("A", "d", "r")] if late else [])


def test_one_shop_with_the_newer_price_is_enough() -> None:
    runs, web, web_fates = tables([(*OLD, "applied")])
    _, till, till_fates = tables([(*NEW, "applied")], target="till")
    found = overtaken(runs, pl.concat([web, till]), pl.concat([web_fates, till_fates]), "old", CHANGES)
    assert found.rows() == [("A", "d", "r")]
