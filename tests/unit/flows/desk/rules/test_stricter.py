"""Rules that allow what a guard stops."""

from __future__ import annotations

import pytest

from pricesmith.flows.desk.rules.policy_file import checked
from pricesmith.flows.desk.rules.stricter import Stricter, stricter

HEAD = 'currency = "EUR"\n'
WIDE = '[[rule]]\nkind = "max_change"\nstep = 0.15\n'


def told(text: str) -> list[Stricter]:
    return stricter(checked(HEAD + text), HEAD + text)


def test_a_step_beyond_the_guard_is_told_with_the_setting() -> None:
    assert told(WIDE) == [Stricter("max_change", "G3", "max_step", 0.15, 0.1, None)]
    assert told("[guards]\nmax_step = 0.12\n" + WIDE) == [Stricter("max_change", "G3", "max_step", 0.15, 0.12, 3)]
    assert told("[guards]\nclock_seconds = 5\n" + WIDE) == [Stricter("max_change", "G3", "max_step", 0.15, 0.1, None)], "not in the text"


@pytest.mark.parametrize(
    "text",
    [
        "[guards]\nmax_step = 0.15\n" + WIDE,
        WIDE.replace("0.15", "0.1"),
        WIDE + '[[rule]]\nkind = "max_change"\nstep = 0.05\n',
        '[[rule]]\nkind = "max_change"\ndown = 0.05\n',
    ],
)
def test_nothing_is_said_where_the_rules_keep_inside_the_guard(text: str) -> None:
    assert told(text) == []


def test_a_narrower_rule_for_some_products_or_one_that_may_give_way_keeps_nothing_inside() -> None:
    narrow = '[[rule]]\nkind = "max_change"\nstep = 0.05\n'
    assert len(told(WIDE + narrow + 'where = { category = "Toys" }\n')) == 1
    assert len(told(WIDE + narrow + "hard = false\n")) == 1


def test_the_smallest_of_the_steps_of_a_day_and_a_week_counts() -> None:
    (one,) = told("[guards]\nmax_step = 0.3\nmax_day = 0.12\n" + WIDE)
    assert (one.setting, one.limit) == ("max_day", 0.12)


def test_a_margin_below_that_of_the_guard_is_told() -> None:
    floor = '[guards]\nmin_margin = 0.1\n[[rule]]\nkind = "margin_floor"\nmin_margin = 0.05\n'
    assert [(one.guard, one.setting, one.allows, one.limit) for one in told(floor)] == [("G1", "min_margin", 0.05, 0.1)]
    assert told(floor.replace("0.05", "0.1")) == []
    (one,) = told(floor.replace("min_margin = 0.05", "of_price = 0.05"))
    assert one.allows == pytest.approx(0.05 / 0.95), "as a mark-up, in which the guard is said"
    assert told(floor.replace("min_margin = 0.05", "of_price = 0.1")) == []
