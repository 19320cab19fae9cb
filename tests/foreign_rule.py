"""A kind of rule of another package for a while: the example of CONTRIBUTING.md, found by an entry point as an installed one is."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path

import pytest

from pricesmith.contracts import registry
from pricesmith.flows.desk.rules.rule_kinds import kinds
from pricesmith.rules import RULES
from tests.house.test_templates import template

KIND = "round_prices"


@contextmanager
def plugged_in(folder: Path) -> Iterator[None]:
    """`round_prices` is a kind of rule. folder: where its module is written"""
    with pytest.MonkeyPatch.context() as patch:
        module = template("A rule", folder)
        points = EntryPoints([EntryPoint(KIND, f"{module.__name__}:RULE", RULES.package)])
        patch.setattr(registry, "entry_points", lambda group: points.select(group=group))
        patch.setattr(RULES, "_members", None)
        kinds.cache_clear()
        yield
        sys.modules.pop(module.__name__, None)
    kinds.cache_clear()
