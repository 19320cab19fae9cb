"""A workbook written column by column, read back from its bytes."""

from __future__ import annotations

import io
import zipfile
from xml.etree import ElementTree

import polars as pl
import pytest

from pricesmith.apps.web.sheet_xml import ROWS_AT_ONCE, Column, workbook

SPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def cells(data: bytes) -> dict[str, tuple[str, str]]:
    """Place -> (kind, content) of every cell; every part of the workbook is XML."""
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        parts = {name: ElementTree.fromstring(book.read(name)) for name in book.namelist()}
    found = parts["xl/worksheets/sheet1.xml"].iter(f"{SPACE}c")
    return {str(cell.get("r")): (cell.get("t") or "n", "".join(cell.itertext())) for cell in found}


def test_texts_and_figures_come_back() -> None:
    table = pl.DataFrame(
        {"a": ["x & <y>", None, "_x0041_\x01"], "b": [1.5, float("nan"), 1e-9], "c": [7, None, -(2**40)]}, schema_overrides={"c": pl.Int64}
    )
    found = cells(workbook(table, [Column("A & B", "General", 9), Column("b", "0.0%", 9), Column("c", "#,##0.00", 9)], "prices"))
    assert found["A1"] == ("inlineStr", "A & B")
    assert found["A2"] == ("inlineStr", "x & <y>") and found["A4"] == ("inlineStr", "_x005F_x0041__x0001_")
    assert [float(found[place][1]) for place in ("B2", "B4")] == [1.5, 1e-9]
    assert [int(found[place][1]) for place in ("C2", "C4")] == [7, -(2**40)]
    assert not {"A3", "B3", "C3"} & set(found)


@pytest.mark.real
def test_rows_beyond_one_part_and_columns_beyond_z() -> None:
    height = ROWS_AT_ONCE + 2
    table = pl.DataFrame({f"c{number}": range(height) for number in range(28)})
    found = cells(workbook(table, [Column(name, "General", 9) for name in table.columns], "prices"))
    assert len(found) == 28 * (height + 1)
    assert found[f"AB{height + 1}"] == ("n", str(height - 1)) and found["AA1"][1] == "c26"
