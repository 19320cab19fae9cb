"""Prices of one's own that break a rule over several products, in words: the rule, what it adds up, and what to do."""

from __future__ import annotations

import math
from collections.abc import Sequence

from pricesmith.apps.report import numbers
from pricesmith.apps.service.problem import Refused
from pricesmith.contracts.shop import Key
from pricesmith.rules.together import Broken

from .words import Words

SHOWN = 4
"""Sums that are said: a rule may add up many categories."""


def refused_one(words: Words, price: str, product: str, broken: Sequence[Broken], near: str) -> Refused:
    """The refusal of one price. price: with its currency;  near: the nearest prices that may be set, "" where there are none."""
    rules = rules_said(words, broken)
    if any(one.quantity for one in broken):
        detail = f"{price} for {product} would break a rule over all prices of the run together: {rules}"
        hint = "change another price first, or the rule on the page Rules"
        if near:
            hint = f"take a price nearer to the proposal, such as {near}; or change another price, or the rule on the page Rules"
    else:
        detail = f"{price} for {product} would break a rule that binds it to other products: {rules}"
        hint = "move the products that the rule binds together on the page Prices, or change it on the page Rules"
    return Refused(422, "not_publishable", detail, hint)


def refused_many(words: Words, count: int, broken: Sequence[Broken]) -> Refused:
    """The refusal of many prices that are set at once."""
    detail = f"{count} prices together would break a rule over several products: {rules_said(words, broken)}"
    hint = "take a smaller move, fewer products, or all those that the rule binds together; or change it on the page Rules"
    return Refused(422, "not_publishable", detail, hint)


def product_said(words: Words, name: str | None, key: Key) -> str:
    """A product by its name and SKU; its channel and region only where they say something."""
    place = " · ".join(part for part in (key.channel, key.region) if part != "default")
    known = words("mine_product", name=name, sku=key.sku) if name else key.sku
    return f"{known} · {place}" if place else known


def rules_said(words: Words, broken: Sequence[Broken]) -> str:
    """Each rule by its name, with its sum now and then and the limit that it would leave, where they are known."""
    said = words("and_between").join(_said(words, one) for one in broken[:SHOWN])
    return words("mine_sums_more", rules=said, count=len(broken) - SHOWN) if len(broken) > SHOWN else said


def _said(words: Words, one: Broken) -> str:
    rule = words.rule(one.rule)
    limit, key = (one.upper, "mine_sum_most") if one.then > one.upper else (one.lower, "mine_sum_least")
    if not all(math.isfinite(value) for value in (one.now, one.then, limit)):
        return rule
    group = "" if one.group == "all" else f" {one.group}"
    of = words("mine_sum_of_today") if one.quantity in ("revenue", "margin") else ""
    now, then, bound = _figures(words, one.quantity, (one.now, one.then, limit))
    return words(key, rule=rule + group, now=now, then=then, limit=bound, of=of)


def _figures(words: Words, quantity: str, values: tuple[float, float, float]) -> list[str]:
    """Numbers, or percentages with as many decimals as tell the second from the third."""
    if quantity == "changed":
        return [f"{value:,.0f}" for value in values]
    for places in range(2, 7):
        shown = [numbers.percent(value, places, plus=quantity == "index") for value in values]
        if shown[1] != shown[2]:
            break
    return [text.replace(" %", "%") if words.language == "zh" else text for text in shown]
