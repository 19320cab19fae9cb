"""Costs of cases: which column holds their units, where dividing is proposed, and that nothing is divided by a number that is none."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from pricesmith.contracts.errors import DataError
from pricesmith.flows.desk.imports import cases, headers
from pricesmith.flows.desk.imports.case_units import CaseUnits, units_of
from pricesmith.flows.desk.imports.foreign import Reading, written
from pricesmith.flows.desk.imports.numerals import of_one
from pricesmith.flows.desk.imports.sense import check

COSTS = {"sku": "UPC", "unit_cost": "CASE_COST"}


@pytest.mark.parametrize(
    "header",
    [
        "CASE_PACK", "Case Size", "CasePack", "units per case", "pack qty", "Inner Pack", "Carton quantity", "Pcs/Carton", "VPE",
        "Stück pro Karton", "Colisage", "Unités par carton", "Unidades por caja", "Pezzi per cartone", "Stuks per doos", "箱规", "装箱数",
    ],
)  # fmt: skip
def test_usual_headers_name_the_units_in_a_case(header: str) -> None:
    assert cases.units(header)


@pytest.mark.parametrize(
    "header", ["Units", "Cases", "Size", "Product size", "Pack type", "Case cost", "Case weight", "规格", "箱数", "Qty"]
)
def test_other_headers_name_none(header: str) -> None:
    assert not cases.units(header)


@pytest.mark.parametrize("header", ["CASE_COST", "Cost per case", "CaseCost", "Case net cost", "EK pro Karton", "Costo caja", "整箱成本"])
def test_what_a_case_costs_is_the_cost_where_another_header_names_its_units(header: str) -> None:
    rows = [["1", "6", "9.32"]]
    assert headers.guess("products", ["UPC", "Case pack", header], rows) == {"sku": "UPC", "unit_cost": header}
    assert headers.guess("products", ["UPC", "Weight", header], rows) == {"sku": "UPC"}, "it is no cost of one"
    assert headers.guess("products", ["UPC", "Case pack", header, "Unit cost"], [[*rows[0], "1"]])["unit_cost"] == "Unit cost"
    assert headers.guess("products", ["UPC", "Case pack", header], [["1", "six", "9.32"]]) == {"sku": "UPC"}, "nothing divides it"
    assert "unit_cost" not in headers.guess("sales", ["UPC", "Case pack", header], rows)


def test_dividing_is_proposed_where_both_headers_speak_of_cases() -> None:
    cells = {"CASE_COST": ["", "$9.32"], "CASE_PACK": ["6", "10"], "UPC 2": ["1111009477", "1111009497"], "Inner pack": ["2", "5"]}
    assert units_of(cells, "CASE_COST", None) == CaseUnits("CASE_PACK", ["CASE_PACK", "Inner pack"], ["$9.32", "10", "0.932"])
    assert units_of({**cells, "Cost": ["9,32"]}, "Cost", None) == CaseUnits("", ["CASE_PACK", "Inner pack"])
    assert units_of(cells | {"Size": ["1", "2"]}, "", None) == CaseUnits("", ["CASE_PACK", "Inner pack"]), "without costs by name alone"
    assert units_of({**cells, "Cost": ["9,32"]}, "Cost", "CASE_PACK").example == ["9,32", "6", "1.553333"], "as it was chosen last"
    assert units_of(cells, "CASE_COST", "") == CaseUnits("", ["CASE_PACK", "Inner pack"], undivided="CASE_COST")


@pytest.mark.parametrize(
    ("values", "offered"),
    [
        (["6", "12", ""], True), (["6.0"], True), (["6", "0", "n/a"], False), (["6", "2.5"], False), (["20260105"], False), ([""], False),
        (["0"], False), (["-6"], False),
    ],
)  # fmt: skip
def test_whole_numbers_above_0_are_offered(values: list[str], offered: bool) -> None:
    assert units_of({"Cost": [], "Other": values}, "Cost", None).offered == (["Other"] if offered else [])


def test_a_column_that_is_named_so_is_offered_though_some_of_its_cells_cannot_be_used() -> None:
    assert units_of({"Case cost": [], "Case pack": ["6", "0"]}, "Case cost", None).header == "Case pack"
    assert units_of({"Case cost": [], "Case pack": ["6", "x", "0"]}, "Case cost", None) == CaseUnits(undivided="Case cost")


@pytest.mark.parametrize(
    ("cost", "units", "one"),
    [
        ("9.32", "10", "0.932"), ("6.68", "6", "1.113333"), ("9.32", "", "?9.32"), ("9.32", "0", "?9.32"), ("9.32", "-6", "?9.32"),
        ("9.32", "six", "?9.32"), ("0", "0", "?0"), ("", "", ""), ("", "6", ""), ("?9.32", "6", "?9.32"), ("n/a", "", "n/a"),
    ],
)  # fmt: skip
def test_nothing_is_divided_by_what_is_no_number_above_0(cost: str, units: str, one: str) -> None:
    assert of_one(cost, units) == one


@pytest.mark.parametrize("alone", [True, False])
@pytest.mark.parametrize(("decimal", "mark"), [("point", "."), ("comma", ",")])
def test_costs_are_written_as_those_of_one(tmp_path: Path, alone: bool, decimal: str, mark: str) -> None:
    path = tmp_path / "costs.csv"
    rows = [["UPC", "CASE_COST", "CASE_PACK"], ["A", f"$9{mark}32", "10"], ["B", f"6{mark}68", "0"], ["C", f"6{mark}68"]]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    how = Reading("utf-8", "comma", decimal, "ymd-", COSTS, alone=alone, pack="CASE_PACK")
    found = [row[:2] for row in written(path, "products", how) if not isinstance(row, str)]
    assert found == [["sku", "unit_cost"], ["A", "0.932"], ["B", "?6.68"], ["C", "?6.68"]]


def test_only_costs_are_divided_and_by_another_column(tmp_path: Path) -> None:
    path = tmp_path / "costs.csv"
    path.write_text("UPC,CASE_COST,CASE_PACK\nA,9.32,10\n", encoding="utf-8")
    for columns, pack, said in (
        ({"sku": "UPC"}, "CASE_PACK", "only costs are divided"),
        (COSTS, "CASE_COST", "CASE_COST was chosen twice"),
        (COSTS, "Pack", "no column Pack"),
    ):
        with pytest.raises(DataError, match=said):
            check(path, "products", how := Reading("utf-8", "comma", "point", "ymd-", columns, pack=pack))
            list(written(path, "products", how))
