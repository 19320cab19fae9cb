"""A column that tells rows of one key apart is found, and nothing else is taken for one; yes and no are read in the words of the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from pricesmith.flows.desk.imports import foreign
from pricesmith.flows.desk.imports.telling import tells_apart

SALES = {"sku": "Art", "date": "Tag", "units": "Menge"}


def written(path: Path, header: str, rows: list[str]) -> tuple[Path, foreign.Look]:
    path.write_text("\n".join([header, *rows, ""]), encoding="utf-8")
    return path, foreign.look(path)


def two_places(last: str) -> list[str]:
    """One row a day and place; last: what else stands in a row."""
    days = range(1, 21)
    return [f"A{k},2026-01-{day:02},3,{place},{last.format(day)}" for k in range(4) for place in ("Haus Nord", "Haus Süd") for day in days]


def test_places_of_one_file_are_told_apart_by_the_column_that_names_them(tmp_path: Path) -> None:
    path, seen = written(tmp_path / "s.csv", "Art,Tag,Menge,Haus,Kasse", two_places("K{0}"))
    assert tells_apart(path, "sales", seen, SALES) == ("channel", "Haus")
    assert tells_apart(path, "sales", seen, SALES | {"channel": "Kasse"}) == ("region", "Haus")
    assert tells_apart(path, "sales", seen, SALES | {"channel": "Haus"}) is None, "each row has a key of its own then"
    assert tells_apart(path, "sales", seen, {"sku": "Art", "units": "Menge"}) is None, "the key is not known"
    assert tells_apart(path, "products", seen, {"sku": "Art"}) is None, "products have no places"


def test_a_column_that_numbers_the_rows_is_no_place(tmp_path: Path) -> None:
    rows = [f"A1,2026-01-01,3,{number}" for number in range(2000)]
    path, seen = written(tmp_path / "s.csv", "Art,Tag,Menge,Beleg", rows)
    assert tells_apart(path, "sales", seen, SALES) is None


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("ja", "1"),
        ("Nein", "0"),
        ("nee", "0"),
        ("Tak", "1"),
        ("nie", "0"),
        (" YES ", "1"),
        ("false", "0"),
        ("是", "1"),
        ("x", "1"),
        ("", ""),
        ("1", "1"),
        ("vielleicht", "vielleicht"),
    ],
)
def test_yes_and_no_are_read_as_files_write_them(tmp_path: Path, text: str, read: str) -> None:
    path, _ = written(tmp_path / "s.csv", "Art,Tag,Menge,Aktion", [f"A,2026-01-05,3,{text}"])
    how = foreign.Reading("utf-8", "comma", "point", "ymd-", SALES | {"promo": "Aktion"})
    header, row = foreign.written(path, "sales", how)
    assert dict(zip(header, row, strict=True))["promo"] == read
