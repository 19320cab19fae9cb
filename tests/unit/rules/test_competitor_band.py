"""Whether any rule of a shop follows competitors."""

from __future__ import annotations

from pricesmith.rules.competitor_band import CompetitorBand, follows
from pricesmith.rules.max_change import MaxChange


def test_a_band_follows_competitors_and_nothing_else_does() -> None:
    assert follows([MaxChange(step=0.1), CompetitorBand(high=1.2)])
    assert not follows([MaxChange(step=0.1)]) and not follows([])
