"""`import pricesmith` costs next to nothing, and the command line loads heavy libraries only when a command needs them."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.house.source import ROOT

HEAVY = {"numpy", "polars", "scipy", "duckdb", "matplotlib", "lightgbm", "jinja2", "rich", "click", "pyarrow", "pandas"}


def loaded_by(statement: str) -> set[str]:
    listing = "print(' '.join({name.split('.')[0] for name in sys.modules}))"
    script = f"import sys; sys.path.insert(0, {str(ROOT / 'src')!r}); {statement}; {listing}"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize(
    ("statement", "allowed"),
    [
        ("import pricesmith", set()),
        ("import pricesmith; dir(pricesmith); pricesmith.__version__", set()),
        ("from pricesmith import PricesmithError", set()),
        ("import pricesmith.apps.cli.main", {"click", "rich"}),
    ],
)
def test_loads_nothing_heavy(statement: str, allowed: set[str]) -> None:
    assert not (loaded_by(statement) & HEAVY) - allowed


def test_core_never_loads_extras() -> None:
    assert not loaded_by("import pricesmith; pricesmith.learn") & {"lightgbm", "matplotlib", "pandas", "statsmodels", "duckdb", "pyarrow"}
