"""List prices made from order lines that hardly any unit was sold at."""

from __future__ import annotations

from pricesmith.preparation.list_share import doubted, list_shares
from pricesmith.preparation.prepared import Warning_

from .facts import Facts, found

_TEXT = (
    "{products} products sold less than a fifth of their units of the last 28 days near the list price, which is what small orders pay; "
    "if there are two price lists, tell them apart by `channel`, or give `sales` with `list_price`"
)


def check_list_prices(facts: Facts) -> list[Warning_]:
    """Products whose list price is what a few small orders paid, and most units went for far less: two price lists, most often."""
    if not facts.derived:
        return []
    shares = list_shares(facts.tables["orders"], facts.prices, facts.last, facts.policy.timezone)
    return found("list_price_rare", "orders", "warning", doubted(shares), _TEXT)
