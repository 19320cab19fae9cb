"""The policy of a shop: what `shop.toml` says, checked, frozen, with every mistake named by its place (`$.rule[2].step`)."""

from __future__ import annotations

import itertools
import math
import re
import tomllib
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec
import polars as pl
from msgspec import Meta, Struct, field

from .errors import Contradiction, PolicyError, PricesmithError, UnknownChoice
from .faults import explain, suggestion
from .fees import FeesPolicy
from .money import EXPONENTS
from .publishing import ApprovalPolicy, GuardPolicy, HoldoutPolicy, PublishPolicy, ShopPolicy
from .rule import SELECTABLE, Rule
from .signing_in import DeskPolicy
from .toml_lines import placed
from .webhooks import WebhookPolicy

OBJECTIVES = ("profit", "revenue", "units")
LANGUAGES = ("en", "zh")
"""Languages of reports."""
Weight = Annotated[float, Meta(ge=0.0, le=1e9)]
Fraction = Annotated[float, Meta(ge=0.0, le=1.0)]
LONG_DAYS = 36_500
"""A hundred years: as good as for ever, and still a day of the calendar when counted back from today."""
Days = Annotated[int, Meta(ge=1, le=LONG_DAYS)]
TaxRate = Annotated[float, Meta(ge=0.0, le=5.0)]
Auto = Literal["auto", "always", "never"]


class ModelPolicy(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Section `[model]`: how demand is learned."""

    name: Annotated[str, Meta(description="demand model: response, or the name of a registered one")] = "response"
    draws: Annotated[int, Meta(ge=8, le=1000, description="posterior draws of each elasticity over which profit is averaged")] = 64
    seed: Annotated[int, Meta(description="seed of everything random: same seed, same prices")] = 0
    instrument: Annotated[Auto, Meta(description="use cost changes as an instrument for the price: auto where the data ask for it")] = (
        "auto"
    )
    boosting: Annotated[Auto, Meta(description="use boosted trees for the baseline: auto where they forecast better")] = "auto"
    nuisance: Annotated[
        Literal["smooth", "boosted"],
        Meta(description="what prices answered: the model's own season and costs, or besides what boosted trees foretell of them"),
    ] = "smooth"
    max_move: Annotated[
        dict[Literal["experiment", "instrument", "adjusted", "pooled", "prior"], Weight],
        Meta(description="largest move of a price by grade of evidence, a fraction: { prior = 0.05 }; no limit where left out"),
    ] = {}


class DataPolicy(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Section `[data]`: what is accepted, and for how long it counts."""

    max_bad_share: Annotated[Fraction, Meta(description="share of bad rows beyond which a table blocks pricing")] = 0.05
    competitor_max_age_days: Annotated[int, Meta(ge=0, le=LONG_DAYS, description="days for which an offer counts")] = 14
    competitor_min_confidence: Annotated[Fraction, Meta(description="least confidence of a product match")] = 0.5
    competitors: Annotated[
        tuple[str, ...], Meta(description='names of the competitors whose offers count: ["Acme", "Bolt"]; all where left out')
    ] = ()
    competitor_shipping: Annotated[bool, Meta(description="true: an offer counts with its shipping")] = False
    stale_after_days: Annotated[
        Days | None, Meta(description="days without a sale after which a product is held as `stale_data`; else never")
    ] = None
    tax_rate: Annotated[
        TaxRate | None, Meta(description="tax inside the prices of products that name no tax_rate; where none is known they do not leave")
    ] = None
    cost_assumed: Annotated[bool, Meta(description="true: costs are assumed, and reports say so")] = False
    unmarked_specials: Annotated[
        Literal["found", "ignored"],
        Meta(description="found: where daily sales mark no promotion, prices that fell for two weeks at most and came back count as some"),
    ] = "found"


class RiskPolicy(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Section `[risk]`: how uncertain profit is judged."""

    measure: Annotated[
        Literal["mean", "quantile", "cvar"],
        Meta(description="mean is neutral; quantile and cvar look at the worst `level` of the outcomes"),
    ] = "mean"
    level: Annotated[float, Meta(gt=0.0, le=1.0, description="share of the outcomes that is the bad end")] = 0.2


class Policy(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything a user decides: the whole of `shop.toml`. Rules stand there as [[rule]] tables."""

    currency: Annotated[str, Meta(description="ISO 4217 code of all prices, such as EUR; its exponent decides the minor unit")]
    tax: Annotated[Literal["gross", "net"], Meta(description="gross where prices include tax_rate, else net")] = "gross"
    objective: Annotated[
        str | dict[str, Weight], Meta(description="profit, revenue, units, or weights of them: { profit = 0.7, revenue = 0.3 }")
    ] = "profit"
    horizon_days: Annotated[int, Meta(ge=1, le=730, description="days ahead over which expectations are averaged")] = 28
    period: Annotated[Literal["day", "week", "month"], Meta(description="what a sales row totals")] = "day"
    timezone: Annotated[str, Meta(description="time zone in which days begin")] = "UTC"
    locale: Annotated[str, Meta(description="language of reports: en or zh, with or without a region")] = "en"
    name: Annotated[str, Meta(description="name of the shop in reports")] = ""
    ledger: Annotated[str, Meta(description="address of the ledger; a file in the shop folder where left out")] = ""
    rules: Annotated[tuple[Rule, ...], Meta(description="the [[rule]] tables, in the order of the file")] = field(default=(), name="rule")
    model: Annotated[ModelPolicy, Meta(description="how demand is learned")] = ModelPolicy()
    data: Annotated[DataPolicy, Meta(description="what is accepted, and for how long it counts")] = DataPolicy()
    risk: Annotated[RiskPolicy, Meta(description="how uncertain profit is judged")] = RiskPolicy()
    fees: Annotated[tuple[FeesPolicy, ...], Meta(description="the [[fees]] tables: what channels and regions take of every product")] = ()
    approval: Annotated[ApprovalPolicy, Meta(description="how many people must agree before prices leave")] = ApprovalPolicy()
    guards: Annotated[GuardPolicy, Meta(description="thresholds of the last gate")] = GuardPolicy()
    publish: Annotated[PublishPolicy, Meta(description="how prices leave")] = PublishPolicy()
    holdout: Annotated[HoldoutPolicy, Meta(description="clusters that keep their prices for measurement")] = HoldoutPolicy()
    desk: Annotated[DeskPolicy, Meta(description="who signs people in at the price desk")] = DeskPolicy()
    shops: Annotated[dict[str, ShopPolicy], Meta(description="the [shop.NAME] tables: where prices go")] = field(
        default_factory=dict, name="shop"
    )
    webhooks: Annotated[dict[str, WebhookPolicy], Meta(description="the [webhook.NAME] tables: who is told of acts")] = field(
        default_factory=dict, name="webhook"
    )

    @property
    def weights(self) -> dict[str, float]:
        """The objective as weights of profit, revenue and units that sum to 1."""
        named = {self.objective: 1.0} if isinstance(self.objective, str) else dict(self.objective)
        total = sum(named.values())
        return {name: value / total for name, value in named.items()}


def parse_policy(text: str, kinds: Mapping[str, type[Rule]], *, where: str = "shop.toml") -> Policy:
    """Read the text of a shop.toml.

    kinds  rule kinds by name (the registry of rules)
    Raises PolicyError that names file, line and place, and lists the valid choices.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"^(.*) \(at line (\d+), column \d+\)$", str(error))
        what, place = (found[1], f"{where}:{found[2]}") if found else (str(error), where)
        hint = "strings need closing quotes, tables need [brackets], 10 % is written 0.10"
        raise PolicyError(f"not valid TOML: {what[0].lower()}{what[1:]}", where=place, hint=hint) from None
    try:
        return policy_from(document, kinds, where=where)
    except PricesmithError as error:
        error.put(placed(text, error.where))
        raise


def policy_from(document: Mapping[str, Any], kinds: Mapping[str, type[Rule]], *, where: str = "shop.toml") -> Policy:
    """Check a policy given as a plain mapping; see `parse_policy`."""
    _refuse_non_finite(document, "$", where)
    rules = document.get("rule", [])
    if not isinstance(rules, list):
        raise PolicyError("rules are written as [[rule]] tables", where=f"{where} $.rule", hint='start each with [[rule]] and kind = "..."')
    plain = {key: value for key, value in document.items() if key != "rule"}
    policy: Policy = _convert(plain, Policy, "$", where)
    _check_choices(policy, where)
    _check_fees(policy.fees, where)
    decoded = tuple(_rule(rule, kinds, f"$.rule[{number}]", where, policy.currency) for number, rule in enumerate(rules))
    _check_agreement(decoded, where)
    whole: Policy = msgspec.structs.replace(policy, rules=decoded)
    return whole


def _rule(rule: Any, kinds: Mapping[str, type[Rule]], place: str, where: str, currency: str) -> Rule:
    kind = rule.get("kind") if isinstance(rule, dict) else None
    if not isinstance(kind, str) or kind not in kinds:
        what = "the rule has no kind" if kind is None else f"unknown rule kind {kind!r}"
        raise PolicyError(what, where=f"{where} {place}.kind", hint=suggestion(str(kind), sorted(kinds), "kinds"))
    selector = rule.get("where")
    for column in selector if isinstance(selector, dict) else ():
        if column not in SELECTABLE:
            hint = suggestion(str(column), SELECTABLE, "columns")
            raise PolicyError(f"cannot select by {column!r}", where=f"{where} {place}.where", hint=hint)
    decoded: Rule = _convert(rule, kinds[kind], place, where)
    try:
        decoded.fits(currency)
    except Contradiction as error:
        raise PolicyError(error.what, where=f"{where} {place}.{error.field}", hint=error.hint) from None
    return decoded


def _convert(value: Any, kind: Any, place: str, where: str) -> Any:
    try:
        return msgspec.convert(value, kind, strict=True)
    except msgspec.ValidationError as error:
        what, inner, hint = explain(error, kind, value)
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


def _check_agreement(rules: tuple[Rule, ...], where: str) -> None:
    """Hard rules on the same items, or of which one is on all, must leave some price possible."""
    hard = [(number, rule) for number, rule in enumerate(rules) if rule.hard]
    for (number, rule), (other, beside) in itertools.permutations(hard, 2):
        if rule.where == beside.where or not rule.where or not beside.where:
            try:
                rule.agree(beside)
            except Contradiction as error:
                place = f"{where} $.rule[{number}].{error.field}"
                raise PolicyError(f"{error.what} of $.rule[{other}]", where=place, hint=error.hint) from None


def _check_fees(fees: tuple[FeesPolicy, ...], where: str) -> None:
    """One place is told about once; fees that leave nothing of a price are a slip."""
    places = [(fee.channel, fee.region) for fee in fees]
    for number, fee in enumerate(fees):
        place = f"{where} $.fees[{number}]"
        if places.index((fee.channel, fee.region)) < number:
            before = places.index((fee.channel, fee.region))
            raise PolicyError(f"$.fees[{before}] is about the same channel and region", where=place, hint="write one table for both")
        if (fee.fee_rate or 0.0) + (fee.payment_rate or 0.0) >= 1.0:
            raise PolicyError("these fees leave nothing of a price", where=place, hint="15 % is written 0.15")


def language(locale: str) -> str:
    """The language of a locale: `zh` of `zh-CN`."""
    return locale.replace("_", "-").partition("-")[0].lower()


def check_locale(locale: str, where: str) -> None:
    """Raise UnknownChoice for a language in which there are no reports."""
    if language(locale) not in LANGUAGES:
        raise UnknownChoice("language of reports", locale, LANGUAGES, where=where)


def _check_choices(policy: Policy, where: str) -> None:
    if policy.currency not in EXPONENTS:
        raise UnknownChoice("currency", policy.currency, EXPONENTS, where=f"{where} $.currency")
    check_locale(policy.locale, f"{where} $.locale")
    try:
        pl.select(pl.lit(0).cast(pl.Datetime("us", "UTC")).dt.convert_time_zone(policy.timezone))
    except pl.exceptions.PolarsError:
        hint = "a name such as Europe/Berlin or UTC"
        raise PolicyError(f"unknown time zone {policy.timezone!r}", where=f"{where} $.timezone", hint=hint) from None
    named = [policy.objective] if isinstance(policy.objective, str) else list(policy.objective)
    for name in named:
        if name not in OBJECTIVES:
            raise PolicyError(f"unknown objective {name!r}", where=f"{where} $.objective", hint=f"valid: {', '.join(OBJECTIVES)}")
    if not isinstance(policy.objective, str) and sum(policy.objective.values()) <= 0:
        raise PolicyError(
            "the weights of the objective sum to zero", where=f"{where} $.objective", hint="give at least one a weight above 0"
        )
