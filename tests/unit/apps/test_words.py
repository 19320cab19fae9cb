"""Both languages say everything, with the same names filled in; every code that the program can give has its words."""

from __future__ import annotations

import ast
import re
import string

import pytest

from pricesmith.apps.report.words import Words, catalogue
from pricesmith.contracts.errors import UnknownChoice
from pricesmith.contracts.policy import LANGUAGES
from pricesmith.contracts.tables import EVIDENCE
from pricesmith.optimization.objectives import OBJECTIVES
from pricesmith.preparation.checks import prices
from pricesmith.rules import RULES
from pricesmith.rules.holds import ORDER
from tests.house.source import PACKAGE, python_files, tree


def names(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("key", sorted(catalogue()))
def test_both_languages_say_the_same(key: str) -> None:
    entry = catalogue()[key]
    assert tuple(sorted(entry)) == LANGUAGES
    assert all(text.strip() for text in entry.values())
    assert names(entry["en"]) == names(entry["zh"])


def test_chinese_is_chinese() -> None:
    same = [
        key
        for key, entry in catalogue().items()
        if not re.search(r"[\u4e00-\u9fff]", entry["zh"]) and entry["zh"] != "90%" and names(entry["zh"]) == set()
    ]
    assert same == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_has_words(language: str) -> None:
    words = Words(language)
    codes = [
        ("reason", code)
        for code in (*ORDER, "frozen", "excluded", "no_feasible_price", "already_best", "floor", "ceiling", "unknown_limit")
    ]
    codes += [("reason", f"{goal}_up") for goal in (*OBJECTIVES, "objective")] + [("rule", kind) for kind in RULES]
    codes += [(kind, grade) for kind in ("grade", "evidence") for grade in EVIDENCE] + [
        ("action", action) for action in ("change", "keep", "hold")
    ]
    assert [code for code in codes if f"{code[0]}_{code[1]}" not in catalogue()] == []
    assert all(words.code(*code) for code in codes)


def test_every_reason_that_a_rule_gives_has_words() -> None:
    given = set()
    for path in python_files("src/pricesmith/rules"):
        for node in ast.walk(tree(path)):
            if (
                isinstance(node, ast.Assign)
                and "hold" in ast.unparse(node.targets[0])
                and isinstance(node.value, ast.Constant)
                and node.value.value
            ):
                given.add(str(node.value.value))
    assert given >= {"frozen", "excluded"}
    assert [code for code in sorted(given) if f"reason_{code}" not in catalogue()] == []


def test_every_warning_of_the_data_report_has_words() -> None:
    given = set()
    for path in python_files("src/pricesmith/preparation"):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("warn", "found"):
                code, _, level = (one.value if isinstance(one, ast.Constant) else None for one in node.args[:3])
                given |= {str(code)} if level == "warning" and code else set()
    assert given >= {"missing_cost", "stale_table", "unknown_column"}
    assert [code for code in sorted(given | set(prices._MESSAGES)) if f"warning_{code}" not in catalogue()] == []


def test_warnings_are_told_in_the_language_of_the_report() -> None:
    facts = {"table": "sales", "count": 3}
    assert Words("en").warning("unit_slip", "as the check says it", **facts) == "as the check says it"
    assert Words("zh").warning("unit_slip", "as the check says it", **facts).startswith("sales：3 个价格")
    assert Words("zh").warning("moon_phase", "as the check says it", **facts) == "as the check says it"


def test_every_word_is_used() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in (PACKAGE / "apps").rglob("*") if path.suffix in (".py", ".html"))
    prefixes = (
        "reason_",
        "rule_",
        "grade_",
        "evidence_",
        "action_",
        "objective_",
        "tile_",
        "unit_",
        "driver_",
        "remedy_",
        "outlook_",
        "next_",
        "warning_",
    )
    plain = [key for key in catalogue() if not key.startswith(prefixes)]
    assert [key for key in plain if f'"{key}"' not in text and key not in ("day", "week", "month")] == []


def test_region_of_a_language_is_ignored_and_others_are_refused() -> None:
    assert Words("zh-CN").language == Words("zh_TW").language == "zh"
    with pytest.raises(UnknownChoice, match="valid: en, zh"):
        Words("fr")


def test_a_code_of_a_plug_in_speaks_for_itself() -> None:
    assert Words("en").code("reason", "moon_phase") == "moon phase"
    assert Words("en").rule("max_change:2") == "largest change (2)"


def test_a_move_that_costs_profit_by_itself_is_not_called_a_gain() -> None:
    words = Words("en")
    assert words.reason("profit_up", -0.5) == words.code("reason", "makes_room") != words.reason("profit_up", 0.5)
    assert words.reason("missing_cost", None) == words.code("reason", "missing_cost")
    assert words.reason("revenue_up", -0.5) == words.code("reason", "revenue_up")
