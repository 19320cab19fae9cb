"""What the guide asks about a shop, read from its shop.toml and written there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Literal

import msgspec

from pricesmith.contracts.errors import PolicyError
from pricesmith.contracts.policy import Policy, parse_policy
from pricesmith.contracts.rule import Rule
from pricesmith.flows.desk.rules.caution import BORROWED, caution, with_caution
from pricesmith.flows.desk.rules.setting_text import with_setting
from pricesmith.flows.desk.rules.switched import with_rule
from pricesmith.flows.shop_toml import with_answer
from pricesmith.rules import RULES
from pricesmith.rules.change_budget import ChangeBudget
from pricesmith.rules.min_change import MinChange
from pricesmith.rules.same_price import SamePrice

OFFER_DAYS = {"day": 14, "week": 14, "month": 45}
"""Days for which offers count, by the period of a sales row: those of a month are read together with its sales.
Others that somebody wrote stay."""

MARGIN = {"cost": "min_margin", "price": "of_price"}
"""Field of the rule margin_floor, by what its margin is a share of."""


class Settings(msgspec.Struct, frozen=True):
    """What the guide asks about the shop, as it stands now. tax_rate, margin, step and borrowed are shares; endings are major units.

    endings   until somebody answered, those that the shop's own prices have, where they have any in common
    borrowed  how far a price may move that rests mostly on similar products, None as far as any other
    least     least move of a price as a share of it, None where each may move as little as it likes
    together  column of the products whose equal values make them share one price, "" where each has its own; `sku`: one over all stores
    alone     one person runs the shop
    most      so many prices change in one run at most, None as many as like
    margin_of `cost`: margin is a mark-up on the landed cost; `price`: it is a share of what is kept of the price
    timezone  in which the days of order lines begin; "" where it was not asked, which leaves what stands there
    """

    name: str
    currency: str
    tax: str
    period: str
    margin: float
    step: float
    endings: list[float]
    tax_rate: float | None = None
    borrowed: float | None = None
    least: float | None = None
    together: str = ""
    alone: bool = False
    most: int | None = None
    margin_of: Literal["cost", "price"] = "cost"
    timezone: str = ""


def settings_of(policy: Policy) -> Settings:
    """As shop.toml says them."""
    own = {rule.kind: rule for rule in reversed(policy.rules)}
    of: Literal["cost", "price"] = "cost" if getattr(own.get("margin_floor"), "of_price", None) is None else "price"
    return Settings(
        policy.name, policy.currency, policy.tax, policy.period, _number(own.get("margin_floor"), MARGIN[of]),
        _number(own.get("max_change"), "step"), list(getattr(own.get("price_endings"), "endings", ())),
        policy.data.tax_rate, caution(policy, "").pooled, getattr(own.get("min_change"), "step", None),
        getattr(own.get("same_price"), "by", ""), policy.approval.alone,
        getattr(own.get("change_budget"), "max_changes", None), of, policy.timezone,
    )  # fmt: skip


def offer_days(policy: Policy) -> dict[str, int]:
    """Period of a sales row -> days for which offers count, as the guide writes them; empty where somebody wrote others, which stay."""
    return OFFER_DAYS if policy.data.competitor_max_age_days in OFFER_DAYS.values() else {}


def _number(rule: Rule | None, field: str) -> float:
    return float(getattr(rule, field, None) or 0.0)


def settle(folder: Path, asked: Settings, language: str = "") -> None:
    """Answer a new shop: write its settings into shop.toml, whose comments stay. Raises PolicyError where they cannot be.

    language  in which it was answered: its reports and the command line speak that from now on; "" leaves theirs
    """
    text = settled_text(folder, asked)
    text = re.sub(r'^locale = "\w+"', f'locale = "{language}"', text, count=1, flags=re.MULTILINE) if language else text
    (folder / "shop.toml").write_text(text, encoding="utf-8")


def settled_text(folder: Path, asked: Settings) -> str:
    """The shop.toml with these settings, its comments as they are. Raises PolicyError where they cannot be."""
    text = with_answer((folder / "shop.toml").read_text(encoding="utf-8"))
    told = {"name": asked.name, "currency": asked.currency, "tax": asked.tax, "period": asked.period}
    for key, value in (told | ({"timezone": asked.timezone} if asked.timezone else {})).items():
        text = _put(text, rf'^{key} = "(?:[^"\\\n]|\\.)*"', f"{key} = {quoted(value)}", key)
    margin = r'(?<=^kind = "margin_floor"\n)(?:min_margin|of_price) = [\d.]+'
    text = _put(text, margin, f"{MARGIN[asked.margin_of]} = {plain(asked.margin)}", "min_margin")
    text = _put(text, r'(?<=^kind = "max_change"\n)step = [\d.]+', f"step = {asked.step:g}", "step")
    endings = ", ".join(f"{one:g}" for one in asked.endings)
    text = _put(text, r'(?<=^kind = "price_endings"\n)endings = \[[^\]]*\]', f"endings = [{endings}]", "endings")
    text = with_rule(text, MinChange, {"step": asked.least} if asked.least else None)
    text = with_rule(text, ChangeBudget, None if asked.most is None else {"max_changes": asked.most})
    text = with_rule(text, SamePrice, _shared(text, asked.together))
    text = with_setting(text, "data", "tax_rate", asked.tax_rate)
    offers = offer_days(parse_policy(text, RULES, where="shop.toml"))
    text = with_setting(text, "data", "competitor_max_age_days", offers[asked.period]) if offers else text
    text = with_caution(text, dict.fromkeys(BORROWED, asked.borrowed))
    text = with_setting(text, "approval", "alone", True if asked.alone else None)
    parse_policy(text, RULES, where="shop.toml")
    return text


def _shared(text: str, together: str) -> dict[str, Any] | None:
    """Fields of the rule same_price; None where each product has its own. One price of the same product is one over all stores."""
    if together == "sku":
        return {"by": together, "everywhere": True}
    before = next((rule for rule in parse_policy(text, RULES, where="shop.toml").rules if isinstance(rule, SamePrice)), None)
    over = before is not None and before.by == "sku" and before.everywhere
    return {"by": together, **({"everywhere": False} if over else {})} if together else None


def _put(text: str, pattern: str, value: str, key: str) -> str:
    changed, count = re.subn(pattern, lambda _found: value, text, count=1, flags=re.MULTILINE)
    if not count:
        raise PolicyError(f"{key} is not where the guide wrote it", where="shop.toml", hint="edit it on the page Rules")
    return changed


def plain(value: float) -> str:
    """A share to the sixth decimal, which no rounding makes less."""
    return f"{value:.6f}".rstrip("0").rstrip(".")


def quoted(value: str) -> str:
    """A text as TOML writes it."""
    return msgspec.json.encode(value).decode()
