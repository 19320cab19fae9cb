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
    """Shares of 100 % and more; whole numbers as endings in a currency with decimals, where no price ends so; rules about no product."""
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
    digits = exponent(policy.currency)
    endings = [value for rule in policy.rules for value in getattr(rule, "endings", ())]
    odd = [value for value in endings if digits and value >= 1 and value == int(value)]
    whole = [value for value in odd if not (prices % 10 ** len(f"{value:.0f}") == value).any()]
    return [
        warn(
            "whole_ending", PLACE, "warning",
            f"{PLACE}: an ending of {value:g} allows {value:.{digits}f} and not {value / 10 ** len(f'{value:.0f}'):g}; "
            f"if the decimals are meant, write {value / 10 ** len(f'{value:.0f}'):g}", 1, ["price_endings"],
        )
        for value in whole
    ]  # fmt: skip


def items_of(facts: Facts) -> pl.DataFrame:
    """What may be priced, with the columns of the products that rules choose by."""
    items = facts.keys.join(facts.tables["products"], on="sku", how="left", maintain_order="left")
    return items.with_columns(pl.col("category").fill_null(""))


def _idle(facts: Facts) -> list[Warning_]:
    found = idle(facts.policy.rules, items_of(facts))
    return [warn("idle_rule", PLACE, "warning", f"{PLACE}: {told(one)}", 1, places=[f"{PLACE} {place_of(one)}"]) for one in found]
