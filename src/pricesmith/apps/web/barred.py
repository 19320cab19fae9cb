"""What stands against prices of one's own, in words, the same wherever they are set: what forbids one, what a person may go against, and
rules over several products with what they add up."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from jinja2 import pass_context
from jinja2.runtime import Context

from pricesmith.apps.report import numbers
from pricesmith.contracts.money import format_minor
from pricesmith.contracts.shop import Key, placed
from pricesmith.flows.desk.own_prices import bulk
from pricesmith.flows.publishing.answers import own_price
from pricesmith.flows.publishing.answers.own_price import REACH, Verdict, began_with
from pricesmith.rules.together import Broken

from .words import Words

AT_ONE = "set it for all products that the rule binds to one price, or change the rule on the page Rules"
"""What to do where a price alone would leave those that have to have the same."""
SHOWN = 4
"""Sums that are said: a rule may add up many categories."""


def names_said(words: Words, names: Sequence[str]) -> str:
    """Rules by their names, and what else forbids a price."""
    return words("list_comma").join(words("mine_reach") if name == REACH else words.rule(name) for name in names)


def forbidden(words: Words, price: str, names: Sequence[str]) -> str:
    """Why nobody may set a price. price: with its currency;  names: of `Verdict.barred`."""
    return own_price.forbidden(price, names_said(words, names))


def why_not(words: Words, one: Verdict) -> str:
    """Why a product cannot have a price. one: with something in `same`, `hold` or `barred`"""
    if one.same:
        return words("replaced_same")
    return words.code("reason", one.hold) if one.hold else f"{words('set_to_barred')} {names_said(words, one.barred)}"


def stopped(words: Words, names: Sequence[str]) -> str:
    """Why none of several prices can move so far. names: of `bulk.StoppedError`."""
    return bulk.stopped(names_said(words, names))


def against(words: Words, price: str, names: Sequence[str]) -> str:
    """What a person who sets the price goes against. names: of `Verdict.against`."""
    return f"{price} goes against what may give way: {names_said(words, names)}"


def together(words: Words, price: str, product: str, broken: Sequence[Broken]) -> str:
    """Why nobody may set a price beside the other prices of the run."""
    if any(one.quantity for one in broken):
        return f"{price} for {product} would break a rule over all prices of the run together: {rules_said(words, broken)}"
    return f"{price} for {product} would break a rule that binds it to other products: {rules_said(words, broken)}"


def instead(broken: Sequence[Broken], near: str) -> str:
    """What to do then. near: the nearest prices that may be set, "" where there are none."""
    if not any(one.quantity for one in broken):
        return "move the products that the rule binds together on the page Prices, or change it on the page Rules"
    if near:
        return (
            f"take a price that keeps to the rule, such as {near}; to make room, reject changes of other products first: "
            "those then count at today's price; or change the rule on the page Rules"
        )
    return "to make room, reject changes of other products first: those then count at today's price; or change the rule on the page Rules"


def many(words: Words, count: int, broken: Sequence[Broken]) -> str:
    """Why prices that each may be set may not be set at once."""
    return f"{count} prices together would break a rule over several products: {rules_said(words, broken)}"


@pass_context
def own_said(context: Context, one: Mapping[str, Any], currency: str) -> str:
    """The filter `own_said` of the pages: what stands against an own price of What if (`OwnPrice`)."""
    words: Words = context["w"]
    price = f"{format_minor(one['price'], currency)} {currency}"
    if one["same"]:
        return words.error(began_with(price))
    if one["hold"]:
        return words.code("reason", one["hold"])
    if one["barred"]:
        return words.error(forbidden(words, price, one["barred"]))
    if one["broken"]:
        return words.error(
            together(words, price, one["product"].removesuffix(" · default · default"), [_known(broken) for broken in one["broken"]])
        )
    return words.error(against(words, price, one["against"]))


@pass_context
def own_todo(context: Context, one: Mapping[str, Any]) -> str:
    """The filter `own_todo` of the pages: what to do about an own price of What if that rules over several products forbid; else ""."""
    words: Words = context["w"]
    return words.error(instead([_known(broken) for broken in one["broken"]], "")) if one["broken"] else ""


def _known(told: Mapping[str, Any]) -> Broken:
    """JSON has no numbers for what is not known or free."""
    free: dict[str, Any] = {"now": math.nan, "then": math.nan, "lower": -math.inf, "upper": math.inf}
    return Broken(**{name: free[name] if value is None else value for name, value in told.items()})


def product_said(words: Words, name: str | None, key: Key) -> str:
    """A product by its name and SKU; its channel and region only where they say something."""
    place = " · ".join(placed(key.channel, key.region))
    known = words("mine_product", name=name, sku=key.sku) if name else key.sku
    return f"{known} · {place}" if place else known


@pass_context
def breaks_said(context: Context, broken: Sequence[Mapping[str, Any]]) -> str:
    """The filter `breaks_said` of the pages: rules that what is accepted of a run breaks (`Judged`)."""
    return breaks(context["w"], [_known(one) for one in broken])


def breaks(words: Words, broken: Sequence[Broken]) -> str:
    """That what is accepted of a run breaks these rules, and by how much."""
    return words("part_breaks", rules=rules_said(words, broken, "part"))


@pass_context
def left_said(context: Context, broken: Sequence[Mapping[str, Any]]) -> str:
    """The filter `left_said` of the pages: rules that what is left of a run breaks (`Judged.left`)."""
    return left(context["w"], [_known(one) for one in broken])


def left(words: Words, broken: Sequence[Broken]) -> str:
    """That what is left of a run, once all of it is accepted, breaks these rules, and by how much."""
    return words("left_breaks", rules=rules_said(words, broken, "left"))


@pass_context
def unjudged_said(context: Context, failed: Mapping[str, str]) -> str:
    """The filter `unjudged_said` of the pages: why it is not known whether what is accepted breaks rules (`Trouble`)."""
    return unjudged(context["w"], failed["what"], failed["where"], failed["hint"])


def unjudged(words: Words, what: str, where: str, hint: str) -> str:
    """That what is accepted of a run could not be judged, why, and what to do."""
    said = words("part_failed", why=(words.place(where) + words("colon") if where else "") + words.error(what))
    return f"{said} {words('what_to_do')}{words('colon')}{words.error(hint)}" if hint else said


def rules_said(words: Words, broken: Sequence[Broken], kind: str = "mine") -> str:
    """Each rule by its name, with its sum now and then and the limit that it would leave, where they are known."""
    said = words("list_comma").join(_said(words, one, kind) for one in broken[:SHOWN])
    return words("mine_sums_more", rules=said, count=len(broken) - SHOWN) if len(broken) > SHOWN else said


def _said(words: Words, one: Broken, kind: str) -> str:
    rule = words.rule(one.rule)
    limit, key = (one.upper, f"{kind}_sum_most") if one.then > one.upper else (one.lower, f"{kind}_sum_least")
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
        if shown[1] != shown[2] and (shown[0] != shown[1] or values[0] == values[1]):
            break
    return [text.replace(" %", "%") if words.language == "zh" else text for text in shown]
