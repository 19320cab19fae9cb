"""The competitor of a whole file: named by the header of its prices, by the file's name, or by nobody."""

from __future__ import annotations

from pathlib import Path

import pytest

from pricesmith.flows.desk.imports import foreign, headers
from pricesmith.flows.desk.imports.rivals import Rival, called, of_file, rival_of

ROWS = [["Juice 64oz", "2.87", "05/11/1992"]]


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("Jewel Price", "Jewel"), ("Price Jewel", "Jewel"), ("price_Cub_Foods", "Cub Foods"), ("Preis Migros (CHF)", "Migros"),
        ("永辉价格", "永辉"), ("价格（永辉）", ""),
        ("Unit Price", ""), ("Price", ""), ("Retail Price", ""), ("Price EUR", ""), ("Price per kg", ""),
        ("Competitor Price", ""), ("Checked", ""), ("Priceline", ""), ("", ""),
        ("freight_price", ""), ("Total Wine price", "Total Wine"), ("竞品价格", ""), ("零售价", ""),
    ],
)  # fmt: skip
def test_whose_price_a_header_names(header: str, name: str) -> None:
    assert called(header) == name


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("jewel_pricecheck.csv", "jewel"),
        ("Price check Cub Foods 1992-05.csv", "Cub Foods"),
        ("competitor_prices.csv", ""),
        ("0511.csv", ""),
        ("retail_price.csv", ""),
        ("retail sales.csv", ""),
        ("products_mega.csv", "mega"),
        ("Market Basket prices.csv", "Market Basket"),
        ("market.csv", ""),
        ("竞品价格.csv", ""),
        ("永辉价格.csv", "永辉"),
    ],
)
def test_whose_prices_the_name_of_a_file_says(file: str, name: str) -> None:
    assert of_file(file) == name


@pytest.mark.parametrize(("header", "name"), [("comp_1", "comp_1"), ("Cub_Foods", "Cub Foods"), ("unit_price", ""), ("lag_price", "")])
def test_a_column_that_names_no_price_is_called_as_the_competitor(header: str, name: str) -> None:
    told = rival_of("competitor_prices", ["sku"], header, "retail_price.csv", None)
    assert told == (Rival(True, name, "header") if name else Rival(True))


def test_what_is_proposed() -> None:
    assert rival_of("competitor_prices", ["sku"], "Jewel Price", "x.csv", None) == Rival(True, "Jewel", "header")
    assert rival_of("competitor_prices", ["sku"], "Price", "jewel_pricecheck.csv", "") == Rival(True, "jewel", "file")
    assert rival_of("competitor_prices", ["sku"], "Jewel Price", "x.csv", "Jewel-Osco") == Rival(True, "Jewel-Osco", "last")
    assert rival_of("competitor_prices", ["sku"], "Price", "prices.csv", None) == Rival(True)
    assert rival_of("competitor_prices", ["competitor"], "Jewel Price", "jewel.csv", None) == Rival(True), "a column names them"
    assert rival_of("competitor_prices", ["sku"], "Mega", "concorrentes.csv", None) == Rival(True, "Mega", "header"), "a column of its own"
    assert rival_of("competitor_prices", ["sku"], "Preço", "concorrentes.csv", None) == Rival(True)
    assert rival_of("competitor_prices", ["sku"], "价格", "prices.csv", None) == Rival(True)
    assert rival_of("competitor_prices", ["sku"], "", "konkurrenzpreise.csv", None) == Rival(True)
    assert rival_of("sales", ["sku"], "Jewel Price", "jewel.csv", None) == Rival()


def test_a_price_with_a_name_is_a_competitors_price_and_no_other() -> None:
    names = ["Item", "Jewel Price", "Checked"]
    assert headers.guess("competitor_prices", names, ROWS) == {"sku": "Item", "price": "Jewel Price", "observed_at": "Checked"}
    assert headers.better("competitor_prices", names, ROWS) == ""
    more = ["Item", "Name", "Brand", "Jewel Price", "Checked"]
    assert headers.better("competitor_prices", more, [["A", "Juice", "Own", "2.87", "05/11/1992"]]) == "", "nothing is lacking"
    assert "price" not in headers.guess("sales", names, ROWS)
    assert "price" not in headers.guess("competitor_prices", names, [["Juice", "low", "05/11/1992"]]), "these are no numbers"
    both = headers.guess("competitor_prices", [*names, "Cub Price"], [[*ROWS[0], "2.99"]])
    assert "price" not in both, "whose of the two is meant has to be said"
    assert headers.guess("competitor_prices", ["Price", "Jewel Price"], [["1", "2"]])["price"] == "Price"


def test_a_row_that_is_too_short_stays_so(tmp_path: Path) -> None:
    path = tmp_path / "jewel.csv"
    path.write_text("Item,Jewel Price,competitor\nA,2.87,x\nB\n", encoding="utf-8")
    how = foreign.Reading("utf-8", "comma", "point", "ymd-", {"sku": "Item", "price": "Jewel Price"}, competitor="Jewel")
    found = list(foreign.written(path, "competitor_prices", how))
    assert found == [["competitor", "sku", "price", "(competitor)"], ["Jewel", "A", "2.87", "x"], ["Jewel", "B"]]
