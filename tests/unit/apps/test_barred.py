"""What to do about a price of one's own that rules over several products forbid."""

from __future__ import annotations

from pricesmith.apps.web.barred import instead
from pricesmith.rules.together import Broken


def test_nearer_prices_are_named_where_there_are_some() -> None:
    whole = [Broken("index_limit", "index")]
    assert instead(whole, "4.19, 4.29").startswith("take a price that keeps to the rule, such as 4.19, 4.29; to make room, reject")
    assert instead(whole, "").startswith("to make room, reject changes of other products first")
    assert instead([Broken("relation")], "4.19").startswith("move the products that the rule binds together")
