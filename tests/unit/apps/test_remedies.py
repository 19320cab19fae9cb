"""Every reason for which a row is set aside comes with what to do about it."""

from __future__ import annotations

import pytest

from pricesmith.apps.remedies import REMEDIES, remedy
from pricesmith.apps.web.words import Words
from pricesmith.flows.desk.imports.days import DATES, example
from pricesmith.preparation.prepared import REASONS


def test_every_reason_has_a_remedy() -> None:
    assert set(REMEDIES) == set(REASONS)
    assert all(remedy("sales", "price", "x", reason) for reason in REASONS)


@pytest.mark.parametrize(
    ("table", "column", "value", "reason", "words"),
    [
        ("sales", "date", "24.11.2026", "bad_date", "2026-11-24"),
        ("sales", "date", "11/24/2026", "bad_date", "2026-11-24"),
        ("sales", "date", "5/3/2026", "bad_date", "2026-03-05 or 2026-05-03"),
        ("sales", "date", "2026-1-5", "bad_date", "2026-01-05"),
        ("sales", "date", "13-05-2026", "bad_date", "2026-05-13; where the whole column is written so, send its file again"),
        ("sales", "date", "13-05-2026", "bad_date", "choose 24-11-2026 as the way in which days are written"),
        ("sales", "date", "5-3-2026", "bad_date", "choose 24-11-2026 or 11-24-2026 as"),
        ("sales", "date", "05/13/2026", "bad_date", "choose 11/24/2026 as"),
        *(
            ("sales", "date", text, "bad_date", "this day does not exist, 2026-06 has 30 days: write the day that is meant")
            for text in ("31.06.2026", "2026-06-31", "31/06/2026", "6/31/2026")
        ),
        ("sales", "date", "30.2.2028", "bad_date", "2028-02 has 29 days"),
        ("sales", "date", "45.06.2026", "bad_date", "a day that exists"),
        ("sales", "date", "14-JAN-09", "bad_date", "2009-01-14; where the whole column is written so, send its file again"),
        ("sales", "date", "14-JAN-09", "bad_date", "choose 24-Nov-26 as the way in which days are written"),
        ("sales", "date", "January 14, 2009", "bad_date", "choose Nov 24, 2026 as"),
        ("sales", "date", "07/01/11", "bad_date", "2011-01-07 or 2011-07-01 or 2007-01-11"),
        ("sales", "date", "07/21/11", "bad_date", "choose 11/24/26 as"),
        ("sales", "price", "12,50", "not_a_number", "12.50"),
        ("sales", "price", "1.299,95", "not_a_number", "1299.95"),
        ("sales", "price", "EUR 5", "not_a_number", "without currency"),
        ("sales", "units", "-3", "negative", "orders.csv"),
        ("products", "unit_cost", "-3", "negative", "0 or more"),
        ("products", "tax_rate", "19", "out_of_range", "from 0 to 5"),
        ("products", "tax_rate", "19", "out_of_range", "19 % is 0.19; where the whole column is in percent, send its file again"),
        ("costs", "fee_rate", "2.5", "out_of_range", "2.5 % is 0.025"),
        ("products", "tax_rate", "12%", "not_a_number", "12 % is 0.12"),
        ("products", "tax_rate", "19,5", "not_a_number", "19.5 % is 0.195"),
        ("products", "tax_rate", "1 %", "not_a_number", "1 % is 0.01"),
        ("products", "tax_rate", "0,19", "not_a_number", "decimal point: 0.19"),
        ("sales", "price", "12%", "not_a_number", "plain number"),
        ("costs", "fee_rate", "250", "out_of_range", "from 0 to 1"),
        ("promotions", "end", "2026-01-01", "out_of_range", "on or after its start"),
        ("sales", "date", "0001-01-01", "out_of_range", "from 1980-01-01 to 2099-12-31"),
        ("costs", "valid_from", "0001-01-01", "out_of_range", "data dictionary"),
        ("sales", "promo", "yes", "not_a_choice", "write 1 for yes or 0 for no"),
        ("events", "kind", "looked", "not_a_choice", "write one of: view, cart, order"),
    ],
)
def test_the_remedy_says_what_to_write(table: str, column: str, value: str, reason: str, words: str) -> None:
    assert words in remedy(table, column, value, reason)


def test_a_day_that_is_no_day_is_to_be_written_as_was_chosen() -> None:
    told = remedy("sales", "date", "soon", "bad_date", dates="mdy2/")
    assert told == "write a day that exists like 11/24/26, as was chosen, or as year-month-day"
    assert Words("zh").line(told) == "请按所选写法（如 11/24/26）或 年-月-日 填写真实日期"
    assert remedy("sales", "date", "soon", "bad_date", dates="ymd-") == REMEDIES["bad_date"]
    assert example("ym年") == "2026年11月" and len({example(way) for way in DATES}) == len(DATES)


def test_a_day_that_does_not_exist_is_said_alike_in_chinese() -> None:
    told = remedy("sales", "date", "31.06.2026", "bad_date")
    assert Words("zh").line(told) == "该日期不存在，2026-06 只有 30 天：请按年-月-日写入实际日期"


@pytest.mark.parametrize(
    ("table", "column", "reason"),
    [("sales", "promo", "not_a_choice"), ("events", "kind", "not_a_choice"), ("orders", "at", "out_of_range")],
)
def test_the_valid_values_are_said_in_chinese_too(table: str, column: str, reason: str) -> None:
    told = remedy(table, column, "yes", reason)
    assert Words("zh").line(told) not in ("", told)


def test_what_could_not_be_divided_is_told_so() -> None:
    told = remedy("products", "unit_cost", "?9.32", "not_a_number", decimal="point")
    assert told.startswith("the guide put the ? there: its row has no number of units above 0") and Words("zh").line(told) not in ("", told)
    assert "another decimal mark" in remedy("products", "unit_cost", "?9.32", "not_a_number", decimal="comma")


def test_a_code_of_a_plug_in_has_none() -> None:
    assert remedy("sales", "price", "x", "moon_phase") == ""


def test_a_product_that_was_set_aside_is_named_with_its_place() -> None:
    assert "data/products.csv:2" in remedy("sales", "sku", "A1", "product_set_aside", "data/products.csv:2")


def test_the_guide_says_to_read_a_decimal_comma_as_one() -> None:
    told = remedy("sales", "price", "1.017,52", "not_a_number", decimal="point")
    assert told == "read the file with decimals written as 12,50 in the guide, where all are: this is 1017.52; else write a decimal point"
    assert remedy("sales", "price", "17,52", "not_a_number") == "write a decimal point: 17.52", "outside the guide nothing can be chosen"


@pytest.mark.parametrize("value", ["?12", "?12.345", "?6.68"])
def test_a_case_cost_that_is_not_divided_is_told_so_whatever_the_decimals(value: str) -> None:
    for decimal in ("point", "comma"):
        told = remedy("products", "unit_cost", value, "not_a_number", decimal=decimal, divided=True)
        assert told.startswith("the guide put the ? there: its row has no number of units"), decimal
