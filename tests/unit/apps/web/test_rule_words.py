"""Rules told in plain words, and whether one that may give way does so for a product."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from typing import Any

import msgspec
import numpy as np
import polars as pl
import pytest

from pricesmith.adapters.ledgers.database import _hint
from pricesmith.apps.report.words import catalogue as report_words
from pricesmith.apps.web.render import environment
from pricesmith.apps.web.rule_words import said, value_said
from pricesmith.apps.web.words import LANGUAGES, Words, catalogue
from pricesmith.contracts.policy import parse_policy
from pricesmith.contracts.rule import plain
from pricesmith.engine import Decided
from pricesmith.flows.desk.reading.ledger import Reading
from pricesmith.flows.desk.what_if.replay import Again, again
from pricesmith.flows.publishing.answers.own_price import Verdict, gave_way, judged, prices_of, settable
from pricesmith.rules import RULES
from pricesmith.rules.caution import WEAK_EVIDENCE
from tests.desk.place import place
from tests.unit.flows.desk.own_prices.test_whole import accepted

EVERY_KIND = [(kind, language) for kind in RULES for language in LANGUAGES]
TOLD: list[tuple[dict[str, Any], str, str]] = [
    (
        {"kind": "max_change", "up": 0.15, "down": 0.075},
        "rises by at most 15\u00a0% in one run; falls by at most 7.5\u00a0% in one run",
        "每个批次涨幅不超过 15%；每个批次降幅不超过 7.5%",
    ),
    (
        {"kind": "price_bounds", "max_price": 1200.0, "where": {"category": "dairy/*"}, "hard": False, "priority": 2},
        "within the lowest and highest price given with the product; not above 1,200.00 EUR; only for category dairy/*",
        "在商品数据给定的最低与最高价之间；不高于 1,200.00 EUR；仅限品类 dairy/*",
    ),
    (
        {"kind": "margin_floor", "of_price": 0.25},
        "of what is kept after tax and fees at least 25\u00a0% is margin over the landed cost",
        "扣除税费后的所得中，毛利（减去到岸成本）至少占 25%",
    ),
    (
        {"kind": "competitor_band", "high": 0.98, "reference": "cheapest"},
        "at most 98\u00a0% of what competitors ask; their cheapest valid offer counts",
        "不高于竞品参考价的 98%；参考价为最低的有效报价",
    ),
    (
        {"kind": "competitor_band", "low": 0.9, "where": {"role": "key"}},
        "at least 90\u00a0% of what competitors ask; the median of their valid offers counts; only for role key",
        "不低于竞品参考价的 90%；参考价为有效报价的中位数；仅限角色 key",
    ),
    (
        {"kind": "index_limit", "max_move": 0.01},
        "the average move of all prices, in which rises and falls cancel, is at most 1\u00a0% up or down",
        "全部价格的平均变动（涨跌相抵后）不超过 ±1%",
    ),
    ({"kind": "price_endings", "endings": [0.99, 0.49]}, "ends in 0.99, 0.49", "以 0.99、0.49 结尾"),
    ({"kind": "price_endings", "endings": [9.0, 5.0, 0.0]}, "ends in 9, 5, 0", "以 9、5、0 结尾"),
    ({"kind": "price_endings", "endings": [80.0, 0.0]}, "ends in 80, 00", "以 80、00 结尾"),
    (
        {"kind": "category_floor", "quantity": "margin", "share": 0.95, "level": 0},
        "expected margin of each category; at least 95\u00a0% of today's; over the whole shop",
        "各品类的期望毛利；不低于现有水平的 95%；按整个店铺合计",
    ),
    (
        {"kind": "same_price", "by": "family", "everywhere": True},
        "one price for each family; over all channels and regions",
        "同系列统一价格；所有渠道与区域一致",
    ),
    (
        {"kind": "of_a_plug_in", "least_stock": 3, "of": {"brand": "own*"}},
        "least stock: 3; of: brand own*",
        "least stock: 3；of: 品牌 own*",
    ),
]


@pytest.mark.parametrize(("settings", "en", "zh"), TOLD, ids=lambda one: one["kind"] if isinstance(one, dict) else "")
def test_a_rule_is_told_as_a_person_would(settings: dict[str, Any], en: str, zh: str) -> None:
    assert (said(Words("en"), settings, "EUR"), said(Words("zh"), settings, "EUR")) == (en, zh)


@pytest.mark.parametrize(("kind", "language"), EVERY_KIND)
def test_no_code_is_left_in_what_a_rule_says(kind: str, language: str) -> None:
    text = 'currency = "EUR"\n' + sys.modules[RULES[kind].__module__].EXAMPLE
    for rule in parse_policy(text, RULES).rules:
        told = said(Words(language), plain(rule), "EUR")
        assert told, f"the example of {kind} says nothing: to be written is [told_{kind}] in src/pricesmith/apps/web/words/rule_said.toml"
        assert not set("_={}[]") & set(told), told


@pytest.fixture(scope="module")
def reading(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reading]:
    yield place(tmp_path_factory.mktemp("soft") / "shop").desk.reading


def with_endings(reading: Reading, *endings: float, prices: dict[int, int] | None = None) -> Again:
    """The run with these endings, which may give way."""
    run = reading.latest()
    assert run is not None
    stored = reading.replayed(run)
    soft = RULES["price_endings"](endings=endings, hard=False)  # type: ignore[call-arg]
    rules = tuple(soft if rule.kind == "price_endings" else rule for rule in stored.policy.rules)
    return again(reading, run, msgspec.structs.replace(stored.policy, rules=rules), stored.snapshot.items, prices or {})


def item_of(reading: Reading) -> tuple[int, int]:
    """A product that is priced, and its new price."""
    run = reading.latest()
    assert run is not None
    row = reading.run(run).decided.filter(pl.col("action") == "change").row(0, named=True)
    return int(row["item"]), int(row["price"])


def verdict(decided: Decided, item: int, price: int) -> Verdict:
    return judged(decided, np.array([item]), np.array([price]))[0]


@pytest.mark.real
def test_a_person_may_go_against_endings_that_may_give_way_and_is_told_so(reading: Reading) -> None:
    item, price = item_of(reading)
    decided = with_endings(reading, 0.99, 0.49).decided
    allowed = settable(decided, item, float(price), 1000)
    assert allowed and {one % 100 for one in allowed} <= {99, 49, int(decided.items["current_price"][item]) % 100}
    assert (verdict(decided, item, allowed[0]), gave_way(decided, item)) == (Verdict(), [])
    block = decided.opened(np.array([item]))
    on = block.ladder.prices[0][block.ladder.valid[0] & (block.ladder.prices[0] > allowed[0]) & (block.ladder.prices[0] < allowed[-1])]
    odd = next(int(one) for one in on if one not in allowed)
    steps = set(block.ladder.prices[0].tolist())
    between = next(one for one in range(allowed[0], allowed[-1]) if one not in steps)
    assert verdict(decided, item, odd) == verdict(decided, item, between) == Verdict(against=("price_endings",))
    assert verdict(decided, item, 3) == Verdict(barred=("margin_floor", "max_change"), against=("price_endings",))
    every = np.arange(allowed[0], allowed[-1])
    assert judged(decided, np.full(every.size, item), every) == [verdict(decided, item, int(one)) for one in every]
    own = with_endings(reading, 0.99, 0.49, prices={item: odd, item + 1: 3})
    assert own.own[item].verdict.against == ("price_endings",) and not own.own[item].refused
    assert own.own[item + 1].refused
    assert prices_of(own.decided)[item] == own.prices[item] == odd
    assert own.prices[item + 1] == 3 != prices_of(own.decided)[item + 1]


@pytest.mark.real
def test_endings_that_leave_no_price_give_way(reading: Reading) -> None:
    item, price = item_of(reading)
    decided = with_endings(reading, 99999.99).decided
    allowed = settable(decided, item, float(price), 1000)
    assert allowed and gave_way(decided, item) == ["price_endings"]
    assert verdict(decided, item, allowed[0]) == Verdict()
    now = int(decided.items["current_price"][item])
    between = set(range(allowed[0], allowed[-1])) - {now}
    assert len(between) > len(allowed) and {verdict(decided, item, one) for one in between} == {Verdict()}
    assert verdict(decided, item, 3) == Verdict(barred=("margin_floor", "max_change"))


def test_what_no_rule_forbids_is_laid_to_weak_evidence(reading: Reading) -> None:
    run = reading.latest()
    assert run is not None
    stored, (item, _) = reading.replayed(run), item_of(reading)
    grade = stored.decided.decisions.join(stored.decided.items[[item]], on=["sku", "channel", "region"], how="semi")["evidence"][0]
    model = msgspec.structs.replace(stored.policy.model, max_move={grade: 0.0})
    decided = again(reading, run, msgspec.structs.replace(stored.policy, model=model), stored.snapshot.items, {}).decided
    free = [one for one in settable(stored.decided, item, 0.0, 1000) if one != decided.items["current_price"][item]]
    assert verdict(decided, item, free[0]) == Verdict(against=(WEAK_EVIDENCE,))


@pytest.mark.real  # long
def test_the_verdict_is_that_of_the_engine(reading: Reading) -> None:
    """What is barred the engine refuses, and what is not it takes: over every product, prices in and out of its limits."""
    for endings, expected in (((0.99, 0.49), {(True, True), (False, True)}), ((99999.99,), {(True, False), (False, False)})):
        decided, told = with_endings(reading, *endings).decided, set()
        for item in range(decided.items.height):
            now = int(decided.items["current_price"][item] or 100)
            for price in (*settable(decided, item, 1.1 * now, 1), now + 1, now * 2, 3):
                one = verdict(decided, item, price)
                assert accepted(decided, {item: price}) == (not one.hold and not one.barred), (item, price, one)
                told.add((bool(one.barred), bool(one.against)))
        assert expected <= told


@pytest.mark.parametrize(
    ("language", "told"),
    [("en", "it would break a rule: largest change, price endings (2)"), ("zh", "会违反规则：最大调价幅度、价格尾数 (2)")],
)
def test_an_error_names_rules_in_words(language: str, told: str) -> None:
    assert Words(language).error("would break max_change, price_endings:2") == told


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"rule": "max_change:2", "setting": "step", "value": "5"}, "moves by at most 5\u00a0% in one run"),
        ({"rule": "price_endings", "setting": "endings", "value": "[0.9]"}, "ends in 0.90"),
        ({"rule": "max_change", "setting": "step", "value": "far"}, "largest move either way: far"),
        ({"rule": "max_change", "setting": "step", "value": '"far"'}, 'largest move either way: "far"'),
    ],
)
def test_a_setting_that_is_asked_about_is_told_or_left_as_it_was_written(asked: dict[str, str], told: str) -> None:
    page = environment().from_string("{{ asked|setting_said('EUR') }}")
    assert page.render(asked=asked, w=Words("en")).replace("&#34;", '"') == told


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_says_what_to_do_about_a_held_product_without_the_names_of_files(language: str) -> None:
    words, reasons = Words(language), [key.removeprefix("remedy_") for key in report_words() if key.startswith("remedy_")]
    assert len(reasons) >= 7
    for reason in reasons:
        assert not re.search(r"[a-z]\.[a-z]|_|\bpricesmith\b", words.remedy(reason)), words.remedy(reason)
        assert f"remedy_file_{reason}" in catalogue()


def test_what_a_broken_ledger_says_and_advises_is_chinese_in_chinese() -> None:
    words = Words("zh")
    assert words.error("cannot be read: database disk image is malformed") == "无法读取：database disk image is malformed"
    assert words.error("cannot be written: disk full") == "无法写入：disk full"
    for text in ("database or disk is full", "disk I/O error", "UNIQUE constraint", "permission denied", "file is not a database", "odd"):
        assert re.search("[\u4e00-\u9fff]", words.error(_hint(text))), text


def test_several_numbers_of_a_rule_stand_as_they_do_in_its_form() -> None:
    assert value_said("[0.99, 0.49]", "rule.price_endings.endings") == "0.99, 0.49"
    assert value_said("0.15", "rule.max_change.step") == "15 %"
    assert value_said("[0.01,0.1]", "guards.canary") == "0.01, 0.1"
    assert value_said('"gross"', "tax") == "gross" and value_said('["K1","K2"]', "rule.rounding.skus") == "K1, K2"
    assert (value_said("true", "approval.alone"), value_said("", "tax")) == ("true", "")
    assert value_said('[{"a":1}]', "x") == '[{"a":1}]', "what is deeper is told as it is written"
