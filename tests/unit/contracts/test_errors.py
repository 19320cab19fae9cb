"""Errors: what, where, hint, on one line."""

from __future__ import annotations

import pytest

from pricesmith.contracts.errors import Contradiction, DataError, PolicyError, PricesmithError, UnknownChoice, UsageError


def test_line_holds_place_fact_and_hint() -> None:
    error = DataError("no such column", where="sales.csv:3", hint="add units")
    assert str(error) == error.line == "sales.csv:3: no such column (add units)"
    assert (error.what, error.where, error.hint) == ("no such column", "sales.csv:3", "add units")
    assert str(DataError("no such column")) == "no such column"


@pytest.mark.parametrize(("kind", "status"), [(PricesmithError, 1), (DataError, 1), (PolicyError, 1), (UsageError, 2)])
def test_exit_status(kind: type[PricesmithError], status: int) -> None:
    assert kind("x").exit_status == status and issubclass(kind, PricesmithError)


def test_unknown_choice_lists_the_nearest_and_all() -> None:
    error = UnknownChoice("model", "respnse", ["response", "naive"], where="$.model.name")
    assert str(error) == "$.model.name: unknown model 'respnse' (did you mean response? valid: naive, response)"
    assert "did you mean" not in str(UnknownChoice("model", "zzz", ["response"]))


def test_a_hint_of_its_own_takes_the_place_of_the_list() -> None:
    error = UnknownChoice("product", "B", ["A"], where="run 1", hint="search for it")
    assert str(error) == "run 1: unknown product 'B' (search for it)" and error.kind == "product"


def test_a_long_list_is_cut() -> None:
    line = str(UnknownChoice("code", "zzz", [f"c{n:03d}" for n in range(60)]))
    assert line.endswith("c039, ...)") and "c040" not in line


def test_contradiction_names_its_field() -> None:
    error = Contradiction("step", "too large", "take less")
    assert (error.field, error.what, error.hint, str(error)) == ("step", "too large", "take less", "too large")


def test_an_unknown_choice_among_none_says_so() -> None:
    assert UnknownChoice("run", "x", ()).hint == "there is none yet"
