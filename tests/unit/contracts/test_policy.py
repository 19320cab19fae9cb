"""Policy: what shop.toml says, read, defaulted, frozen."""

from __future__ import annotations

import datetime as dt
import typing

import msgspec
import pytest

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
