"""Products as people write them into the form of a rule."""

from __future__ import annotations

import polars as pl
import pytest

from pricesmith.contracts.errors import UsageError
from pricesmith.contracts.rule import matches
from pricesmith.flows.desk.forms.named_products import NONE, as_typed, one_pattern, patterns, taken

SHOP = pl.DataFrame(
    {
        "sku": ["Dominick's 64oz", "T-1", "T-2", "T-3", "A, B", "C*"],
        "name": ["Dominick's 64oz", "Tropicana 64oz", "Tropicana twin", "Tropicana twin", "Note: 5", "Star"],
        "brand": ["Dominick's", "Tropicana", "Tropicana", "Tropicana", "both", None],
        "category": ["juice/orange", "juice/orange", "juice/apple", "both", None, None],
        **dict.fromkeys(("channel", "region", "family", "role"), [None] * 6),
    },
    schema=NONE.schema,
)
OZ = {"sku": "Dominick's 64oz"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('{ brand = "own*" }', {"brand": "own*"}),
        ("brand = own*", {"brand": "own*"}),
        ("brand:own*", {"brand": "own*"}),
        ("Brand：own*", {"brand": "own*"}),
        ('{"brand": "own*"}', {"brand": "own*"}),
        ('{ sku = "Dominick\'s 64oz" }', OZ),
        ("{ sku = 'Dominick's 64oz' }", OZ),
        ("{ sku = Dominick's 64oz }", OZ),
        ("sku = “Dominick's 64oz”", OZ),
        ("Dominick's 64oz", OZ),
        ('"Dominick\'s 64oz"', OZ),
        ("{ Dominick's 64oz }", OZ),
        ("Tropicana 64oz", {"sku": "T-1"}),
        ("juice/orange", {"category": "juice/orange"}),
        ("Dominick's", {"brand": "Dominick's"}),
        ("Note: 5", {"sku": "A, B"}),
        ("A, B", {"sku": "A, B"}),
        ("C*", {"sku": "C[*]"}),
        ("sku = A, B", {"sku": "A, B"}),
        ("brand = 'Dominick's', region: 'north'", {"brand": "Dominick's", "region": "north"}),
        ("brand = own, region = north, role=main,", {"brand": "own", "region": "north", "role": "main"}),
        ("brand=own；region=北", {"brand": "own", "region": "北"}),
        ('brand = "a \\"b\\" = c, role = d"', {"brand": 'a "b" = c, role = d'}),
    ],
)
def test_all_usual_writings_are_read(text: str, found: dict[str, str]) -> None:
    assert patterns(text, "of", SHOP) == found
    assert patterns(as_typed(found), "of", SHOP) == found


@pytest.mark.parametrize(
    ("text", "what", "hint"),
    [
        ("Dominicks 64oz", "'Dominicks 64oz' is no SKU, product name, category or brand of this shop", "sku = Dominick's 64oz"),
        ("colour = red", "cannot select by 'colour'", "columns: sku, channel, region, brand, category, family, role"),
        ("brand = own, colour = red", "cannot select by 'colour'", "columns: "),
        ("sku = a, sku = b", "sku is named twice", "make a rule for each"),
        ("brand =", "nothing stands behind brand", "column = value"),
        ("{}", "'' is no SKU", "column = value"),
        ("Tropicana twin", "2 products are called 'Tropicana twin'", "T-2, T-3"),
        ("both", "'both' may be meant as category or brand", "category = both, or brand = both"),
        ("own*", "'own*' is no SKU", "column = value"),
    ],
)
def test_what_is_none_names_what_there_is(text: str, what: str, hint: str) -> None:
    with pytest.raises(UsageError) as raised:
        patterns(text, "of", SHOP)
    assert what in raised.value.what and hint in raised.value.hint and raised.value.where == "of"


def test_a_value_alone_says_what_it_was_taken_as() -> None:
    found = taken("Tropicana 64oz", "to", SHOP)
    assert found is not None and (found.field, found.value, found.column, found.pattern) == ("to", "Tropicana 64oz", "sku", "T-1")
    assert taken("sku = T-1", "to", SHOP) is None


def test_a_value_with_marks_of_a_pattern_names_itself_alone() -> None:
    found = matches(SHOP.with_columns(sku=pl.Series(["C*", "CD", "x", "y", "z", "w"])), patterns("C*", "of", SHOP))
    assert list(found) == [True, False, False, False, False, False]


def test_without_a_shop_columns_are_named() -> None:
    with pytest.raises(UsageError, match="no SKU"):
        patterns("Dominick's 64oz", "of")
    assert patterns("sku = Dominick's 64oz", "of") == OZ


@pytest.mark.parametrize(
    ("column", "text", "found"),
    [
        ("sku", '"Dominick\'s 64oz"', "Dominick's 64oz"),
        ("sku", '{ sku = "Dominick\'s 64oz" }', "Dominick's 64oz"),
        ("brand", " own* ", "own*"),
        ("brand", "sku: own", "sku: own"),
    ],
)
def test_a_field_of_one_column_takes_the_same_writings(column: str, text: str, found: str) -> None:
    assert one_pattern(column, text) == found
