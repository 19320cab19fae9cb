"""A shop.toml that cannot be: every mistake is refused with file, place, and what could stand there."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pricesmith.contracts.errors import PolicyError, PricesmithError, UnknownChoice
from pricesmith.contracts.policy import Policy, parse_policy, policy_from
from pricesmith.rules import RULES
from tests.examples import examples

EUR = 'currency = "EUR"\n'


def rule(kind: str, **fields: str) -> str:
    return f'{EUR}[[rule]]\nkind = "margin_floor"\nmin_margin = 0.1\n[[rule]]\nkind = "{kind}"\n' + "".join(
        f"{name} = {text}\n" for name, text in fields.items()
    )


BAD = [
    ('currency = "EUR', "shop.toml:", "not valid TOML"),
    ("", "shop.toml $.currency:", "currency is missing"),
    ('currency = "EURO"', "shop.toml $.currency:", "did you mean EUR?"),
    ("currency = 978", "shop.toml $.currency:", "expected text, found 978"),
    (EUR + 'tax = "brutto"', "shop.toml $.tax:", "valid values: gross, net"),
    (EUR + 'objective = "profits"', "shop.toml $.objective:", "valid: profit, revenue, units"),
    (EUR + "objective = { profits = 1.0 }", "shop.toml $.objective:", "valid: profit, revenue, units"),
    (EUR + "objective = { profit = 0.0 }", "shop.toml $.objective:", "sum to zero"),
    (EUR + "objective = { profit = -1.0 }", "shop.toml $.objective", "expected a number >= 0.0"),
    (EUR + "objective = 3", "shop.toml $.objective:", "expected text or a table, found 3"),
    (EUR + "horizon_days = 0", "shop.toml $.horizon_days:", "expected a whole number >= 1, found 0"),
    (EUR + "horizon_days = 1.5", "shop.toml $.horizon_days:", "expected a whole number, found 1.5"),
    (EUR + "horizon = 3", "shop.toml $.horizon:", "did you mean horizon_days?"),
    (EUR + 'timezone = "Mars/Olympus"', "shop.toml $.timezone:", "such as Europe/Berlin"),
    (EUR + 'locale = "fr"', "shop.toml $.locale:", "valid: en, zh"),
    (EUR + "rules = [1]", "shop.toml $.rules:", "did you mean rule?"),
    (EUR + "[data]\nmax_bad_share = 5", "shop.toml $.data.max_bad_share:", "expected a number <= 1.0, found 5"),
    (EUR + "[data]\nmax_bad_share = nan", "shop.toml $.data.max_bad_share:", "not a finite number"),
    (EUR + "[data]\nage = 3", "shop.toml $.data.age:", "valid fields: max_bad_share"),
    (EUR + "data = 3", "shop.toml $.data:", "expected a table, found 3"),
    (
        EUR + "[model]\nmax_move = { weak = 0.1 }",
        "shop.toml $.model.max_move",
        "valid values: adjusted, experiment, instrument",
    ),
    (EUR + '[model]\ninstrument = "yes"', "shop.toml $.model.instrument:", "valid values: always, auto, never"),
    (EUR + "[risk]\nlevel = 0.0", "shop.toml $.risk.level:", "expected a number > 0.0"),
    (EUR + "[rule]\nkind = 'x'", "shop.toml $.rule:", "start each with [[rule]]"),
    (EUR + "rule = [1]", "shop.toml $.rule[0].kind:", "valid kinds: category_floor"),
    (EUR + "[[rule]]\nstep = 0.1", "shop.toml $.rule[0].kind:", "valid kinds: category_floor"),
    (EUR + "[[rule]]\nkind = 3", "shop.toml $.rule[0].kind:", "unknown rule kind 3"),
    (rule("magic"), "shop.toml $.rule[1].kind:", "margin_floor"),
    (rule("max_chnage", step="0.1"), "shop.toml $.rule[1].kind:", "did you mean max_change?"),
    (rule("exclude", where='{ skew = "A" }'), "shop.toml $.rule[1].where:", "valid columns: sku, channel"),
    (rule("exclude", where='"A"'), "shop.toml $.rule[1].where:", "expected a table, found 'A'"),
    (rule("exclude", where="{ sku = 3 }"), "shop.toml $.rule[1].where", "expected text"),
    (rule("exclude", hard='"no"'), "shop.toml $.rule[1].hard:", "expected true or false, found 'no'"),
    (rule("exclude", priority="1.5"), "shop.toml $.rule[1].priority:", "expected a whole number, found 1.5"),
    (rule("margin_floor"), "shop.toml $.rule[1].min_margin:", "a margin is missing (give either min_margin or of_price"),
    (
        rule("margin_floor", min_margin="0.1", of_price="0.1"),
        "shop.toml $.rule[1].min_margin:",
        "a margin of the cost and one of the price",
    ),
    (rule("margin_floor", of_price="1.0"), "shop.toml $.rule[1].of_price:", "found 1.0"),
    (rule("margin_floor", min_margin="-0.1"), "shop.toml $.rule[1].min_margin:", "found -0.1"),
    (rule("margin_floor", min_margin="inf"), "shop.toml $.rule[1].min_margin:", "not a finite number"),
    (rule("max_change"), "shop.toml $.rule[1].step:", "give step, up or down"),
    (rule("max_change", step="-0.1"), "shop.toml $.rule[1].step:", "expected a number >= 0.0, found -0.1"),
    (rule("max_change", step="10"), "shop.toml $.rule[1].step:", "0.15 = 15 %"),
    (rule("max_change", step="10%"), "shop.toml:7:", "10 % is written 0.10"),
    (rule("max_change", step='"15%"'), "shop.toml $.rule[1].step:", "0.15 = 15 %"),
    (rule("max_change", stop="0.1"), "shop.toml $.rule[1].stop:", "did you mean step?"),
    (rule("max_change", step="0.1", up="0.1", down="0.1"), "shop.toml $.rule[1].step:", "leave step out"),
    (rule("max_change", down="1.5"), "shop.toml $.rule[1].down:", "found 1.5"),
    (rule("min_change"), "shop.toml $.rule[1].step:", "a least change is missing"),
    (rule("min_change", step="0.0"), "shop.toml $.rule[1].step:", "expected a number > 0.0"),
    (rule("price_endings"), "shop.toml $.rule[1].endings:", "endings is missing"),
    (rule("price_endings", endings="[]"), "shop.toml $.rule[1].endings:", "length >= 1, found []"),
    (rule("price_endings", endings="[0.99, -0.5]"), "shop.toml $.rule[1].endings[1]:", "found -0.5"),
    (rule("price_endings", endings="[0.99, 0.995]"), "shop.toml $.rule[1].endings[1]:", "finer than the minor unit of EUR"),
    (rule("price_endings", endings="[1e300]"), "shop.toml $.rule[1].endings[0]:", "no price ends in"),
    (rule("price_endings", endings="[0.99, 0.99]"), "shop.toml $.rule[1].endings:", "twice"),
    (rule("price_endings", endings="[0.99, nan]"), "shop.toml $.rule[1].endings[1]:", "not a finite number"),
    (rule("competitor_band"), "shop.toml $.rule[1].low:", "neither low nor high"),
    (rule("competitor_band", low="1.2", high="1.1"), "shop.toml $.rule[1].low:", "low 1.2 is above high 1.1"),
    (rule("competitor_band", low="0.0"), "shop.toml $.rule[1].low:", "expected a number > 0.0"),
    (rule("price_bounds", min_price="9.0", max_price="5.0"), "shop.toml $.rule[1].min_price:", "above max_price"),
    (rule("price_bounds", columns="[]"), "shop.toml $.rule[1].columns:", "sets no bound"),
    (rule("price_bounds", columns='["uvp"]'), "shop.toml $.rule[1].columns[0]:", "valid values: map_price, max_price, min_price, rrp"),
    (rule("freeze"), "shop.toml $.rule[1].from:", "neither from nor to"),
    (rule("freeze", **{"from": "2026-12-26", "to": "2026-12-01"}), "shop.toml $.rule[1].from:", "is after to"),
    (rule("freeze", **{"from": '"tomorrow"'}), "shop.toml $.rule[1].from:", "a date such as"),
    (rule("freeze", **{"from": "2026-12-01T10:00:00"}), "shop.toml $.rule[1].from:", "a date such as"),
    (rule("same_price"), "shop.toml $.rule[1].by:", "by is missing"),
    (rule("same_price", by='"colour"'), "shop.toml $.rule[1].by:", "valid values: brand, category, family, role, sku"),
    (rule("zone_parity", tolerance="-0.1"), "shop.toml $.rule[1].tolerance:", "found -0.1"),
    (rule("relation", gap='"colour"'), "shop.toml $.rule[1].gap:", "valid values: brand, line, size"),
    (rule("relation", gap='"brand"', max_ratio="0.9"), "shop.toml $.rule[1].of:", "compares two sets"),
    (rule("relation", gap='"brand"', of='{ brand = "a" }', max_ratio="0.9"), "shop.toml $.rule[1].to:", "compares two sets"),
    (rule("relation", gap='"brand"', of='{ brand = "a" }', to='{ brand = "b" }'), "shop.toml $.rule[1].max_ratio:", "no ratio"),
    (rule("relation", gap='"brand"', of='{ brnd = "a" }', to='{ brand = "b" }'), "shop.toml $.rule[1].of:", "valid columns: sku"),
    (rule("relation", gap='"size"', order='["a", "b"]'), "shop.toml $.rule[1].order:", 'means nothing where gap = "size"'),
    (rule("relation", gap='"size"', min_ratio="1.5"), "shop.toml $.rule[1].min_ratio:", "above max_ratio"),
    (rule("relation", gap='"line"', order='["good"]'), "shop.toml $.rule[1].order:", "two or more different steps"),
    (rule("relation", gap='"line"', order='["good", "good"]'), "shop.toml $.rule[1].order:", "two or more different steps"),
    (rule("change_budget", max_changes="-1"), "shop.toml $.rule[1].max_changes:", "found -1"),
    (rule("index_limit", max_move="0.01", weights='"units"'), "shop.toml $.rule[1].weights:", "valid values: equal, revenue"),
    (rule("category_floor", quantity='"units"', share="0.9"), "shop.toml $.rule[1].quantity:", "valid values: margin, revenue"),
    (rule("category_floor", quantity='"margin"', share="1.1"), "shop.toml $.rule[1].share:", "found 1.1"),
    (
        rule("min_change", step="0.2") + '[[rule]]\nkind = "max_change"\nstep = 0.1\nup = 0.15\nwhere = { sku = "A*" }',
        "shop.toml $.rule[1].step:",
        "the least change 0.2 is above the largest change 0.15 of $.rule[2]",
    ),
    (
        rule("price_bounds", max_price="9.0") + '[[rule]]\nkind = "price_bounds"\nmin_price = 9.5',
        "shop.toml $.rule[2].min_price:",
        "min_price 9.5 is above max_price 9 of $.rule[1]",
    ),
]


def test_rules_that_need_not_meet_may_differ() -> None:
    wide = '[[rule]]\nkind = "max_change"\nstep = 0.1\n'
    for other in (wide + "hard = false", wide + 'where = { sku = "B*" }', wide.replace("0.1", "0.2"), wide.replace("step", "up")):
        text = rule("min_change", step="0.2", where='{ sku = "A*" }') + other
        assert len(parse_policy(text, RULES).rules) == 3
    with pytest.raises(PolicyError, match="least change"):
        parse_policy(rule("min_change", step="0.2", where='{ sku = "A*" }') + wide, RULES)


@pytest.mark.parametrize(("text", "place", "words"), BAD, ids=[f"{number}" for number in range(len(BAD))])
def test_refused_with_its_place(text: str, place: str, words: str) -> None:
    with pytest.raises((PolicyError, UnknownChoice)) as caught:
        parse_policy(text, RULES)
    line = str(caught.value)
    assert re.sub(r"^shop\.toml:\d+ ", "shop.toml ", line).startswith(place) and words in line
    assert "\n" not in line and caught.value.exit_status == 1


@pytest.mark.parametrize(("text", "place"), [(text, place) for text, place, _ in BAD if "$" in place and text], ids=str)
def test_the_line_holds_the_key_or_opens_its_table(text: str, place: str) -> None:
    with pytest.raises(PricesmithError) as caught:
        parse_policy(text, RULES)
    found = re.match(r"shop\.toml:(\d+) \$", caught.value.where)
    assert found, "only a key that is missing from a file without a table has no line"
    line, keys = text.splitlines()[int(found[1]) - 1], re.findall(r"[a-z]\w+", place.removeprefix("shop.toml"))
    assert keys[-1] in line or line == "[[rule]]" or keys[-2] in line


def test_every_kind_is_refused_somewhere() -> None:
    assert all(any(f'kind = "{kind}"' in text for text, _, _ in BAD) for kind in RULES)


def test_the_place_carries_the_path_of_the_file() -> None:
    with pytest.raises(PolicyError, match=r"^myshop/shop\.toml:4 \$\.rule\[0\]\.step: "):
        parse_policy(EUR + '[[rule]]\nkind = "max_change"\nstep = -1', RULES, where="myshop/shop.toml")


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.dates() | st.sampled_from(["EUR", "size"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
names = st.sampled_from(
    ["currency", "tax", "objective", "rule", "model", "data", "where", "kind", "step", "gap", "of", "endings", "from", "max_move"]
)
tables = st.dictionaries(names | st.text(max_size=5), values, max_size=4)


@examples(120)
@given(
    tables,
    st.lists(st.builds(lambda kind, fields: {**fields, "kind": kind}, st.sampled_from(sorted(RULES)), tables), max_size=2),
)
@example({}, [{"kind": "price_endings", "endings": [5e-324]}])
def test_anything_is_a_policy_or_refused_in_one_line(top: dict[str, object], rules: list[dict[str, object]]) -> None:
    try:
        policy = policy_from({"currency": "EUR", "rule": rules, **top}, RULES)
    except PricesmithError as error:
        assert "shop.toml" in str(error)
    else:
        assert isinstance(policy, Policy) and abs(sum(policy.weights.values()) - 1) < 1e-9


@examples(120)
@given(st.text(st.sampled_from("[]{}=\"'.#ab1 \n\\-_,"), max_size=60))
def test_any_text_is_a_policy_or_refused(text: str) -> None:
    try:
        parse_policy(EUR + text, RULES)
    except PricesmithError as error:
        assert "shop.toml" in str(error)
