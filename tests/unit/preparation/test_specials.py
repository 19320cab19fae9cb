"""Prices that fell for some days and came back are specials where nothing marks promotions; other moves, and other shops, have none."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from pricesmith.apps.report.words import Words
from pricesmith.flows import batch
from pricesmith.preparation.specials import closing, longest_special, specials

FIRST = dt.date(2025, 1, 1)


def found(*paths: str) -> list[str]:
    """Of products priced by day, one letter a day (a blank is a day without a row): the same with S on specials, ? on doubtful days."""
    item, date, price = (np.array(column) for column in zip(*_rows(*paths), strict=True))
    marks = np.select(list(specials(item, date, price)), ["S", "?"], "")
    told = dict(zip(zip(item, date, strict=True), marks, strict=True))
    return ["".join(told.get((number, day)) or letter for day, letter in enumerate(path)) for number, path in enumerate(paths)]


def _rows(*paths: str) -> list[tuple[int, int, float]]:
    worth = {"a": 10.0, "b": 9.0, "c": 8.0, "d": 7.0, "e": 9.7}
    return [(number, day, worth[letter]) for number, path in enumerate(paths) for day, letter in enumerate(path) if letter != " "]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("aaaaabbaaaaa", "aaaaaSSaaaaa"),
        ("aaaaabdcaaaaaa", "aaaaaSSSaaaaaa"),
        ("a" * 30 + "b" * 14 + "a" * 20, "a" * 30 + "S" * 14 + "a" * 20),
        ("a" * 30 + "b" * 15 + "a" * 30, "a" * 30 + "b" * 15 + "a" * 30),
        ("aaaaaeeaaaaa", "aaaaaeeaaaaa"),
        ("aaaaaaaaaabb", "aaaaaaaaaabb"),
        ("bbaaaaaaaaaa", "bbaaaaaaaaaa"),
        ("aaaa  bb  aaaaa", "aaaa  SS  aaaaa"),
        ("aaaaa" + "b" + " " * 15 + "aaaaa", "aaaaa" + "b" + " " * 15 + "aaaaa"),
        ("aaaaaccbbb" + "a" * 20 + "ccaaaaaaaa", "aaaaaSSSSS" + "a" * 20 + "SSaaaaaaaa"),
        ("bbbbbbbbaaabbbbbbbbb", "bbbbbbbbaaabbbbbbbbb"),
    ],
)
def test_a_price_that_fell_for_two_weeks_at_most_and_came_back(path: str, expected: str) -> None:
    steady = "aaccaaaaaaaaaaaaaaaa"
    assert found(path, steady) == [expected, "aaSSaaaaaaaaaaaaaaaa"]


def test_a_dip_that_ends_at_another_price_may_be_a_special_or_not() -> None:
    steady = ["aaaaccaaaaaaaaaaaaaaaa"] * 2
    assert found("aaaaaaddbbbbbbbbbbbbb", *steady)[0] == "aaaaaa??bbbbbbbbbbbbb"
    assert found("bbbbbbddaaaaaaccaaaaa", *steady)[0] == "bbbbbb??aaaaaaSSaaaaa"


def test_a_shop_whose_prices_seldom_come_back_to_what_they_were_has_none() -> None:
    moved = "aaaaaaccbbbbbbbbbbbbb"
    assert found(moved, moved, "aaaaccaaaaaaaaaaaaaaaa")[0] == moved


def test_two_prices_in_turn_are_both_usual() -> None:
    weekends, steady = "aacccaacccaacccaaccca", ["aaaaccaaaaaaaaaaaaaaaa"] * 2
    assert found(weekends, *steady) == [weekends, *["aaaaSSaaaaaaaaaaaaaaaa"] * 2]


def test_a_price_of_another_product_says_nothing() -> None:
    assert found("ccc", "aaa", "ccc") == ["ccc", "aaa", "ccc"]


def test_the_price_beside_a_special_is_the_largest_that_both_sides_reach() -> None:
    rng = np.random.default_rng(4)
    for _ in range(60):
        item = np.sort(rng.integers(0, 3, 24))
        date = np.concatenate([np.sort(rng.choice(60, int((item == one).sum()), replace=False)) for one in range(3)])
        price = rng.integers(5, 12, 24).astype(float)
        expected = [
            max(
                min(price[a], price[c])
                for a in range(24)
                for c in range(24)
                if item[a] == item[c] == item[row] and date[a] <= date[row] <= date[c] and date[c] - date[a] <= 7
            )
            for row in range(24)
        ]
        assert closing(item, date, price, 7).tolist() == expected
    nothing = np.zeros(0)
    assert closing(nothing.astype(int), nothing.astype(int), nothing, 7).size == 0


def shop(folder: Path, head: str = "date,sku,units,price", more: str = "", settings: str = "", name: str = "sales") -> batch.Loaded:
    """One product at 10, with two specials at 8, units a day as the day of the week; `more` ends every row."""
    (folder / "data").mkdir(parents=True)
    (folder / "shop.toml").write_text(f'currency = "EUR"\ntax = "net"\n{settings}', encoding="utf-8")
    (folder / "data" / "products.csv").write_text("sku,unit_cost\nx,4\n", encoding="utf-8")
    days = [(FIRST + dt.timedelta(days=day), 8 if day in (10, 11, 12, 30, 31) else 10) for day in range(60)]
    made = (f"{at},x,{1 + at.weekday()},{price}{more}" for at, price in days)
    if name == "orders":
        head, made = "order_id,at,sku,units,price", (f"{at},{at}T10:00:00Z,x,1,{price}" for at, price in days)
    (folder / "data" / f"{name}.csv").write_text("\n".join([head, *made, ""]), encoding="utf-8")
    return batch.load(folder)


def promoted(loaded: batch.Loaded, as_of: dt.date | None = None) -> list[int]:
    """Days of the year, from 0, whose cell is on promotion."""
    cells = batch.take(loaded, as_of).cells.filter(pl.col("promo") == 1)
    assert cells["list_price"].is_in([10.0]).all()
    return [(date - FIRST).days for date in cells["date"].sort()]


def test_cells_are_on_promotion_and_keep_the_list_price(tmp_path: Path) -> None:
    assert promoted(shop(tmp_path / "days")) == [10, 11, 12, 30, 31]
    assert promoted(shop(tmp_path / "lines", name="orders")) == [10, 11, 12, 30, 31]


def test_what_a_doubtful_price_sold_is_not_observed(tmp_path: Path) -> None:
    """Neither on its days nor on those without a sale amid them; the last row is the current price."""
    folder = tmp_path / "s"
    shop(folder)
    sales = (folder / "data" / "sales.csv").read_text(encoding="utf-8").splitlines()
    at = {str(FIRST + dt.timedelta(days=day)): day for day in range(60)}
    head, *rows = (line for line in sales if at.get(line[:10]) not in (31, 32))
    dear = [line.replace(",10", ",9") if at[line[:10]] > 34 else line for line in rows]
    (folder / "data" / "sales.csv").write_text("\n".join([head, *sorted(_doubted(dear, at))]) + "\n", encoding="utf-8")
    loaded = batch.load(folder)
    cells = batch.take(loaded).cells
    assert {(date - FIRST).days for date in cells["date"]} == set(range(60)) - {30, 31, 32, 33}
    assert batch.take(loaded).items["current_price"][0] == 900
    shown = batch.take(loaded).doubtful
    assert shown.select("date", "price", "units").rows() == [
        (FIRST + dt.timedelta(days=day), 8.0, 1.0 + (FIRST + dt.timedelta(days=day)).weekday()) for day in (30, 33)
    ]
    assert shown.schema == cells.schema and set(shown["promo"]) == {0}
    (one,) = (one for one in loaded.prepared.warnings if one["code"] == "specials_found")
    assert "2 rows at such a price that ended at another one than before are left out" in one["message"]


def _doubted(rows: list[str], at: dict[str, int]) -> list[str]:
    """Day 33 at the price of day 30, the days after it at 9."""
    low = {33: 8.0, 34: 9.0}
    return [",".join([*line.split(",")[:3], str(low[at[line[:10]]])]) if at[line[:10]] in low else line for line in rows]


def test_nothing_of_later_says_that_a_price_came_back(tmp_path: Path) -> None:
    loaded = shop(tmp_path / "s")
    assert promoted(loaded, FIRST + dt.timedelta(days=31)) == [10, 11, 12]
    assert batch.take(loaded, FIRST + dt.timedelta(days=31)).items["current_price"][0] == 800, "the latest row, as ever"


@pytest.mark.parametrize(
    ("head", "more", "settings"),
    [
        ("date,sku,units,price,promo", ",0", ""),
        ("date,sku,units,price,list_price", ",10", ""),
        ("date,sku,units,price", "", '[data]\nunmarked_specials = "ignored"\n'),
        ("date,sku,units,price", "", 'period = "week"\n'),
    ],
)
def test_what_marks_promotions_is_believed(tmp_path: Path, head: str, more: str, settings: str) -> None:
    loaded = shop(tmp_path / "s", head, more, settings)
    assert promoted(loaded) == []
    assert not [one for one in loaded.prepared.warnings if one["code"] == "specials_found"]


def test_planned_promotions_are_believed(tmp_path: Path) -> None:
    shop(tmp_path / "s")
    (tmp_path / "s" / "data" / "promotions.csv").write_text("sku,start,end\nx,2025-01-11,2025-01-13\n", encoding="utf-8")
    assert promoted(batch.load(tmp_path / "s")) == [10, 11, 12]


def test_plans_that_name_few_of_them_leave_the_others_found(tmp_path: Path) -> None:
    shop(tmp_path / "s")
    (tmp_path / "s" / "data" / "promotions.csv").write_text("sku,start,end\nx,2025-01-31,2025-02-01\n", encoding="utf-8")
    loaded = batch.load(tmp_path / "s")
    assert promoted(loaded) == [10, 11, 12, 30, 31]
    (one,) = (one for one in loaded.prepared.warnings if one["code"] == "specials_found")
    assert one["count"] == 3, "the planned ones are not told as found"


@pytest.mark.parametrize(
    ("since", "expected", "current"),
    [
        (60, [10, 11, 12, 30, 31, 57, 58, 59], 1000),
        (62, [10, 11, 12, 30, 31, 57, 58, 59], 1000),
        (58, [10, 11, 12, 30, 31], 1000),
        (None, [10, 11, 12, 30, 31], 800),
    ],
)
def test_a_price_that_the_shop_says_it_asks_again_ends_a_special(
    tmp_path: Path, since: int | None, expected: list[int], current: int
) -> None:
    """A dated one, from a day after the sales: earlier ones were not asked, and one without a day may be of before the last change."""
    folder = tmp_path / "s"
    shop(folder)
    sales = (folder / "data" / "sales.csv").read_text(encoding="utf-8").splitlines()
    late = {str(FIRST + dt.timedelta(days=day)) for day in (57, 58, 59)}
    lowered = [line.replace(",10", ",8") if line[:10] in late else line for line in sales]
    (folder / "data" / "sales.csv").write_text("\n".join([*lowered, ""]), encoding="utf-8")
    day = "" if since is None else str(FIRST + dt.timedelta(days=since))
    (folder / "data" / "products.csv").write_text(f"sku,unit_cost,price,price_from\nx,4,10,{day}\n", encoding="utf-8")
    loaded = batch.load(folder)
    assert promoted(loaded) == expected
    assert batch.take(loaded).items["current_price"][0] == current


def test_it_is_told_in_either_language(tmp_path: Path) -> None:
    (one,) = (one for one in shop(tmp_path / "s").prepared.warnings if one["code"] == "specials_found")
    assert (one["level"], one["count"], one["products"]) == ("info", 5, ["x"])
    assert "1 products were sold for two weeks at most" in one["message"]
    assert "（5 行）：这些视为特价" in Words("zh").warning(one["code"], one["message"])


def test_a_price_table_made_while_a_special_runs_is_no_word_for_its_price(tmp_path: Path) -> None:
    """Without a day it may be the special's; with one it is what the shop asks."""
    for name, since, expected in (("undated", "", ["x"]), ("dated", FIRST + dt.timedelta(days=60), [])):
        folder = tmp_path / name
        shop(folder)
        sales, late = folder / "data" / "sales.csv", {str(FIRST + dt.timedelta(days=day)) for day in range(56, 60)}
        lowered = [line.replace(",10", ",8") if line[:10] in late else line for line in sales.read_text(encoding="utf-8").splitlines()]
        sales.write_text("\n".join([*lowered, ""]), encoding="utf-8")
        (folder / "data" / "products.csv").write_text(f"sku,unit_cost,price,price_from\nx,4,8,{since}\n", encoding="utf-8")
        loaded = batch.load(folder)
        assert [sku for one in loaded.prepared.warnings if one["code"] == "price_brief" for sku in one["products"]] == expected, name
        assert batch.take(loaded).items["current_price"][0] == 800, name


def test_many_specials_say_themselves_how_long_one_lasts() -> None:
    def rows(*lasting: int) -> pl.DataFrame:
        marks = [mark for days in lasting for mark in (False, *[True] * days, False)]
        return pl.DataFrame({"item": [0] * len(marks), "special": marks})

    assert longest_special(rows(2, 7, 3), 3) == 7 and longest_special(rows(2, 7), 3) is None
    two = pl.concat([rows(3).head(4), rows(4).tail(-1).with_columns(item=pl.lit(1, dtype=pl.Int64))])
    assert longest_special(two, 2) == 4, "those of two products are two"


def test_a_current_price_as_young_as_a_special_is_told_of_where_there_are_some(tmp_path: Path) -> None:
    for name, days, expected, dear in (
        ("few", range(52, 60), ["x"], 10),
        ("many", range(45, 60), [], 10),
        ("since", range(52, 60), ["x"], 8.5),
    ):
        folder = tmp_path / name
        shop(folder)
        at = {str(FIRST + dt.timedelta(days=day)): day for day in range(60)}
        sales = (folder / "data" / "sales.csv").read_text(encoding="utf-8").splitlines()
        lowered = [line.replace(",10", ",8") if at.get(line[:10]) in days else line for line in sales]
        lowered = [line.replace(",10", f",{dear}") if at.get(line[:10], 60) < 45 else line for line in lowered]
        (folder / "data" / "sales.csv").write_text("\n".join([*lowered, ""]), encoding="utf-8")
        warnings = batch.load(folder).prepared.warnings
        assert [sku for one in warnings if one["code"] == "price_brief" for sku in one["products"]] == expected, name
