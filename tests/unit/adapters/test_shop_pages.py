"""Each platform has a page that says what it is, and whose example is read as the section it shows."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

from pricesmith.adapters.shops import SHOPS
from pricesmith.contracts.policy import parse_policy
from tests.house.source import ROOT

PAGES = ROOT / "docs" / "shops"


def page(name: str) -> str:
    return (PAGES / f"{name}.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", SHOPS)
def test_page_says_what_the_platform_is(name: str) -> None:
    shop, text = SHOPS[name], page(name)
    label = {"real": "**Run for real**", "contract": "**Contract-tested**"}[shop.capability.proven]
    assert label in text
    assert shop.example in text
    assert shop.secret in text
    assert [option for option in shop.options if f"| `{option}` |" not in text] == []
    assert f"({name}.md)" in page("README")


@pytest.mark.parametrize("name", SHOPS)
def test_example_is_a_section(name: str) -> None:
    policy = parse_policy(f'currency = "EUR"\n{SHOPS[name].example}', {})
    (section,) = policy.shops.values()
    assert section.platform == name
    assert set(section.options) <= set(SHOPS[name].options)


@pytest.mark.parametrize("name", SHOPS)
def test_who_tells_orders_says_so(name: str) -> None:
    """Guard G16 and `drill` go by it: the adapter knows how to read orders, or it says that it does not."""
    source = Path(str(importlib.import_module(f"pricesmith.adapters.shops.{name}").__file__)).read_text(encoding="utf-8")
    assert SHOPS[name].capability.orders == ('table.name == "orders"' in source)


def test_no_page_without_a_platform() -> None:
    assert {file.stem for file in Path(PAGES).glob("*.md")} == {*SHOPS, "README"}


def test_only_the_two_that_ran_and_the_file_say_real() -> None:
    real = {name for name, shop in SHOPS.items() if shop.capability.proven == "real"}
    assert real == {"vendure", "medusa", "csv_feed"}
    assert all(re.search(r"No (real|feed|public)|receiver", page(name)) for name in set(SHOPS) - real)
