"""Both languages say everything, with the same names filled in; every code that the program can give has its words."""

from __future__ import annotations

import ast
import re
import string

import pytest

from pricesmith.apps.report.words import Words, catalogue
from pricesmith.apps.web import words as pages
from pricesmith.contracts.errors import UnknownChoice
from pricesmith.contracts.policy import LANGUAGES
from pricesmith.contracts.tables import EVIDENCE, INPUT, SALES
from pricesmith.optimization.objectives import OBJECTIVES
from pricesmith.preparation.checks import prices
from pricesmith.preparation.validate import column_warnings
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
        for code in (
            *ORDER,
            "frozen",
            "excluded",
            "no_feasible_price",
            "already_best",
            "best_allowed",
            "stays_below",
            "stays_above",
            "floor",
            "ceiling",
            "unknown_limit",
        )
    ]
    codes += [("reason", f"{goal}_up") for goal in (*OBJECTIVES, "objective")] + [("rule", kind) for kind in RULES]
    codes += [(kind, grade) for kind in ("grade", "evidence") for grade in EVIDENCE] + [
        ("action", action) for action in ("change", "keep", "hold")
    ]
    missing = [f"[{kind}_{code}]" for kind, code in codes if f"{kind}_{code}" not in catalogue()]
    assert not missing, f"to be written in src/pricesmith/apps/report/words.toml: {', '.join(missing)}"
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


def plain(text: str) -> str:
    return re.sub(r"\{\w+\}", "7", text)


def messages() -> set[str]:
    """Every text of the preparation, with 7 for whatever is filled in."""
    said = {plain(f"{text}; {prices._SET_ASIDE}") for text in prices._MESSAGES.values()}
    for path in (*python_files("src/pricesmith/preparation"), PACKAGE / "contracts" / "idle.py"):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.JoinedStr):
                said.add(plain("".join(str(part.value) if isinstance(part, ast.Constant) else "7" for part in node.values)))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                said.add(plain(node.value))
    return said


def codes() -> set[str]:
    """Codes of all entries that a report or a page shows."""
    given = set(prices._MESSAGES)
    for path in python_files("src/pricesmith/preparation"):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("warn", "found") and isinstance(node.args[0], ast.Constant):
                given.add(str(node.args[0].value))
    return given - {"missing_table"}


def test_every_entry_of_the_data_report_is_told_whole_in_every_language() -> None:
    known = {key.removeprefix("warning_"): entry["en"] for key, entry in catalogue().items() if key.startswith("warning_")}
    assert codes() >= {"missing_cost", "stale_table", "unknown_column", "unobserved_days"}
    more = {
        "unknown_column_near",
        "exact_duplicate_units",
        "too_many_bad_rows_mostly",
        "idle_rule_excepts",
        "idle_rule_unknown",
        "idle_rule_together",
        "price_outdated_weeks",
        "price_outdated_months",
    }
    assert known.keys() - more == codes()
    said = messages()
    assert [
        code for code, text in known.items() if not {plain(text), plain(text).removeprefix("7: ")} & said and "column" not in code
    ] == []
    others = [name for name in SALES.by_name if name != "units"]
    one, near = column_warnings(SALES, [*others, "zzzzzz", "unitz"])
    assert Words("zh").warning("unknown_column", one["message"]) == "sales：列 'zzzzzz' 无法识别，已忽略"
    assert Words("zh").warning("unknown_column", near["message"]) == "sales：列 'unitz' 无法识别，已忽略；是否应为 'units'？"


def test_warnings_are_told_in_the_language_of_the_report() -> None:
    message = f"sales: {prices._MESSAGES['price_outlier'].format(count=58, products=17)}; {prices._SET_ASIDE}"
    assert Words("en").warning("price_outlier", message) == message
    told = Words("zh").warning("price_outlier", message)
    assert told == "sales：17 个商品的 58 个价格远离其中位数，请检查；与中位数相差 5 倍以上的日期不用于学习"
    assert Words("zh").warning("price_outlier", "as a plug-in says it") == "as a plug-in says it"
    assert Words("zh").warning("moon_phase", "as the check says it") == "as the check says it"


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
        "lately_",
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


@pytest.mark.parametrize(("alone", "code"), [(-0.02, "profit_up_related"), (0.02, "profit_up"), (None, "profit_up")])
def test_a_move_that_gains_only_by_way_of_others_is_told_apart(alone: float | None, code: str) -> None:
    for language in LANGUAGES:
        words = Words(language)
        assert words.reason("profit_up", 0.05, alone) == words.code("reason", code)
        assert words.reason("profit_up", -0.05, alone) == words.code("reason", "makes_room")
        assert words.reason("floor", 0.05, alone) == words.code("reason", "floor")


def test_chinese_has_one_word_for_one_thing_and_its_own_marks() -> None:
    told = {one["en"]: one for begin in ("errors", "lines_", "hints", "places", "whys", "subjects") for _, one in pages.messages(begin)}
    for key, entry in {**catalogue(), **pages.catalogue(), **told}.items():
        said = entry["zh"]
        assert not re.search("撤回(?!(了|您的|我的)?(审批|驳回))|恢复(为)?原价", said), f"{key}: a price is 退回原价, an answer 撤回"
        assert not re.search("(?<!试)运行 ?[{0-9]|[次整按该的新]运行(?!期)", said.replace("再次运行", "")), f"{key}: a run is a 批次"
        assert not re.search("答复|作答|回读|链头|价格台|版本认证|先验|借用", said), f"{key}: not what somebody who sets prices writes"
        assert not re.search("接受", said), f"{key}: a person accepts a price by 批准"
        assert "你" not in said, f"{key}: who reads is 您"
        assert not re.search("商品主键|校正|不留任何可行价格|暂停定价|未匹配到的列|现有销量的利润", said), f"{key}: not what a manager says"
        assert said.count("工具变量") == said.count("（工具变量）"), f"{key}: a term beside plain words: 由成本变动推得（工具变量）"
        assert "类目" not in said, f"{key}: a category is 品类"
        assert "冻结" not in said or "freeze" in key or "frozen" in key, f"{key}: only prices of a freeze are 冻结, a held one is 暂不改价"
        assert key == "wh_check_line" or not re.search(r"[\u4e00-\u9fff][.,;:!?](\s|$)", said), f"{key}: a half-width mark after Chinese"
    words = pages.Words("zh")
    assert [words.who(name) for name in ("operator", "anna", "G5")] == ["操作员", "anna", words("guard_G5")]
    assert (words("state_undone"), words.code("act", "withdrew")) == ("已退回原价", "撤回了审批"), "a price and an answer go back apart"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("error: run 7-a: unknown product 'K9' (did you mean B-10 (Pump)?)", "错误：批次 7-a：没有商品 'K9'（是否指 B-10 (Pump)？）"),
        ("error: ledger: content abc is missing", "错误：账本：缺少内容 abc"),
        ("error: a/b: there is no such folder", "错误：a/b：没有这个文件夹"),
        ("error: wholly new: thing", "错误：wholly new: thing"),
        ("price list: a/prices.csv", "价格表：a/prices.csv"),
    ],
)
def test_what_a_job_says_is_told_in_chinese(line: str, said: str) -> None:
    assert (pages.Words("zh").line(line), pages.Words("en").line(line)) == (said, line)


def test_what_a_job_says_of_its_run_names_the_page_and_no_command() -> None:
    line = "run: 7-a (`pricesmith runs myshop 7-a` lists its changes)"
    assert pages.Words("en").line(line) == "run: 7-a (the page of the run shows its changes)"
    assert pages.Words("zh").line(line) == "批次：7-a（批次页面列有其调价）"


def test_every_warning_of_the_catalogue_can_be_looked_up_in_chinese() -> None:
    """Among them those whose words name a value twice."""
    message = "rule: an ending of 9 allows 19.00 and not 19.09; if the decimals are meant, write 19.09"
    assert "19.09" in Words("zh").warning("whole_ending", message) and Words("zh").warning("whole_ending", message) != message
    for key in catalogue():
        if key.startswith("warning_"):
            assert Words("zh").warning(key.removeprefix("warning_"), "nothing that is known") == "nothing that is known"


def test_what_every_column_of_a_shop_folder_means_is_told_in_chinese() -> None:
    words = pages.Words("zh")
    told = {f"{table.name}.{column.name}": words.line(column.description) for table in INPUT.values() for column in table.columns}
    assert not [name for name, text in told.items() if not re.search(r"[一-鿿]", text)]


@pytest.mark.parametrize(
    ("text", "en", "zh"),
    [
        ("connected shop web", "connected shop web", "连接了店铺 web"),
        ("changed shop web", "changed shop web", "更改了店铺 web"),
        ("order_rush: 40 orders within an hour after a cut, usually at most 2.5",
         "far more orders than usual after a cut: take it back and look: 40 orders within an hour after a cut, usually at most 2.5",
         "降价后订单远超平常：请退回原价并查看：降价后一小时内 40 笔订单，平常最多 2.5 笔"),
        ("order_rush", "far more orders than usual after a cut: take it back and look", "降价后订单远超平常：请退回原价并查看"),
        ("too many calls; the label is wrong", "too many calls; the label is wrong", "too many calls; the label is wrong"),
    ],
)  # fmt: skip
def test_why_the_program_acted_is_said_in_words(text: str, en: str, zh: str) -> None:
    assert (pages.Words("en").why(text), pages.Words("zh").why(text)) == (en, zh)


@pytest.mark.parametrize(
    ("text", "zh"),
    [
        ("carl as viewer", "carl（查看者）"),
        ("carl as admin, by https://id.example", "carl（管理员），由 https://id.example 认证"),
        ("carl: role approver, new password, inactive", "carl：角色改为审批人，新密码，停用"),
        ("ps1 of carl: read, publish, for the till until 2026-06-01", "carl 的 ps1：read，publish，用于 the till，有效至 2026-06-01"),
        ("ps1 of carl", "carl 的 ps1"),
        ("erp at shop.example: every act", "erp（shop.example）：所有操作"),
        ("2026-06-01 to 2026-06-03", "2026-06-01 至 2026-06-03"),
        ("20260803-aa201878 web", "20260803-aa201878 web"),
        ("A1/web/DE", "A1/web/DE"),
    ],
)
def test_what_an_act_was_about_is_said_in_words(text: str, zh: str) -> None:
    assert pages.Words("en").subject(text) == text
    assert pages.Words("zh").subject(text) == zh


MOSTLY = (
    "sales: 129714 of 223622 rows (58.0%) cannot be used, so the file is written in a way that is not understood; "
    "look at the first one, data/sales.csv:3 (sku), and mend what is alike in all of them"
)
NOTHING = "sales: there is no usable row; nothing can be learned or priced"


@pytest.mark.parametrize("said", [MOSTLY, NOTHING, f"{MOSTLY}; {NOTHING}"])
def test_an_error_made_of_the_data_report_is_said_whole_in_the_other_language(said: str) -> None:
    told = pages.Words("zh").line(f"error: myshop: {said} (`pricesmith check` lists them)")
    assert told.startswith("错误：myshop：") and not re.search(r"[a-z]{3,} [a-z]{2,}", told), told
    assert pages.Words("en").error(said) == said
