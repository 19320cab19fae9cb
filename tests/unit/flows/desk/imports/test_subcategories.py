"""A group below another is a category where no other column is one."""

from __future__ import annotations

import pytest

from pricesmith.flows.desk.imports import headers


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (["EAN", "Podgrupa"], "Podgrupa"),
        (["EAN", "Podgrupa", "Grupa"], "Grupa"),
        (["sku", "Unterkategorie", "Kategorie"], "Kategorie"),
        (["sku", "subcategory", "category"], "category"),
        (["sku", "Sub-category"], "Sub-category"),
    ],
)
def test_the_wider_group_is_the_category(names: list[str], found: str) -> None:
    assert headers.guess("products", names, [["1", "a", "b"][: len(names)]])["category"] == found
