"""Several numbers in one field of a form."""

from __future__ import annotations

import pytest

from pricesmith.contracts.errors import UsageError
from pricesmith.flows.desk.forms.number_list import number, typed
from pricesmith.flows.desk.rules.rule_kinds import filled


@pytest.mark.parametrize(
    "text",
    [
        "0.95 0.99",
        "0.95, 0.99",
        "0.95,0.99",
        " 0.95; 0.99 ",
        ".95 .99",
        "0.95，0.99",
        "0.95、0.99",
        "0.95,\n0.99,",
        "0,95 0,99",
        ",95 ,99",
        "0,95; 0,99",
        "0,95, 0.99,",
        "0,95、,99",
        "[0.95, 0.99]",
        " [0.95,0.99] ",
        "[0,95 0,99]",
    ],
)
def test_numbers_are_separated_in_any_way_that_can_mean_one_thing_only(text: str) -> None:
    assert typed(text, "endings") == [0.95, 0.99]


def test_whole_numbers_stay_whole_and_nothing_is_an_empty_list() -> None:
    assert typed("9, 0", "endings") == [9, 0] and isinstance(typed("9", "endings")[0], int)
    assert typed(" , ", "endings") == []


@pytest.mark.parametrize("text", ["9,95", "95,99", "0,95,0,99", ",95,99"])
def test_a_comma_that_may_be_a_decimal_point_is_asked_about(text: str) -> None:
    with pytest.raises(UsageError, match="may be a decimal point") as caught:
        typed(text, "endings")
    assert "0.99, 0.49" in (caught.value.hint or "")
    with pytest.raises(UsageError, match="may be a decimal point"):
        filled("price_endings", {"endings": text}, {}, True, 0)


def test_a_single_number_takes_either_decimal_mark() -> None:
    assert [number(text, "x") for text in ("12,5", "12.5", ",5", "-0,5", "7")] == [12.5, 12.5, 0.5, -0.5, 7]
    for text in ("1,2,3", "1.029,90", "12,"):
        with pytest.raises(UsageError, match="is no number"):
            number(text, "x")


def test_what_is_no_number_is_named() -> None:
    with pytest.raises(UsageError, match=r"'\[0.95' is no number"):
        typed("[0.95, 0.99", "endings")
    with pytest.raises(UsageError, match="'ninety' is no number"):
        typed("0.95 ninety", "endings")
