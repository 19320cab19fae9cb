"""Rules inside the text of a shop.toml: one is changed, everything else stays as it was written."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from importlib.resources import files
from urllib.parse import urlencode

import msgspec
import pytest

from pricesmith.apps.web.words import catalogue
from pricesmith.contracts.errors import PolicyError, UsageError
from pricesmith.contracts.policy import parse_policy
from pricesmith.flows import example_policy
from pricesmith.flows.desk.forms.per_cent import in_field, in_percent
from pricesmith.flows.desk.rules.rule_kinds import as_text, fields, filled, kinds, setting_value
from pricesmith.flows.desk.rules.rule_text import blocks, with_block, with_policy, written
from pricesmith.flows.desk.rules.typed import edited
from pricesmith.flows.desk.what_if.question import read, write
from pricesmith.rules import RULES

TEXT = """\
# our shop
currency = "EUR"

[[rule]]
kind = "max_change"   # calm
step = 0.10           # ten per cent
# about the next one
[[rule]]
kind = "price_endings"
endings = [
  0.99,
  [0.49][0],
]

[[rule]]
kind = "margin_floor"
min_margin = 0.05
[rule.where]
category = "a/*"

[guards]
max_step = 0.10
""".replace("[0.49][0]", "0.49")


def example(kind: str) -> str:
    return str(sys.modules[RULES[kind].__module__].EXAMPLE)


def test_tables_are_found_where_they_stand() -> None:
    lines = TEXT.splitlines()
    assert [(lines[start + 1], lines[end - 1]) for start, end in blocks(TEXT)] == [
        ('kind = "max_change"   # calm', "step = 0.10           # ten per cent"),
        ('kind = "price_endings"', "]"),
        ('kind = "margin_floor"', 'category = "a/*"'),
    ]


def test_what_is_switched_off_by_a_comment_is_no_rule() -> None:
    text = example_policy.text(RULES)
    assert len(blocks(text)) == len(parse_policy(text, RULES).rules)


def test_one_rule_changes_and_its_comments_stay() -> None:
    found = edited(TEXT, 0, {"kind": "max_change", "step": 0.05})
    assert found == TEXT.replace("step = 0.10           # ten", "step = 0.05           # ten")


def test_our_own_comments_state_the_value_that_there_is() -> None:
    for shop in ("gifts", "grocery"):
        text = files("pricesmith").joinpath("data", shop, "shop.toml").read_text(encoding="utf-8")
        kinds = [rule.kind for rule in parse_policy(text, RULES).rules]
        found = edited(text, kinds.index("max_change"), {"kind": "max_change", "step": 0.125})
        assert "# no price moves by more than 12.5 % in one run" in found
        found = edited(found, kinds.index("margin_floor"), {"kind": "margin_floor", "min_margin": 0.2})
        assert "# never below landed cost plus 20 %" in found
        of_price = edited(found, kinds.index("margin_floor"), {"kind": "margin_floor", "of_price": 0.2})
        assert "landed cost plus" not in of_price and "of_price = 0.2" in of_price
        free = edited(found, kinds.index("max_change"), {"kind": "max_change", "up": 0.2, "down": 0.1})
        assert "no price moves by more than" not in free
        found = edited(found, kinds.index("price_endings"), {"kind": "price_endings", "endings": [0.5]})
        assert "prices end in" not in found
        found = edited(found, kinds.index("index_limit"), {"kind": "index_limit", "max_move": 0.02})
        assert "# prices move by at most 2 % on average, weighted by revenue" in found


def test_a_rule_is_taken_out_alone() -> None:
    found = edited(TEXT, 1, None)
    assert [rule.kind for rule in parse_policy(found, RULES).rules] == ["max_change", "margin_floor"]
    assert "# about the next one" in found
    assert "[guards]\nmax_step = 0.10" in found


def test_a_rule_is_added_behind_the_others() -> None:
    found = edited(TEXT, None, {"kind": "change_budget", "max_changes": 5})
    assert [rule.kind for rule in parse_policy(found, RULES).rules][-1] == "change_budget"
    assert found.index("change_budget") < found.index("[guards]")
    alone = edited('currency = "EUR"\n', None, {"kind": "change_budget", "max_changes": 5})
    assert parse_policy(alone, RULES).rules[0].kind == "change_budget"


def test_what_does_not_parse_is_refused_with_its_place() -> None:
    with pytest.raises(PolicyError) as error:
        edited(TEXT, 0, {"kind": "max_change", "step": 5.0})
    assert "$.rule[0].step" in error.value.where
    with pytest.raises(PolicyError):
        with_block(TEXT, 7, "")


@pytest.mark.parametrize("kind", RULES)
def test_every_kind_is_written_as_it_is_read(kind: str) -> None:
    rules = parse_policy('currency = "EUR"\n' + example(kind), RULES).rules
    assert parse_policy('currency = "EUR"\n' + "\n".join(map(written, rules)), RULES).rules == rules


@pytest.mark.parametrize("kind", RULES)
def test_every_kind_comes_through_its_form(kind: str) -> None:
    for rule in parse_policy('currency = "EUR"\n' + example(kind), RULES).rules:
        plain = dict(msgspec.to_builtins(rule))
        texts = {one.name: as_text(plain.get(one.name)) for one in fields(type(rule))}
        texts |= {one.name: in_field(texts[one.name], one.unit) for one in fields(type(rule)) if one.unit}
        values = filled(kind, texts, dict(rule.where), rule.hard, rule.priority)
        assert parse_policy(edited('currency = "EUR"\n', None, values), RULES).rules == (rule,)


@pytest.mark.parametrize("kind", RULES)
def test_settings_are_written_into_the_text(kind: str) -> None:
    policy = parse_policy(TEXT, RULES)
    other = parse_policy('currency = "EUR"\n' + example(kind), RULES).rules
    for rules in ((*policy.rules, *other), (*other, *policy.rules), other, (policy.rules[2], *other), ()):
        wanted = msgspec.structs.replace(policy, rules=rules, objective={"profit": 0.5, "revenue": 0.5})
        try:
            found = with_policy(TEXT, wanted)
        except PolicyError as error:
            assert "rule" in error.where or "$" in error.where
            continue
        assert parse_policy(found, RULES) == wanted
        assert "# our shop" in found
        assert "[guards]\nmax_step = 0.10" in found


def test_rules_in_one_line_are_left_alone() -> None:
    text = 'currency = "EUR"\nrule = [{ kind = "max_change", step = 0.1 }]\n'
    policy = parse_policy(text, RULES)
    with pytest.raises(PolicyError, match="one line"):
        with_policy(text, msgspec.structs.replace(policy, rules=()))


def test_a_number_that_is_none_is_refused() -> None:
    with pytest.raises(UsageError, match="no number"):
        filled("max_change", {"step": "five"}, {}, True, 0)


@pytest.mark.parametrize(
    ("text", "value"),
    [("15 %", 0.15), ("15%", 0.15), ("2.5 %", 0.025), ("2,5 %", 0.025), ("15", 0.15), ("150 %", 1.5), ("12,5", 0.125), ("0", 0)],
)
def test_a_share_may_be_written_in_per_cent(text: str, value: float) -> None:
    assert filled("max_change", {"up": text}, {}, True, 0)["up"] == value
    assert filled("relation", {"min_ratio": text}, {}, True, 0)["min_ratio"] == value


def test_a_bare_number_is_in_per_cent_and_asked_about_where_it_may_be_a_share() -> None:
    for kind, field, text in (("margin_floor", "min_margin", "0.05"), ("max_change", "up", "0,9"), ("competitor_band", "high", "1.1")):
        with pytest.raises(UsageError, match="may mean"):
            filled(kind, {field: text}, {}, True, 0)
    with pytest.raises(UsageError, match=r"0\.08 may mean 8 % or 0\.08 %"):
        filled("max_change", {"step": "0.08"}, {}, True, 0)
    assert filled("margin_floor", {"min_margin": "5"}, {}, True, 0)["min_margin"] == 0.05
    assert filled("max_change", {"up": "1"}, {}, True, 0)["up"] == 0.01
    assert filled("competitor_band", {"high": "110"}, {}, True, 0)["high"] == 1.1
    assert filled("min_change", {"amount": "5"}, {}, True, 0)["amount"] == 5
    with pytest.raises(UsageError, match="no number"):
        filled("min_change", {"amount": "5 %"}, {}, True, 0)


def test_a_share_is_typed_in_one_way_in_every_form() -> None:
    """A rule's form, a setting that is asked about and a limit of What if take the same text, and say the same of it."""
    forms: list[Callable[[str], float]] = [
        lambda text: filled("max_change", {"step": text}, {}, True, 0)["step"],
        lambda text: setting_value("max_change", "step", text),
        lambda text: read(f"move_limit?{urlencode({'percent': text})}").percent / 100,  # type: ignore[attr-defined]
    ]
    for form in forms:
        assert [form(text) for text in ("5", "5 %", "5,0", "5％", "0.5 %", "1")] == [0.05, 0.05, 0.05, 0.05, 0.005, 0.01]
        for text, what, hint in (
            ("abc", "'abc' is no number", "write 5 or 5 % for five per cent"),
            ("0.05", "0.05 may mean 5 % or 0.05 %", "write 5 % or 0.05 %, with the sign"),
        ):
            with pytest.raises(UsageError, match=re.escape(what)) as raised:
                form(text)
            assert raised.value.hint == hint
    assert filled("competitor_band", {"high": "5"}, {}, True, 0)["high"] == 0.05


def test_what_is_out_of_bounds_is_said_in_per_cent() -> None:
    for kind, field, text, what, hint in (
        ("max_change", "step", "500", "500 % is too much", "100 % at most"),
        ("margin_floor", "min_margin", "-5", "-5 % is too little", "0 % at least"),
        ("competitor_band", "low", "0", "0 % is too little", "more than 0 %"),
    ):
        with pytest.raises(UsageError, match=re.escape(what)) as raised:
            filled(kind, {field: text}, {}, True, 0)
        assert raised.value.hint == hint
    with pytest.raises(UsageError, match="500 % is not between 0 % and 100 %"):
        read("move_limit?percent=500")


def test_forms_speak_in_per_cent_alone() -> None:
    for kind in kinds():
        for one in kind.fields:
            key = f"{kind.kind}_{one.name}"
            said = catalogue().get(f"formfield_{key}") or catalogue().get(f"rulefield_{key}", {})
            told = [text for text in said.values() if one.unit and re.search(r"fraction|小数|\b0\.\d|\b1 \(|\b1 =", text)]
            assert not told, key


def test_a_small_change_is_the_same_when_it_is_read_again() -> None:
    for text in ("cost_change?percent=-0.5+%25", "cost_change?percent=10", "move_limit?percent=0"):
        change = read(text)
        assert read(write(change)) == change


def test_a_setting_that_is_no_share_is_read_as_a_form_brings_it() -> None:
    for kind, setting, text, value in (
        ("price_endings", "endings", "0.99, 0.49", [0.99, 0.49]),
        ("price_endings", "endings", "[0.99]", [0.99]),
        ("price_endings", "endings", "0.99", [0.99]),
        ("same_price", "everywhere", "true", True),
        ("category_floor", "quantity", "margin", "margin"),
        ("category_floor", "quantity", '"margin"', "margin"),
        ("change_budget", "max_changes", "3", 3),
    ):
        assert setting_value(kind, setting, text) == value
    with pytest.raises(UsageError, match="neither true nor false"):
        setting_value("same_price", "everywhere", "yes")
    with pytest.raises(UsageError, match="has no setting 'min_margin'"):
        setting_value("max_change", "min_margin", "5 %")


def test_a_share_is_shown_in_per_cent_without_loss() -> None:
    for value in (0.15, 0.07, 0.123456789, 1e-05, 1.0, 100.0, 0.3 - 0.2):
        shown = in_percent(as_text(value))
        assert shown.endswith(" %") and filled("max_change", {"up": shown}, {}, True, 0)["up"] == value
        for unit, kind, field in (("share", "max_change", "up"), ("multiple", "competitor_band", "high")):
            assert filled(kind, {field: in_field(as_text(value), unit)}, {}, True, 0)[field] == value
    assert (in_percent("0.15"), in_percent("1"), in_percent("")) == ("15 %", "100 %", "")
    assert (in_field("0.15", "share"), in_field("0.005", "share"), in_field("0.04", "multiple"), in_field("", "share")) == (
        "15", "0.5 %", "4 %", "",
    )  # fmt: skip


def test_what_is_said_in_per_cent_is_typed_in_per_cent() -> None:
    for kind in kinds():
        for one in kind.fields:
            said = catalogue().get(key := f"told_{kind.kind}_{one.name}", {}).get("en", "{percent}" if one.unit else "")
            assert bool(one.unit) == ("{percent}" in said), f"[{key}] of rule_said.toml holds {{percent}} where the field is a share alone"


def test_the_english_words_of_rules_are_their_definitions() -> None:
    """Those that are there; that none is missing is a law of every kind, in tests/conformance."""
    known = catalogue()
    for kind in kinds():
        said = {f"ruledoc_{kind.kind}": kind.meaning} | {f"rulefield_{kind.kind}_{one.name}": one.meaning for one in kind.fields}
        for key, meaning in said.items():
            assert key not in known or known[key]["en"] == meaning, f"[{key}] of rule_kinds.toml does not say what the definition says"
