"""The policy of a shop: what `shop.toml` says, checked, frozen, with every mistake named by its place (`$.rule[2].step`)."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from .errors import Contradiction, PolicyError, UnknownChoice
from .money import EXPONENTS
from .rule import SELECTABLE, Rule, rule_type

OBJECTIVES = ("profit", "revenue", "units")
Weight = Annotated[float, Meta(ge=0.0)]
Fraction = Annotated[float, Meta(ge=0.0, le=1.0)]


class ModelPolicy(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Section `[model]`: how demand is learned."""

    name: str = "response"
    draws: Annotated[int, Meta(ge=8, le=1000)] = 64
    seed: int = 0
    instrument: Literal["auto", "always", "never"] = "auto"
    boosting: Literal["auto", "always", "never"] = "auto"
    max_move: dict[Literal["experiment", "instrument", "adjusted", "pooled", "prior"], Weight] = {}


class DataPolicy(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Section `[data]`: what is accepted, and for how long it counts."""

    max_bad_share: Fraction = 0.05
    competitor_max_age_days: Annotated[int, Meta(ge=0)] = 14
    competitor_min_confidence: Fraction = 0.5
    competitor_shipping: bool = False
    stale_after_days: Annotated[int, Meta(ge=1)] | None = None
    cost_assumed: bool = False


class RiskPolicy(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Section `[risk]`: how uncertain profit is judged. `mean` is neutral."""

    measure: Literal["mean", "quantile", "cvar"] = "mean"
    level: Fraction = 0.2


class Policy(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything a user decides.

    currency      ISO 4217 code of all prices
    tax           "gross" where prices include tax_rate, else "net"
    objective     "profit", "revenue", "units" or weights of them
    horizon_days  days ahead over which expectations are averaged
    period        what a sales row totals
    """

    currency: str
    tax: Literal["gross", "net"] = "gross"
    objective: str | dict[str, Weight] = "profit"
    horizon_days: Annotated[int, Meta(ge=1, le=730)] = 28
    period: Literal["day", "week", "month"] = "day"
    timezone: str = "UTC"
    locale: str = "en"
    name: str = ""
    ledger: str = ""
    rules: tuple[Rule, ...] = ()
    model: ModelPolicy = ModelPolicy()
    data: DataPolicy = DataPolicy()
    risk: RiskPolicy = RiskPolicy()

    @property
    def weights(self) -> dict[str, float]:
        """The objective as weights of profit, revenue and units that sum to 1."""
        named = {self.objective: 1.0} if isinstance(self.objective, str) else dict(self.objective)
        total = sum(named.values())
        return {name: value / total for name, value in named.items()}


def parse_policy(text: str, kinds: Mapping[str, type[Rule]], *, where: str = "shop.toml") -> Policy:
    """Read the text of a shop.toml.

    kinds  rule kinds by name (the registry of rules)
    Raises PolicyError that names file and place, and lists the valid choices.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(f"not valid TOML: {error}", where=where, hint="strings need closing quotes, tables need [brackets]") from None
    return policy_from(document, kinds, where=where)


def policy_from(document: Mapping[str, Any], kinds: Mapping[str, type[Rule]], *, where: str = "shop.toml") -> Policy:
    """Check a policy given as a plain mapping; see `parse_policy`."""
    _refuse_non_finite(document, "$", where)
    rules = document.get("rule", [])
    if not isinstance(rules, list):
        raise PolicyError("rules are written as [[rule]] tables", where=f"{where} $.rule", hint='start each with [[rule]] and kind = "..."')
    plain = {key: value for key, value in document.items() if key != "rule"}
    policy: Policy = _convert(plain, Policy, "$", where)
    _check_choices(policy, where)
    decoded = tuple(_rule(rule, kinds, f"$.rule[{number}]", where, policy.currency) for number, rule in enumerate(rules))
    whole: Policy = msgspec.structs.replace(policy, rules=decoded)
    return whole


def _rule(rule: Any, kinds: Mapping[str, type[Rule]], place: str, where: str, currency: str) -> Rule:
    kind = rule.get("kind") if isinstance(rule, dict) else None
    if not isinstance(kind, str) or kind not in kinds:
        raise PolicyError(f"unknown rule kind {kind!r}", where=f"{where} {place}.kind", hint=f"valid kinds: {', '.join(sorted(kinds))}")
    selector = rule.get("where")
    for column in selector if isinstance(selector, dict) else ():
        if column not in SELECTABLE:
            valid = ", ".join(SELECTABLE)
            raise PolicyError(f"cannot select by {column!r}", where=f"{where} {place}.where", hint=f"valid columns: {valid}")
    decoded: Rule = _convert(rule, rule_type({kind: kinds[kind]}), place, where)
    try:
        decoded.fits(currency)
    except Contradiction as error:
        raise PolicyError(error.what, where=f"{where} {place}.{error.field}", hint=error.hint) from None
    return decoded


def _convert(value: Any, kind: Any, place: str, where: str) -> Any:
    try:
        return msgspec.convert(value, kind, strict=True)
    except msgspec.ValidationError as error:
        if isinstance(error.__cause__, Contradiction):
            cause = error.__cause__
            raise PolicyError(cause.what, where=f"{where} {place}.{cause.field}", hint=cause.hint) from None
        message = str(error)
        found = re.search(r" - at `\$(.*)`$", message)
        what = message[: found.start()] if found else message
        inner = found.group(1) if found else ""
        fields = (
            [field.encode_name for field in msgspec.structs.fields(kind)] if isinstance(kind, type) and issubclass(kind, Struct) else []
        )
        hint = f"valid fields: {', '.join(fields)}" if "unknown field" in what and fields else ""
        raise PolicyError(what, where=f"{where} {place}{inner}", hint=hint) from None


def _refuse_non_finite(value: Any, place: str, where: str) -> None:
    if isinstance(value, float) and not math.isfinite(value):
        raise PolicyError(f"{value} is not a finite number", where=f"{where} {place}", hint="write a plain number")
    if isinstance(value, Mapping):
        for key, inner in value.items():
            _refuse_non_finite(inner, f"{place}.{key}", where)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            _refuse_non_finite(inner, f"{place}[{number}]", where)


def _check_choices(policy: Policy, where: str) -> None:
    if policy.currency not in EXPONENTS:
        raise UnknownChoice("currency", policy.currency, EXPONENTS, where=f"{where} $.currency")
    named = [policy.objective] if isinstance(policy.objective, str) else list(policy.objective)
    for name in named:
        if name not in OBJECTIVES:
            raise PolicyError(f"unknown objective {name!r}", where=f"{where} $.objective", hint=f"valid: {', '.join(OBJECTIVES)}")
    if not isinstance(policy.objective, str) and sum(policy.objective.values()) <= 0:
        raise PolicyError(
            "the weights of the objective sum to zero", where=f"{where} $.objective", hint="give at least one a weight above 0"
        )
