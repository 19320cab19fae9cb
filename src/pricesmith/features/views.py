"""Views of the product page before the row's day, and how many of them became sales."""

from __future__ import annotations

from pricesmith.contracts.curves import Floats

from .known import Family, Known


def views_7(known: Known) -> Floats:
    """Views per period in the 7 days before; unknown where none were counted."""
    return known.rate("views", 7, per="viewed")


def views_28(known: Known) -> Floats:
    """Views per period in the 28 days before; unknown where none were counted."""
    return known.rate("views", 28, per="viewed")


def conversion_28(known: Known) -> Floats:
    """Units per view in the 28 days before."""
    return known.rate("viewed_units", 28, per="views")


FAMILY = Family("views", (views_7, views_28, conversion_28))
