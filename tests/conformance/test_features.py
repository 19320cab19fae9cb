"""Every registered feature family keeps its promises."""

from __future__ import annotations

import pytest

from pricesmith.features import FEATURES
from pricesmith.features.history import History
from pricesmith.features.known import Family, Known
from pricesmith.testing.check_feature import check_feature


@pytest.mark.parametrize("name", FEATURES)
def test_family(name: str) -> None:
    assert FEATURES[name].name == name
    check_feature(FEATURES[name])


def test_columns_are_named_once() -> None:
    columns = [column for family in FEATURES.values() for column in family.columns]
    assert len(set(columns)) == len(columns)


def units_today(known: Known) -> object:
    """Units up to and including the row's own day: a leak."""
    history: History = known.past
    return history.total("units", known._first("past"), history.before(known.item, known.day + 1), known._first("past"))


def test_a_leak_is_found() -> None:
    with pytest.raises(AssertionError, match="or later enters a row"):
        check_feature(Family("leak", (units_today,)))  # type: ignore[arg-type]
