"""The entries of the catalogues that a kind of rule needs inside this package; one of another package is shown in its own words."""

from __future__ import annotations

import importlib
from collections.abc import Iterator

from pricesmith.apps.report.words import catalogue as report_catalogue
from pricesmith.apps.web.rule_words import said
from pricesmith.apps.web.words import Words, catalogue
from pricesmith.contracts.policy import LANGUAGES, parse_policy
from pricesmith.contracts.rule import plain
from pricesmith.flows.desk.rules.rule_kinds import Field, fields
from pricesmith.rules import RULES

PAGES, REPORT = "src/pricesmith/apps/web/words/", "src/pricesmith/apps/report/words.toml"
OWN = [name for name, kind in RULES.items() if kind.__module__ == f"{RULES.package}.{name}"]
"""Kinds of this package."""


def example(name: str) -> str:
    return str(importlib.import_module(RULES[name].__module__).EXAMPLE)


def lacking(name: str) -> list[str]:
    """What is to be written, and where: an entry by its heading, or its words in a language; [] where all is there."""
    missing = []
    for key, file in needed(name):
        entry = (report_catalogue() if file == REPORT else catalogue()).get(key)
        missing += [f"[{key}] in {file}"] if entry is None else [f"{one} of [{key}] in {file}" for one in LANGUAGES if not entry.get(one)]
    return missing


def needed(name: str) -> Iterator[tuple[str, str]]:
    """Headings of entries, each with its file."""
    yield f"rule_{name}", REPORT
    yield f"ruledoc_{name}", f"{PAGES}rule_kinds.toml"
    for one in fields(RULES[name]):
        yield f"rulefield_{name}_{one.name}", f"{PAGES}rule_kinds.toml"
        yield f"rulename_{name}_{one.name}", f"{PAGES}rule_names.toml"
        for key in _told(name, one):
            yield key, f"{PAGES}rule_said.toml"
    if _silent(name):
        yield f"told_{name}", f"{PAGES}rule_said.toml"


def _told(name: str, one: Field) -> list[str]:
    """What a setting says: a sentence with its value, or one for each value that it may have."""
    own, known = f"told_{name}_{one.name}", catalogue()
    choices = {"choice": one.choices, "flag": ["True", "False"]}.get(one.kind, [])
    return [f"{own}_{choice}" for choice in choices if own not in known or f"told_by_{choice}" not in known] if choices else [own]


def _silent(name: str) -> bool:
    """Whether its example says nothing without words for the kind itself, as all settings are left out there."""
    rules = parse_policy(f'currency = "EUR"\n{example(name)}', RULES).rules
    return not all(said(Words("en"), plain(rule), "EUR") for rule in rules)
