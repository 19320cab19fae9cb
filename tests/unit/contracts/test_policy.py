"""Policy: what shop.toml says, read, defaulted, frozen."""

from __future__ import annotations

import datetime as dt
import typing

import msgspec
import pytest

from pricesmith.contracts.errors import PolicyError
from pricesmith.contracts.policy import DataPolicy, ModelPolicy, Policy, RiskPolicy, parse_policy
from pricesmith.contracts.rule import plain, rule_type
from pricesmith.rules import RULES

WHOLE = """
currency = "EUR"
tax = "net"
objective = { profit = 3.0, revenue = 1.0 }
horizon_days = 14
period = "week"

[model]
name = "response"
max_move = { prior = 0.05 }

[data]
stale_after_days = 60

[risk]
measure = "cvar"

[[rule]]
kind = "margin_floor"
min_margin = 0.05
where = { category = "home/*", role = "key" }
hard = false
priority = 3

[[rule]]
kind = "freeze"
from = 2026-12-01
to = 2026-12-26
"""


def test_a_whole_policy() -> None:
    policy = parse_policy(WHOLE, RULES)
    floor, freeze = policy.rules
    assert (policy.currency, policy.tax, policy.horizon_days, policy.period) == ("EUR", "net", 14, "week")
    assert policy.weights == {"profit": 0.75, "revenue": 0.25}
    assert policy.model.max_move == {"prior": 0.05} and policy.data.stale_after_days == 60 and policy.risk.measure == "cvar"
    assert (floor.kind, floor.where, floor.hard, floor.priority) == ("margin_floor", {"category": "home/*", "role": "key"}, False, 3)
    assert plain(freeze) == {"kind": "freeze", "from": "2026-12-01", "to": "2026-12-26"}
    assert freeze.last == dt.date(2026, 12, 26)  # type: ignore[attr-defined]


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "Asia/Shanghai", "America/New_York"])
def test_time_zones(zone: str) -> None:
    assert parse_policy(f'currency = "EUR"\ntimezone = "{zone}"', RULES).timezone == zone


def test_only_the_currency_is_needed() -> None:
    policy = parse_policy('currency = "JPY"', RULES)
    assert policy.rules == () and policy.weights == {"profit": 1.0} and policy.data.max_bad_share == 0.05
    assert policy == parse_policy('currency = "JPY"', RULES) and hash(policy.currency)
    with pytest.raises(AttributeError):
        policy.tax = "net"  # type: ignore[misc]


@pytest.mark.parametrize("section", [Policy, ModelPolicy, DataPolicy, RiskPolicy])
def test_every_field_says_what_it_is(section: type[msgspec.Struct]) -> None:
    for name, hint in typing.get_type_hints(section, include_extras=True).items():
        notes = [note for note in getattr(hint, "__metadata__", ()) if isinstance(note, msgspec.Meta)]
        assert any(note.description for note in notes), name


def test_the_union_of_kinds_reads_any_of_them() -> None:
    union = rule_type({name: RULES[name] for name in ("exclude", "max_change")})
    assert msgspec.convert({"kind": "max_change", "step": 0.1}, union) == RULES["max_change"](step=0.1)  # type: ignore[call-arg]


def unbounded(kind: msgspec.inspect.Type, place: str = "$") -> list[str]:
    """Places of the numbers within a type that have no upper bound."""
    if isinstance(kind, msgspec.inspect.Metadata):
        return unbounded(kind.type, place)
    if isinstance(kind, msgspec.inspect.IntType | msgspec.inspect.FloatType):
        return [place] if kind.le is None and kind.lt is None else []
    if isinstance(kind, msgspec.inspect.StructType):
        return [found for field in kind.fields for found in unbounded(field.type, f"{place}.{field.encode_name}")]
    if isinstance(kind, msgspec.inspect.UnionType):
        return list(dict.fromkeys(found for one in kind.types for found in unbounded(one, place)))
    if isinstance(kind, msgspec.inspect.DictType):
        return unbounded(kind.value_type, f"{place}.*")
    return unbounded(kind.item_type, f"{place}[]") if isinstance(kind, msgspec.inspect.VarTupleType) else []


def test_every_number_has_an_upper_bound() -> None:
    """A seed or priority may be any number, and options belong to their platform; days, hours and counts beyond all use overflow a date."""
    assert unbounded(msgspec.inspect.type_info(Policy)) == ["$.rule[].priority", "$.model.seed", "$.shop.*.options.*"]


@pytest.mark.parametrize(
    ("text", "place", "told"),
    [
        (
            "[data]\nstale_after_days = 10000000\n",
            "shop.toml:3 $.data.stale_after_days",
            "expected a whole number <= 36500, found 10000000",
        ),
        ("[data]\ncompetitor_max_age_days = 100000000\n", "shop.toml:3 $.data.competitor_max_age_days", "<= 36500, found 100000000"),
        ("[guards]\napproval_hours = 1e12\n", "shop.toml:3 $.guards.approval_hours", "expected a number <= 500000.0"),
        ("[publish]\nexpires_hours = 1e12\n", "shop.toml:3 $.publish.expires_hours", "expected a number <= 500000.0"),
        ("[approval]\nautomatic_products = 10000000000000000000000\n", "shop.toml:3 $.approval.automatic_products", "<= 100000000"),
        ('[[rule]]\nkind = "competitor_band"\nhigh = 1e308\n', "shop.toml:4 $.rule[0].high", "expected a number <= 1000000.0"),
    ],
)
def test_a_number_beyond_all_use_is_refused_at_its_place(text: str, place: str, told: str) -> None:
    with pytest.raises(PolicyError) as refused:
        parse_policy(f'currency = "EUR"\n{text}', RULES)
    assert refused.value.where == place and told in refused.value.what
