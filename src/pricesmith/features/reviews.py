"""Customer reviews written before the row's day."""

from __future__ import annotations

from pricesmith.contracts.curves import Floats

from .known import Family, Known

ALWAYS = 36_525
"""Days of a window that holds everything before."""


def reviews_so_far(known: Known) -> Floats:
    """Number of reviews written before."""
    return known.total("reviews", ALWAYS, of="reviews")


def stars_so_far(known: Known) -> Floats:
    """Mean stars of all reviews written before."""
    return known.rate("stars", ALWAYS, per="reviews", of="reviews")


def stars_91(known: Known) -> Floats:
    """Mean stars of the reviews of the 91 days before."""
    return known.rate("stars", 91, per="reviews", of="reviews")


FAMILY = Family("reviews", (reviews_so_far, stars_so_far, stars_91))
