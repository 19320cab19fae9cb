"""Which values a column can hold, at the edges, and which column and row are named where one cannot."""

from __future__ import annotations

import math

import polars as pl
import pytest

from pricesmith.adapters.ledgers.rows import plain, restored, stored, wanted_values
from pricesmith.contracts.errors import LedgerError
from pricesmith.contracts.ledger import LEDGER
from pricesmith.contracts.tables import Column, Table
from pricesmith.testing.ledger_rows import AT, made

LAST = 253_402_300_799_999_999
BOUNDED = Table(
    "bounded",
    ("name",),
    (
        Column("name", "text", "", required=True),
        Column("count", "integer", "", low=0, high=10),
        Column("share", "number", "", low=0.5),
        Column("at", "moment", ""),
        Column("flag", "flag", ""),
        Column("note", "text", ""),
    ),
    "columns with bounds",
)


def rows(**columns: object) -> pl.DataFrame:
    count = max(len(values) for values in columns.values())  # type: ignore[arg-type]
    return pl.DataFrame({"name": [str(row) for row in range(count)], **columns})


def moments(*micros: int) -> pl.Series:
    return pl.Series(micros).cast(pl.Datetime("us", "UTC"))


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("count", [0, 10, None]),
        ("share", [0.5, 1e300, None]),
        ("at", moments(0, LAST)),
        ("flag", [0, 1, None]),
        ("flag", [False, True]),
        ("note", ["", None, "a"]),
    ],
)
def test_edges_are_kept(column: str, values: object) -> None:
    assert stored(BOUNDED, rows(**{column: values})).height == len(values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("column", "values", "said"),
    [
        ("count", [None, 5, 11], "11 cannot be (finite, from 0 to 10)"),
        ("count", [-1, 12], "-1 cannot be (finite, from 0 to 10)"),
        ("share", [0.4], "0.4 cannot be (finite, from 0.5 to anything)"),
        ("share", [None, math.inf], "inf cannot be (finite, from 0.5 to anything)"),
        ("at", moments(-1), "-1 cannot be (finite, from 0 to 253402300799999999)"),
        ("at", moments(LAST + 1), "253402300800000000 cannot be (finite, from 0 to 253402300799999999)"),
        ("flag", [2], "2 cannot be (finite, from 0 to 1)"),
        ("note", ["a\0"], r"'a\x00' cannot be (text must not hold the character 0)"),
        ("count", pl.Series([2**64 - 1], dtype=pl.UInt64), "a number is too large (64 bits are kept)"),
        ("at", moments(0).dt.convert_time_zone("Europe/Berlin"), "Datetime(time_unit='us', time_zone='Europe/Berlin') is not moment"),
    ],
)
def test_what_cannot_be_is_named(column: str, values: object, said: str) -> None:
    with pytest.raises(LedgerError) as caught:
        stored(BOUNDED, rows(**{column: values}))
    assert caught.value.line.startswith(f"bounded.{column}: {said}")


def test_a_missing_value_is_named_with_its_row() -> None:
    with pytest.raises(LedgerError, match=r"bounded.name: a value is missing \(row 1 has none\)"):
        stored(BOUNDED, pl.DataFrame({"name": ["a", None, "c"]}))


@pytest.mark.parametrize("column", ["intent", "currency", "target"])
def test_an_empty_name_among_others_is_refused(column: str) -> None:
    with pytest.raises(LedgerError, match=f"intents.{column}: a name is empty"):
        stored(LEDGER["intents"], made("intents", {}, {"intent": "i-2", "version": 2, column: ""}))


def test_a_key_that_comes_twice_is_named() -> None:
    with pytest.raises(LedgerError, match=r"applied: key web, A001, default, default, .* comes twice"):
        stored(LEDGER["applied"], made("applied", {"sku": "A002"}, {}, {"price": 5}))


def test_no_negative_zero_is_kept() -> None:
    units = stored(LEDGER["sales_seen"], made("sales_seen", {"units": -0.0, "revenue": 1.0}))
    assert math.copysign(1.0, units["units"][0]) == 1.0 and units["revenue"].to_list() == [1.0]


def test_further_columns_and_wanted_values() -> None:
    intents = LEDGER["intents"]
    row = stored(intents, made("intents")).row(0)
    assert restored(intents, [(*row, 3)], "attempt")["attempt"].to_list() == [3]
    assert wanted_values(intents, {"sku": "abc", "version": [1, None]}) == {"sku": ["abc"], "version": [1, None]}
    with pytest.raises(LedgerError, match="price: Float64 is not minor"):
        plain(intents.by_name["price"], 1.0)
    assert plain(intents.by_name["at"], AT) == wanted_values(intents, {"at": (AT,)})["at"][0]
