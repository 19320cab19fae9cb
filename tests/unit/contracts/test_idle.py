"""A rule about no product is told with its place, with what fits nothing, and with what products have there."""

from __future__ import annotations

from typing import Any

import pytest

from pricesmith.apps.report.words import Words
from pricesmith.contracts.idle import LISTED, Idle, idle, place_of, told
from tests.unit.rules.shelf import items, rules

STEP = {"kind": "max_change", "step": 0.1}
SHELF = items({"brand": "Acme"}, {"brand": "Acme", "category": "home/pots"}, {"brand": "Birch", "category": "garden/pots"})


def where(**patterns: str) -> dict[str, Any]:
    return {**STEP, "where": patterns}


def test_rules_about_some_product_are_not_named() -> None:
    assert idle(rules(STEP, where(brand="A*"), where(category="home/*", brand="Acme"), where(sku="S?")), SHELF) == []


@pytest.mark.parametrize(
    ("patterns", "column", "values"),
    [
        ({"brand": "acme"}, "brand", ["Acme", "Birch"]),
        ({"brand": "A*", "category": "gardn/*"}, "category", ["garden/pots", "home/pans", "home/pots"]),
        ({"channel": "shop"}, "channel", ["web"]),
        ({"role": "key"}, "role", []),
        ({"role": "!key"}, "role", []),
        ({"brand": "Zzz", "category": "!y"}, "brand", ["Acme", "Birch"]),
        ({"brand": "Birch", "category": "home/*"}, "", []),
    ],
)
def test_what_fits_none_is_named_with_what_there_is(patterns: dict[str, str], column: str, values: list[str]) -> None:
    (found,) = idle(rules(STEP, where(**patterns)), SHELF)
    assert (found.number, found.kind, found.column, found.values, found.more) == (1, "max_change", column, values, 0)
    assert place_of(found) == "$.rule[1].where" and found.pattern == patterns.get(column, "")


@pytest.mark.parametrize(("patterns", "pattern"), [({"brand": "!acme"}, "acme"), ({"category": "home/*", "brand": "!Oak*"}, "Oak*")])
def test_an_exception_that_excepts_nothing_is_named(patterns: dict[str, str], pattern: str) -> None:
    (found,) = idle(rules(STEP, where(**patterns), where(brand="!Acme")), SHELF)
    assert (found.number, found.column, found.pattern, found.excepts) == (1, "brand", pattern, True) and "Acme" in found.values


def test_of_many_values_the_likest_are_listed() -> None:
    many = items(*({"brand": f"brand {number:02}"} for number in range(40)))
    (found,) = idle(rules(where(brand="Brand 4")), many)
    assert len(found.values) == LISTED and found.more == 40 - LISTED and set(found.values) >= {"brand 04", "brand 14"}
    assert told(found).endswith(", ...")


@pytest.mark.parametrize(
    ("one", "english", "chinese"),
    [
        (Idle(1, "exclude", "brand", "Acne", ["Acme", "Birch"]), "(exclude) acts on no product: none has brand = Acne; write", "请改为"),
        (Idle(1, "exclude", "brand", "Acne", ["Acme"], excepts=True), "excepts no product: none has brand = Acne", "没有排除任何"),
        (Idle(1, "exclude", "role", "key"), "none has role = key, as none names a role at all; fill in that column", "都未填写 role"),
        (Idle(1, "exclude"), "and no product fits all of them; take one out", "没有商品同时符合"),
    ],
)  # fmt: skip
def test_it_says_what_where_and_what_to_do_in_every_language(one: Idle, english: str, chinese: str) -> None:
    message = f"shop.toml: {told(one)}"
    assert english in message and chinese in Words("zh").warning("idle_rule", message)
    assert "$.rule[1]（exclude）" in Words("zh").warning("idle_rule", message)
