"""The price table: groups that add up, prices of one's own that can be published, and files without a formula."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import polars as pl
import pytest

from pricesmith.apps.web import sheets
from pricesmith.contracts.errors import PricesmithError, UnknownChoice, UsageError
from pricesmith.contracts.shop import Key
from pricesmith.flows.desk.own_prices.bulk import StoppedError, moved
from pricesmith.flows.desk.prices.grouping import PAGE, grouped
from pricesmith.flows.desk.prices.table import CELLS, COLUMNS, Wanted, categories, filtered, prices, table_of
from pricesmith.flows.desk.reading.ledger import KEY
from pricesmith.flows.publishing.answers.answering import answer
from pricesmith.flows.publishing.answers.approval import answers
from pricesmith.flows.publishing.answers.own_price import nearest, settable
from tests.desk.place import Place, place

PAYLOADS = (
    *("=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1+1", "\r=1+1", "\n=1+1", "\x00=1+1", " =1+1", '=HYPERLINK("http://elsewhere.example")'),
    *("=cmd|'/C calc'!A0", "＝1+1", "＋1", "－1", "＠x", 'a"\n=1+1', "a;=1+1", "a,=1+1", "{=1+1}", "'=1+1", "-", "=", "+", "@"),
)
FORMULA = re.compile(r"^[\s\x00]*[=+\-@＝＋－＠]|^[\t\r\n\x00]")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return place(tmp_path_factory.mktemp("prices") / "shop")


def table(desk: Place) -> pl.DataFrame:
    reading = desk.desk.reading
    return table_of(reading, reading.run(desk.run), reading.now())


@pytest.mark.parametrize("by", ["category", "brand", "family", "evidence", "reason", "state", "action"])
def test_groups_add_up_to_the_shop(desk: Place, by: str) -> None:
    found = prices(desk.desk.reading, Wanted(group=by), desk.desk.reading.now())  # type: ignore[arg-type]
    *groups, total = found.groups
    assert total.name == "*" and total.products == found.found == table(desk).height
    assert not found.rows
    for name in ("products", "changes", "up", "down", "hold", "expected_revenue", "expected_profit", "profit_change"):
        assert sum(getattr(one, name) for one in groups) == pytest.approx(getattr(total, name))
    assert total.up + total.down == total.changes == found.changes
    assert total.profit_change == pytest.approx(found.profit_change)


def test_a_part_of_a_family_finds_all_that_hold_it_and_a_whole_one_itself(desk: Place) -> None:
    run = desk.desk.reading.run(desk.run)
    one = table(desk).with_columns(family=pl.Series(["Chá verde", "Chá verde gelado", *["outro"] * (run.decided.height - 2)]))
    sizes = {value: filtered(one, Wanted(family=value)).height for value in ("Chá verde", "cha", "GELADO", "nothing", "outro")}
    assert sizes == {"Chá verde": 1, "cha": 2, "GELADO": 1, "nothing": 0, "outro": one.height - 2}


def test_categories_are_taken_apart_level_by_level(desk: Place) -> None:
    reading = desk.desk.reading
    top = prices(reading, Wanted(group="category"), reading.now()).groups[0]
    assert top.deeper and "/" not in top.name
    below = prices(reading, Wanted(group="category", category=top.name), reading.now()).groups
    assert all(one.name.startswith(top.name) for one in below[:-1])
    assert below[-1].products == top.products
    leaf = prices(reading, Wanted(category=below[0].name), reading.now())
    assert leaf.found == below[0].products


@pytest.mark.parametrize("name", ["action", "state", "evidence", "reason", "brand", "family", "category", "rule"])
def test_a_choice_finds_as_many_as_it_says(desk: Place, name: str) -> None:
    reading = desk.desk.reading
    for value, count in list(prices(reading, Wanted(), reading.now()).choices[name].items())[:5]:
        found = prices(reading, Wanted(**{name: value}), reading.now()).found  # type: ignore[arg-type]
        assert found >= count if name == "category" else found == count


def test_the_table_is_kept_until_somebody_answers(desk: Place) -> None:
    assert table(desk) is table(desk)


def test_a_move_takes_the_nearest_price_that_may_be_published(desk: Place) -> None:
    decided = desk.desk.reading.replayed(desk.run).decided
    keys = [Key(*row) for row in decided.items.select(KEY).iter_rows()]
    found = moved(decided, keys, 0.03)
    assert found.prices and len(found.prices) + found.left == len(keys)
    rows = {key: number for number, key in enumerate(keys)}
    for key, price in list(found.prices.items())[:20]:
        block = decided.opened(np.array([rows[key]]))
        open_ = block.ladder.prices[0][block.allowed.valid[0]]
        wanted = decided.items["current_price"][rows[key]] * 1.03
        assert price in open_ and abs(price - wanted) == pytest.approx(np.abs(open_ - wanted).min())


def test_prices_that_limits_keep_from_going_so_far_are_counted(desk: Place) -> None:
    decided = desk.desk.reading.replayed(desk.run).decided
    keys = [Key(*row) for row in decided.items.select(KEY).iter_rows()]
    far, near = moved(decided, keys, 2.0), moved(decided, keys, 0.03)
    assert far.short == len(far.prices) > 0
    now = dict(zip(keys, decided.items["current_price"], strict=True))
    apart = [abs(price - 1.03 * now[key]) / now[key] for key, price in near.prices.items()]
    assert near.short < len(near.prices) and max(apart) < 0.5


def test_a_move_that_changes_nothing_says_so(desk: Place) -> None:
    decided = desk.desk.reading.replayed(desk.run).decided
    kept = decided.decisions.filter((pl.col("action") == "keep") & (pl.col("price") == pl.col("current_price")))
    for share in (1e-6, -1e-6):
        with pytest.raises(PricesmithError, match="does not reach the next publishable price") as small:
            moved(decided, [Key(*row) for row in kept.head(1).select(KEY).iter_rows()], share)
        assert not isinstance(small.value, StoppedError) and small.value.hint == "take a larger move"


@pytest.mark.parametrize("share", [0.4, -0.4])
def test_a_move_that_rules_stop_names_them_and_does_not_ask_for_a_larger_one(desk: Place, share: float) -> None:
    decided = desk.desk.reading.replayed(desk.run).decided
    rows = decided.items.join(decided.decisions.select(*KEY, "price", "binding_rules"), on=KEY).filter(
        pl.col("binding_rules") == "max_change"
    )
    reach = nearest(decided, rows["item"].cast(pl.Int64).to_numpy(), rows["current_price"].to_numpy() * (1.0 + share))[:, 0]
    keys = [Key(*row) for row in rows.filter(pl.Series(reach == rows["price"].to_numpy())).select(KEY).iter_rows()]
    assert keys
    with pytest.raises(StoppedError, match="what stops them: max_change") as stopped:
        moved(decided, keys, share)
    assert stopped.value.names[0] == "max_change" and "larger" not in stopped.value.hint


def test_where_nothing_is_allowed_nothing_is_near(desk: Place) -> None:
    decided = desk.desk.reading.replayed(desk.run).decided
    frozen = replace(decided.shop.bounds, hold=np.full(decided.items.height, "frozen", dtype=object))
    held = replace(decided, shop=replace(decided.shop, bounds=frozen))
    rows = np.arange(decided.items.height)
    assert (nearest(held, rows, np.full(rows.size, 1000.0), 6) == -1).all()
    assert settable(held, 0, 1000.0, 6) == []
    with pytest.raises(PricesmithError):
        moved(held, [Key(*row) for row in decided.items.select(KEY).iter_rows()], 0.05)


@pytest.mark.parametrize("share", [0.0, -0.95, 20.0, float("nan"), float("inf")])
def test_a_move_that_cannot_be_is_refused(desk: Place, share: float) -> None:
    decided = desk.desk.reading.replayed(desk.run).decided
    with pytest.raises(UsageError):
        moved(decided, [Key(*decided.items.select(KEY).row(0))], share)


def test_an_unknown_column_lists_those_there_are(desk: Place) -> None:
    with pytest.raises(UnknownChoice):
        prices(desk.desk.reading, Wanted(columns=["nothing"]), desk.desk.reading.now())


def poisoned(found: pl.DataFrame) -> pl.DataFrame:
    """Every text of a table is one of the payloads, each payload in each column."""
    texts = [name for name, kind in found.schema.items() if kind == pl.String]
    rows = found.head(len(PAYLOADS))
    assert rows.height == len(PAYLOADS) and len(texts) >= 10
    return rows.with_columns(pl.Series(name, PAYLOADS) for name in texts)


def test_no_formula_leaves_as_csv(desk: Place) -> None:
    """P34. Whatever separates cells for the reader, no cell begins as a formula does."""
    whole = poisoned(table(desk))
    text = sheets.to_csv(whole, "EUR").decode("utf-8-sig")
    kinds = sheets.plain(whole, "EUR").schema
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert len(rows) == len(PAYLOADS)
    cells = [value for row in rows for name, value in row.items() if kinds[name] == pl.String]
    assert len(cells) >= 10 * len(PAYLOADS) and not [cell for cell in cells if FORMULA.match(cell)]
    assert all(float(row["price"]) > 0 for row in rows)
    assert text.count('"') % 2 == 0 and re.search(r'"a;=1\+1"', text)


def test_no_formula_leaves_as_xlsx(desk: Place) -> None:
    """P34, read back from the bytes of the sheet."""
    whole = poisoned(table(desk))
    data = sheets.to_xlsx(whole, "EUR", {"sku": "=SKU"})
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        sheet = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
        assert not [name for name in book.namelist() if "external" in name.lower() or name.endswith(".bin")]
    space = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    assert not sheet.findall(f".//{space}f") and not sheet.findall(f".//{space}hyperlink")
    texts = [
        "".join(part.text or "" for part in cell.iter(f"{space}t")) for cell in sheet.iter(f"{space}c") if cell.get("t") == "inlineStr"
    ]
    assert len(texts) >= 10 * len(PAYLOADS) and not [text for text in texts if FORMULA.match(text.replace("_x0000_", "\x00"))]
    figures = [cell for cell in sheet.iter(f"{space}c") if cell.get("t") is None and cell.find(f"{space}v") is not None]
    assert figures and all(np.isfinite(float(cell.find(f"{space}v").text)) for cell in figures)  # type: ignore[union-attr,arg-type]


def test_amounts_leave_in_major_units() -> None:
    one = pl.DataFrame({"sku": ["a"], "price": [1999], "landed_cost": [812.25], "move": [0.05]})
    assert sheets.plain(one, "EUR").row(0) == ("a", 19.99, 8.12, 0.05, "EUR")
    assert sheets.plain(one, "JPY").row(0) == ("a", 1999.0, 812.0, 0.05, "JPY")
    assert sheets.plain(one, "KWD").row(0) == ("a", 1.999, 0.812, 0.05, "KWD")


def test_shares_leave_rounded_and_words_beside_codes() -> None:
    one = pl.DataFrame(
        {"move": [-0.08528784648187637], "profit_change_lo": [1 / 3], "elasticity": [-2 / 3], "reason": ["profit_up"], "state": [None]},
        schema_overrides={"state": pl.String},
    )
    assert sheets.plain(one, "EUR").row(0)[:3] == (-0.0853, 0.33, -0.6667)
    told = sheets.told(one, {"reason": str.upper, "state": str.upper, "brand": str.upper})
    assert told.columns == ["move", "profit_change_lo", "elasticity", "reason", "reason_said", "state", "state_said"]
    assert told.row(0)[3:] == ("profit_up", "PROFIT_UP", None, None)
    other = one.with_columns(reason_said=pl.lit("makes_room"))
    assert sheets.told(other, {"reason": str.upper})["reason", "reason_said"].row(0) == ("profit_up", "MAKES_ROOM")


def test_answers_to_single_products_are_read_like_answers_to_all(desk: Place) -> None:
    """The latest word of each person counts, whether it was said of one product or of all."""
    decided = table(desk).head(3)
    first, second, _ = (Key(*row) for row in decided.select(KEY).iter_rows())
    at = desk.desk.reading.now()
    words = [("anna", "accept", Key("*", "*", "*")), ("ben", "accept", first), ("anna", "reject", second), ("ben", "reject", first)]
    rows = [
        {
            "run": "r",
            "requester": "pricesmith",
            "approver": who,
            "answer": said,
            "digest": "d",
            "expires": at.replace(year=2999),
            **key._asdict(),
        }
        for who, said, key in words
    ]
    found = answers(pl.DataFrame(rows), "r", "d", at, decided)
    assert found["agreed"].to_list() == [1, 0, 1]
    assert found["rejected"].to_list() == [True, True, False]
    assert answers(pl.DataFrame(rows), "r", "other", at, decided)["agreed"].to_list() == [0, 0, 0]


def test_the_page_of_a_folder_is_found(tmp_path: Path) -> None:
    """The table of an empty ledger says so instead of failing."""
    from pricesmith.flows import example
    from pricesmith.flows.desk.reading.ledger import Reading
    from pricesmith.flows.publishing.office import office

    example.write(tmp_path / "shop")
    fresh = Reading(office(tmp_path / "shop"))
    assert prices(fresh, Wanted(), fresh.now()).run == ""


def test_a_page_with_many_columns_has_fewer_rows(desk: Place) -> None:
    reading = desk.desk.reading
    found = prices(reading, Wanted(columns=list(COLUMNS), size=200), reading.now())
    assert found.pages == -(-found.found // (CELLS // (len(COLUMNS) + 2))) and len(found.rows) == min(
        found.found, CELLS // (len(COLUMNS) + 2)
    )


def test_groups_are_shown_page_by_page() -> None:
    """No group is left out, and each page ends in the sum of all."""
    count = 2 * PAGE + 5
    columns = {"expected_revenue": 1.0, "expected_profit": 1.0, "profit_change": 1.0, "price": 2, "current_price": 1, "action": "change"}
    whole = pl.DataFrame({"brand": [f"B{number}" for number in range(count)]}).with_columns(pl.lit(v).alias(k) for k, v in columns.items())
    found = [grouped(whole, "brand", "", page) for page in (1, 2, 3)]
    assert {pages for _, pages in found} == {3}
    assert {one.name for groups, _ in found for one in groups[:-1]} == set(whole["brand"])
    assert all(groups[-1].name == "*" and groups[-1].products == count for groups, _ in found)


def test_an_answer_to_every_change_is_one_answer(desk: Place) -> None:
    reading = desk.desk.reading
    keys = [Key(*row) for row in table(desk).filter(pl.col("action") == "change").select(KEY).iter_rows()]
    for chosen, rows in ((keys[:-1], len(keys) - 1), (keys, 1)):
        before = reading.rows("verdicts").height
        found = answer(reading.book, desk.run, "accept", by="anna", at=reading.now(), policy=reading.policy, keys=chosen)
        assert found == len(chosen) and reading.rows("verdicts").height == before + rows
    assert reading.rows("verdicts").select(KEY).row(-1) == ("*", "*", "*")


def test_categories_are_a_tree_that_counts_what_lies_below() -> None:
    one = pl.DataFrame({"category": ["b/x", "a", "b/y/z", "b/x", None, "", "b-c"]})
    assert list(categories(one).items()) == [("a", 1), ("b", 3), ("b/x", 2), ("b/y", 1), ("b/y/z", 1), ("b-c", 1)]
    assert categories(one.head(0)) == {}


@pytest.mark.parametrize("query", ["state=approved", "evidence=sure"])
def test_a_state_or_grade_that_is_none_is_answered_with_those_that_are(desk: Place, query: str) -> None:
    client = desk.client("viewer")
    for accept in ("text/html", "application/json"):
        told = client.get(f"/prices?{query}", headers={"Accept": accept})
        assert told.status_code == 404 and ("applied" in told.text or "adjusted" in told.text), told.text
