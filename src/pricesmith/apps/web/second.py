"""Why changes that somebody accepted wait for another person, in words: the same on the pages and at the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pricesmith.flows.desk.forms.per_cent import in_percent

if TYPE_CHECKING:
    from pricesmith.flows.desk.approval.another import Another

    from .words import Words


def whys(words: Words, found: Another) -> str:
    """Every reason, with the limit or the number of changes that it is about."""
    move = in_percent(str(found.two_people_move)).replace(" %", "%" if words.language == "zh" else " %")
    limits = {"products": f"{found.products:,}", "limit": f"{found.two_people_products:,}", "move": move}
    return words("semicolon").join(words(f"said_another_{why}", count=f"{count:,}", **limits) for why, count in found.whys.items())
