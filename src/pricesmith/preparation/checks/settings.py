"""Settings that can be and are hardly meant: a share as percent, an ending without its point, a rule that acts on no product."""

from __future__ import annotations

import polars as pl

from pricesmith.contracts.idle import idle, place_of, told
from pricesmith.contracts.money import exponent
from pricesmith.contracts.policy import Policy
from pricesmith.preparation.prepared import Warning_, warn

from .facts import Facts

PLACE, WHOLE = "shop.toml", 1.0
"""Table of such a warning; and the share, 100 %, from which one is doubted."""


def check_settings(facts: Facts) -> list[Warning_]:
    """Shares of 100 % and more; whole numbers as endings where prices have decimals; rules about no product."""
    return [*_shares(facts.policy), *_endings(facts.policy, facts.prices["current_price"]), *_idle(facts)]


def _shares(policy: Policy) -> list[Warning_]:
    given = [(rule.kind, "min_margin", getattr(rule, "min_margin", None)) for rule in policy.rules]
    told = [(kind, name, float(value)) for kind, name, value in given if value is not None and value >= WHOLE]
    return [
        warn(
            "share_as_percent", PLACE, "warning",
            f"{PLACE}: {name} = {value:g} of {kind} means {value:.0%}; if {value:g} % is meant, write {value / 100:g}", 1, [kind],
        )
        for kind, name, value in told
    ]  # fmt: skip


def _endings(policy: Policy, prices: pl.Series) -> list[Warning_]:
    """Whole numbers as endings, where no price of today ends so or most have decimals: what follows the point is likely meant."""
    digits = exponent(policy.currency)
    given = [value for rule in policy.rules for value in getattr(rule, "endings", ()) if digits and value >= 1 and value == int(value)]
    minor = (prices * 10.0**digits).round().cast(pl.Int64)
    broken = minor.len() > 0 and bool((minor % 10**digits != 0).mean() > WHOLE / 2)
    odd = [value for value in given if broken or not (minor % 10 ** (digits + len(f"{value:.0f}")) == value * 10**digits).any()]
    return [_meant(value, digits) for value in odd]


def _meant(value: float, digits: int) -> Warning_:
    """An ending without its point: 99 for 0.99, or 9 for every price whose last digit is 9. digits: decimals of the currency"""
    long, allowed = len(f"{value:.0f}"), f"{value:.{digits}f}"
    if long < digits:
        steps = [value / 10**digits + number * 10.0 ** (long - digits) for number in range(10 ** (digits - long))]
        first, second, last = (f"{step:.{digits}f}" for step in (steps[0], steps[1], steps[-1]))
        text = (
            f"{PLACE}: an ending of {value:g} allows {allowed} and not {last}; if the last digit is meant, "
            f"write every ending that has it: {first}, {second}, ..., {last}"
        )
        return warn("last_digit", PLACE, "warning", text, 1, ["price_endings"])
    meant = f"{value / 10**long:g}"
    text = f"{PLACE}: an ending of {value:g} allows {allowed} and not {meant}; if the decimals are meant, write {meant}"
    return warn("whole_ending", PLACE, "warning", text, 1, ["price_endings"])


def items_of(facts: Facts) -> pl.DataFrame:
    """What may be priced, with the columns of the products that rules choose by."""
    items = facts.keys.join(facts.tables["products"], on="sku", how="left", maintain_order="left")
    return items.with_columns(pl.col("category").fill_null(""))


def _idle(facts: Facts) -> list[Warning_]:
    found = idle(facts.policy.rules, items_of(facts))
    return [warn("idle_rule", PLACE, "warning", f"{PLACE}: {told(one)}", 1, places=[f"{PLACE} {place_of(one)}"]) for one in found]
