"""How far two clocks are apart, by the Date of an answer."""

from __future__ import annotations

import datetime as dt

from pricesmith.adapters.shops._caller import skew_of

NOW = dt.datetime(2026, 11, 26, 12, 0, 10, 500_000, tzinfo=dt.UTC)


def test_a_clock_that_agrees() -> None:
    assert skew_of("Thu, 26 Nov 2026 12:00:10 GMT", NOW) == 0.0


def test_a_clock_that_is_behind() -> None:
    assert skew_of("Thu, 26 Nov 2026 12:02:10 GMT", NOW) == -120.0


def test_a_date_that_is_none() -> None:
    assert skew_of("yesterday", NOW) is None
