"""Which products a rule over several products binds, beside its name: two of a kind are told apart by them, not by their numbers alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pricesmith.contracts.errors import PricesmithError
from pricesmith.contracts.rule import Rule, plain
from pricesmith.flows.desk.reading.ledger import Reading
from pricesmith.rules.apply import names_of
from pricesmith.rules.together import binds

from .words import Words


def rules_told(words: Words, reading: Reading, twin: Mapping[str, Any]) -> dict[str, str]:
    """Name of a rule -> the products that it names; only of rules that do. twin: of the page, which says of what run or text it is"""
    shown = twin.get("rules")
    if isinstance(shown, list) and all(isinstance(one, Mapping) and "settings" in one for one in shown):
        known = [(one["name"], one["settings"]) for one in shown if one["together"]]
    else:
        rules = _rules(reading, twin)
        known = [(name, plain(rule)) for name, rule in zip(names_of(rules), rules, strict=True) if binds((rule,))]
    return {name: told for name, settings in known if (told := products(words, settings))}


def products(words: Words, settings: Mapping[str, Any]) -> str:
    """Those that a rule compares, else those of its `where`; "" where it names none."""
    of, to, where = (words("list_comma").join(map(str, (settings.get(name) or {}).values())) for name in ("of", "to", "where"))
    return words("rule_of_to", of=of, to=to) if of and to else where


def _rules(reading: Reading, twin: Mapping[str, Any]) -> Sequence[Rule]:
    """Of the run that the page is about, else of the newest one; of shop.toml where there is none."""
    part = twin.get("one")
    try:
        names = (twin.get("run"), part.get("run") if isinstance(part, Mapping) else None, reading.latest())
        name = next((one for one in names if isinstance(one, str) and one), None)
        policy = reading.policy if name is None else reading.policy_of(name)
    except PricesmithError:
        return ()
    return policy.rules
