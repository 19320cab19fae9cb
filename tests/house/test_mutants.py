"""The runner of `make mutants` changes what it says, and what it leaves out is still there, with a reason."""

from __future__ import annotations

import ast
import tomllib

from tests.house.source import ROOT
from tests.soak.mutations import changed, mutants

LISTED = tomllib.loads((ROOT / "tests" / "soak" / "equivalent_mutants.toml").read_text(encoding="utf-8"))["mutant"]
SOURCE = '''
def judge(values: list[int | None] = []) -> bool:
    """No change of 1 < 2 in here."""
    if values:
        raise ValueError("none")
    values.clear()
    return not any(value * -2 <= 0.5 and value for value in values if value)
'''
CHANGED = [
    "if not values:",
    "pass",
    "pass",
    "return not not any((value * -2 <= 0.5 and value for value in values if value))",
    "return not all((value * -2 <= 0.5 and value for value in values if value))",
    "return not any((value / -2 <= 0.5 and value for value in values if value))",
    "return not any((value * +2 <= 0.5 and value for value in values if value))",
    "return not any((value * -3 <= 0.5 and value for value in values if value))",
    "return not any((value * -2 < 0.5 and value for value in values if value))",
    "return not any((value * -2 <= 1.5 and value for value in values if value))",
    "return not any((value * -2 <= 0.5 or value for value in values if value))",
    "return not any((value * -2 <= 0.5 and value for value in values))",
]


def test_every_kind_of_change() -> None:
    before = ast.unparse(ast.parse(SOURCE)).splitlines()
    found = []
    for mutant in mutants(SOURCE):
        after = ast.unparse(changed(SOURCE, mutant)).splitlines()
        found += [line.strip() for line, old in zip(after, before, strict=True) if line != old]
    assert sorted(found) == sorted(CHANGED)


def test_what_is_left_out_is_there_and_has_a_reason() -> None:
    for module in {one["module"] for one in LISTED}:
        path = ROOT / "src" / "pricesmith" / f"{module.replace('.', '/')}.py"
        names = {mutant.name for mutant in mutants(path.read_text(encoding="utf-8"))}
        listed = [one for one in LISTED if one["module"] == module]
        assert [one for one in listed if (one["line"], one["what"], one.get("nth", 1)) not in names] == []
        assert all(len(one["why"]) > 20 for one in listed)
