"""Several columns that mark a promotion: which headers name one, what cells say together, and what is offered."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from pricesmith.contracts.errors import DataError
from pricesmith.flows.desk.imports import foreign
from pricesmith.flows.desk.imports.marks import Marks, either, marks_of, named, readable, speaks

COLUMNS = {"date": "Day", "sku": "UPC", "units": "Units", "price": "Price"}


@pytest.mark.parametrize(
    "header",
    [
        "Feature", "DISPLAY", "TPR", "TPR only", "Flyer", "Circular", "Leaflet", "On promo", "Display flag", "Feature (Y/N)", "Handzettel",
        "Sonderangebot", "Tête de gondole", "En promotion", "In folder", "Folleto", "Em promoção", "Encarte", "Gazetka", "Volantino",
        "是否促销", "海报", "特价",
    ],
)  # fmt: skip
def test_usual_headers_name_a_mark(header: str) -> None:
    assert named(header)


@pytest.mark.parametrize("header", ["Base Price", "Units", "Only", "Store", "Y/N", "Vendor", "Display price", "Promo price"])
def test_other_headers_name_none(header: str) -> None:
    assert not named(header)


@pytest.mark.parametrize(
    "header", ["Ad Feature", "In-store display", "Coupon this week", "Weekly Special", "TPR (Y/N)", "本周海报", "是否优惠券"]
)
def test_one_word_of_a_longer_header_speaks_for_a_mark(header: str) -> None:
    assert speaks(header)


@pytest.mark.parametrize(
    "header", ["Non promo", "No deal", "Deal units", "Promo price", "Special order", "Ad cost", "Address", "Readable", "Organic", "可售"]
)
def test_other_words_speak_for_none(header: str) -> None:
    assert not speaks(header)


def test_a_longer_header_is_a_mark_only_where_its_cells_say_yes_or_no() -> None:
    cells = {"Ad Feature": ["N", "Y"], "Coupon": ["Y", "N"], "Display type": ["end", "aisle"], "Organic": ["Y", "N"]}
    assert marks_of(cells, "", None) == Marks("Ad Feature", ["Coupon"], ["Organic"], [])
    assert marks_of(cells, "Coupon", []) == Marks("Coupon", [], ["Ad Feature", "Organic"], ["Ad Feature"])


@pytest.mark.parametrize(
    ("values", "can"),
    [
        (["0", "1", ""], True), (["yes", "No"], True), (["true", "FALSE"], True), (["1.0", "0,0"], True), (["是", "否"], True),
        (["", ""], False), ([], False), (["0", "2"], False), (["10 %", ""], False), (["1.39"], False),
    ],
)  # fmt: skip
def test_a_mark_says_yes_or_no(values: list[str], can: bool) -> None:
    assert readable(values) == can


def test_one_yes_is_enough_and_nothing_unknown_becomes_a_no() -> None:
    for cells in itertools.product(("", "0", "1", "maybe"), repeat=3):
        told = either(cells)
        if "1" in cells:
            assert told == "1", cells
        elif "maybe" in cells:
            assert told == "maybe", cells
        else:
            assert told == ("0" if "0" in cells else ""), cells


def test_what_is_offered() -> None:
    cells = {"Feature": ["0", "1"], "Kind": ["a", "b"], "Display": ["yes", ""], "Returned": ["0", "0"], "TPR": ["10", "20"]}
    assert marks_of(cells, "", None) == Marks("Feature", ["Display"], ["Returned"], ["TPR"])
    assert marks_of(cells, "Promo", None) == Marks("Promo", ["Feature", "Display"], ["Returned"], ["TPR"])
    assert marks_of(cells, "Promo", ["Returned"]) == Marks("Promo", ["Returned"], ["Feature", "Display"], ["Feature", "Display", "TPR"])
    assert marks_of(cells, "", []) == Marks("", [], ["Feature", "Display", "Returned"], ["Feature", "Display", "TPR"])
    assert marks_of({}, "", None) == Marks()


def test_a_row_is_on_promotion_where_any_column_says_so(tmp_path: Path) -> None:
    path = tmp_path / "sales.csv"
    lines = ["Day,UPC,Units,Price,Feature,Display,TPR", "2026-01-05,A,1,2,0,yes,", "2026-01-06,A,1,2,0,No,false", "2026-01-07,A,1,2,,,"]
    path.write_text("\n".join([*lines, "2026-01-08,A,1,2,0,often,0", "2026-01-09,A,1,2,0", ""]), encoding="utf-8")
    how = foreign.Reading("utf-8", "comma", "point", "ymd-", COLUMNS | {"promo": "Feature"}, promos=("Display", "TPR"))
    rows = list(foreign.written(path, "sales", how))
    assert rows[0] == ["promo_kind", "date", "sku", "units", "price", "promo", "(Display)", "(TPR)"]
    assert [row[5] for row in rows[1:]] == ["1", "0", "", "often", "0"]
    assert rows[1][6:] == ["yes", ""], "the other columns stay as they stand"
    assert rows[-1] == ["", "2026-01-09", "A", "1", "2", "0"], "a row that is too short stays so and is set aside"
    alone = foreign.Reading("utf-8", "comma", "point", "ymd-", COLUMNS | {"promo": "TPR"}, alone=True, promos=("Display",))
    assert [row[5:] for row in foreign.written(path, "sales", alone)] == [["promo"], ["1"], ["0"], [""], ["often"], []]
    strange = foreign.Reading("utf-8", "comma", "point", "ymd-", COLUMNS | {"promo": "Feature"}, promos=("Coupon",))
    with pytest.raises(DataError, match="no column Coupon"):
        list(foreign.written(path, "sales", strange))


def test_rows_that_belong_together_share_every_mark(tmp_path: Path) -> None:
    path = tmp_path / "sales.csv"
    path.write_text("No,Day,UPC,Units,Price,Feature,Display\n7,2026-01-05,A,1,2,0,1\n7,,B,1,2,,\n8,2026-01-05,C,1,2,,\n", encoding="utf-8")
    columns = COLUMNS | {"promo": "Feature"}
    how = foreign.Reading("utf-8", "comma", "point", "ymd-", columns, joins="No", promos=("Display",))
    assert [row[6] for row in foreign.written(path, "sales", how)] == ["promo", "1", "1", ""]


def test_which_marks_say_so_is_the_kind_of_the_promotion(tmp_path: Path) -> None:
    path = tmp_path / "sales.csv"
    lines = ["Day,UPC,Units,Price,Feature,Display,Sort"]
    lines += [f"2026-01-0{day},A,1,2,{marks}" for day, marks in enumerate(("yes,0,", "yes,1,", "0,1,", "0,0,", ",,"), 1)]
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")
    how = foreign.Reading("utf-8", "comma", "point", "ymd-", COLUMNS | {"promo": "Feature"}, promos=("Display",))
    assert [row[0] for row in foreign.written(path, "sales", how)] == ["promo_kind", "Feature", "Display + Feature", "Display", "", ""]
    own = foreign.Reading("utf-8", "comma", "point", "ymd-", COLUMNS | {"promo": "Feature", "promo_kind": "Sort"}, promos=("Display",))
    assert next(iter(foreign.written(path, "sales", own)))[0] == "date", "a column of the file that is the kind stays that"
