"""The templates of CONTRIBUTING.md work: each whole one is loaded and passes the suite of its kind."""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Mapping
from itertools import count
from pathlib import Path
from types import ModuleType

import polars as pl
import pytest

from pricesmith.contracts.protocols import Source
from pricesmith.testing.check_feature import check_feature
from pricesmith.testing.check_objective import check_objective
from pricesmith.testing.check_rule import check_rule
from pricesmith.testing.check_source import check_source
from tests.house.source import ROOT


def template(heading: str, folder: Path) -> ModuleType:
    """The first Python block below a heading, as a module."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    section = text.split(f"### {heading}\n")[1]
    found = re.search(r"```python\n(.*?)\n```", section, re.DOTALL)
    assert found
    name = f"template_{heading.replace(' ', '_').lower()}"
    file = folder / f"{name}.py"
    file.write_text(found[1], encoding="utf-8")
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(autouse=True)
def forget() -> object:
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        if name.startswith("template_"):
            del sys.modules[name]


def test_rule(tmp_path: Path) -> None:
    module = template("A rule", tmp_path)
    check_rule(module.RULE, module.EXAMPLE)


def test_feature_family(tmp_path: Path) -> None:
    check_feature(template("A feature family", tmp_path).FAMILY)


def test_source(tmp_path: Path) -> None:
    module, number = template("A source", tmp_path), count()

    def make(tables: Mapping[str, pl.DataFrame]) -> Source:
        shop = tmp_path / f"shop-{next(number)}"
        for name, frame in tables.items():
            (shop / "data").mkdir(parents=True, exist_ok=True)
            moments = pl.selectors.temporal().dt.to_string("iso:strict")
            frame.with_columns(moments).write_ndjson(shop / "data" / f"{name}.jsonl")
        made: Source = module.SOURCE(shop)
        return made

    check_source(make)


def test_objective(tmp_path: Path) -> None:
    check_objective(template("An objective", tmp_path).OBJECTIVE)
