"""Every registered kind of rule keeps to every law of rules."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import msgspec
import numpy as np
import polars as pl
import pytest

from pricesmith import rules
from pricesmith.apps.web.words import LANGUAGES, Words, catalogue
from pricesmith.contracts.curves import Flags, Ints
from pricesmith.contracts.rule import Context, Limits, Rule, numbers
from pricesmith.flows.desk.rules.rule_kinds import SHARED, fields
from pricesmith.rules import RULES
from pricesmith.testing.check_rule import check_rule
from tests.conformance.rule_entries import OWN, example, lacking
from tests.foreign_rule import plugged_in

NEED_DECIMALS = {"price_endings"}
"""Kinds whose example is none in a currency without decimals."""


def test_all_kinds_are_found() -> None:
    """One in each file of the folder that names a rule."""
    written = [file.stem for file in Path(rules.__path__[0]).glob("[!_]*.py") if "\nRULE = " in file.read_text(encoding="utf-8")]
    assert sorted(OWN) == sorted(written) and len(written) >= 14
    assert all(kind.__struct_config__.tag == name for name, kind in RULES.items())


@pytest.mark.parametrize("name", RULES)
def test_rule(name: str) -> None:
    check_rule(RULES[name], example(name))


@pytest.mark.parametrize("name", sorted(set(RULES) - NEED_DECIMALS))
def test_rule_without_decimals(name: str) -> None:
    check_rule(RULES[name], example(name), currency="JPY", seeds=1)


@pytest.mark.parametrize("name", OWN)
def test_a_rule_has_all_its_words(name: str) -> None:
    missing = lacking(name)
    assert not missing, f"rule {name}: to be written are " + "; ".join(missing)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", OWN)
def test_no_two_settings_of_a_rule_have_one_name(name: str, language: str) -> None:
    words = Words(language)
    keys = [f"rulename_{name}_{one.name}" for one in fields(RULES[name])] + [f"rulename_{one}" for one in ("kind", *SHARED)]
    names = [words(key) for key in keys if key in catalogue()]
    assert len(set(names)) == len(names)
    assert not [one for one in names if "_" in one]


def test_a_rule_without_words_is_told_which_to_write_and_where(tmp_path: Path) -> None:
    """The example of CONTRIBUTING.md, as if it were one of ours."""
    with plugged_in(tmp_path):
        assert lacking("round_prices") == [
            "[rule_round_prices] in src/pricesmith/apps/report/words.toml",
            "[ruledoc_round_prices] in src/pricesmith/apps/web/words/rule_kinds.toml",
            "[rulefield_round_prices_step] in src/pricesmith/apps/web/words/rule_kinds.toml",
            "[rulename_round_prices_step] in src/pricesmith/apps/web/words/rule_names.toml",
            "[told_round_prices_step] in src/pricesmith/apps/web/words/rule_said.toml",
            "[told_round_prices] in src/pricesmith/apps/web/words/rule_said.toml",
        ]


class Ceiling(Rule, frozen=True, kw_only=True, tag="ceiling"):
    """A price stays below a ceiling."""

    top: Annotated[float, msgspec.Meta(description="the ceiling, in minor units")]

    def limit(self, items: pl.DataFrame, context: Context) -> Limits:
        limits = Limits.none(items.height)
        limits.high[self.selects(items)] = self.top
        return limits


EXAMPLE = '[[rule]]\nkind = "ceiling"\ntop = 2000.0'


def test_a_rule_of_another_package_passes() -> None:
    check_rule(Ceiling, EXAMPLE)


class Undescribed(Ceiling, frozen=True, kw_only=True, tag="ceiling"):
    """A price stays below a ceiling."""

    extra: int = 0


class Mute(Ceiling, frozen=True, kw_only=True, tag="ceiling"):
    __doc__ = ""


class Lenient(Ceiling, frozen=True, kw_only=True, tag="ceiling"):
    """A price stays below a ceiling, which the verdict forgets."""

    def broken(self, items: pl.DataFrame, prices: Ints, context: Context) -> Flags:
        return np.zeros(items.height, dtype=bool)


class Greedy(Ceiling, frozen=True, kw_only=True, tag="ceiling"):
    """A price stays above the cost, where there is one."""

    def limit(self, items: pl.DataFrame, context: Context) -> Limits:
        limits = Limits.none(items.height)
        limits.low[:] = np.nan_to_num(numbers(items, "landed_cost"), nan=-np.inf)
        return limits


class Ordered(Ceiling, frozen=True, kw_only=True, tag="ceiling"):
    """A price stays below a ceiling that rises from row to row."""

    def limit(self, items: pl.DataFrame, context: Context) -> Limits:
        return Limits(np.full(items.height, -np.inf), 10.0 * np.arange(items.height), np.full(items.height, "", dtype=object))


class Boundless(Ceiling, frozen=True, kw_only=True, tag="ceiling"):
    """A price stays below a ceiling, whatever `where` says."""

    def selects(self, items: pl.DataFrame) -> Flags:
        return np.ones(items.height, dtype=bool)


class Chatty(Ceiling, frozen=True, kw_only=True, tag="ceiling"):
    """A price is held for a reason that is no code."""

    def limit(self, items: pl.DataFrame, context: Context) -> Limits:
        limits = Limits.none(items.height)
        limits.hold[:] = "Because I say so"
        return limits


class Formless(Ceiling, frozen=True, kw_only=True, tag="ceiling"):
    """A price is a whole multiple of ten minor units, and nothing says which stands beside another."""

    def admits(self, items: pl.DataFrame, prices: Ints, context: Context) -> Flags:
        return (prices % 10 == 0) | ~self.selects(items)[:, None]


class HalfFormed(Formless, frozen=True, kw_only=True, tag="ceiling"):
    """A price is a whole multiple of ten minor units, and only the one above is told."""

    def beside(self, items: pl.DataFrame, prices: Ints, context: Context, up: bool) -> Ints:
        return np.where(self.selects(items)[:, None] & up, -(-prices // 10) * 10, prices)


@pytest.mark.parametrize(
    ("kind", "law"),
    [
        (Undescribed, "needs Meta"),
        (Mute, "docstring"),
        (Lenient, "broken differs"),
        (Greedy, "an empty landed_cost permits"),
        (Ordered, "order of the rows"),
        (Boundless, "where leaves out"),
        (Chatty, "reason code"),
        (Formless, "beside stays at a price that admits refuses"),
        (HalfFormed, "beside stays at a price that admits refuses"),
    ],
)
def test_the_suite_catches(kind: type[Rule], law: str) -> None:
    with pytest.raises(AssertionError, match=law):
        check_rule(kind, EXAMPLE)


def test_frozen_days_count_both_ends() -> None:
    rule = RULES["freeze"](first=dt.date(2026, 12, 1), last=dt.date(2026, 12, 26))  # type: ignore[call-arg]
    items = pl.DataFrame({"sku": ["A"]})
    holds = {day: rule.limit(items, Context(day, "EUR", "gross")).hold[0] for day in map(dt.date(2026, 11, 30).__class__.fromisoformat, (
        "2026-11-30", "2026-12-01", "2026-12-26", "2026-12-27"))}  # fmt: skip
    assert list(holds.values()) == ["", "frozen", "frozen", ""]
