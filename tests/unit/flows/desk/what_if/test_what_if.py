"""What if: the same draws, the same figures as the run's own, and changes that do what they say."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import polars as pl
import pytest

from pricesmith import engine
from pricesmith.apps.web.words import catalogue
from pricesmith.contracts.shop import Key
from pricesmith.flows.desk.reading.ledger import Reading
from pricesmith.flows.desk.runs.sums import total
from pricesmith.flows.desk.what_if import replay
from pricesmith.flows.desk.what_if.answer import Typed, WhatIf, decided_with, what_if
from pricesmith.flows.desk.what_if.frontier import frontier
from pricesmith.flows.desk.what_if.kinds import kinds
from pricesmith.flows.desk.what_if.question import Asked, changes_of, read, write
from pricesmith.flows.desk.what_if.replay import again
from pricesmith.flows.desk.what_if.scenario import SCENARIOS
from pricesmith.flows.desk.what_if.scenario._change import fields, selectors
from pricesmith.flows.publishing.answers.override import override
from pricesmith.flows.publishing.answers.own_price import prices_of, settable
from pricesmith.rules import RULES
from tests.desk.place import place

EXAMPLES = {
    "move_limit": "move_limit?percent=5",
    "cost_change": "cost_change?percent=10",
    "competitor_change": "competitor_change?percent=-10",
    "objective": "objective?objective=revenue&percent=50",
    "margin_floor": "margin_floor?percent=20",
    "change_budget": "change_budget?most=3",
    "rule_off": "rule_off?rule=max_change",
    "rule_value": "rule_value?rule=max_change&setting=step&value=3",
}


@pytest.fixture(scope="module")
def reading(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reading]:
    yield place(tmp_path_factory.mktemp("what_if") / "shop").desk.reading


def ask(reading: Reading, *changes: str, **rest: Any) -> WhatIf:
    return what_if(reading, Asked(changes=list(changes), **rest))


def plan(found: WhatIf, name: str) -> Any:
    return next(one for one in found.plans if one.plan == name)


def run_of(reading: Reading) -> str:
    name = reading.latest()
    assert name is not None
    return name


def test_nothing_changed_is_the_recommendation(reading: Reading) -> None:
    stored = reading.replayed(run_of(reading))
    anew = again(reading, run_of(reading), stored.policy, stored.snapshot.items, {})
    assert anew.decided.decisions.equals(stored.decided.decisions)
    found = ask(reading)
    for field in plan(found, "mine").__struct_fields__[1:]:
        assert getattr(plan(found, "mine"), field) == getattr(plan(found, "recommended"), field)
    assert (found.differing, found.differs, found.draft) == (0, [], False)


def test_a_change_that_changes_nothing_is_the_recommendation(reading: Reading) -> None:
    found = ask(reading, "cost_change?percent=0")
    for field in plan(found, "mine").__struct_fields__[1:]:
        assert getattr(plan(found, "mine"), field) == getattr(plan(found, "recommended"), field)


def test_other_settings_alone_sell_what_is_known_already(reading: Reading, monkeypatch: pytest.MonkeyPatch) -> None:
    """What would be sold hangs on the products and the horizon, not on the rules: it is not worked out anew."""
    run, asked = run_of(reading), []
    monkeypatch.setattr(replay, "model_of", lambda _reading, name: asked.append(name))
    policy = msgspec.structs.replace(reading.replayed(run).policy, rules=())
    assert again(reading, run, policy, reading.replayed(run).snapshot.items, {}).decided.decisions.height == 24
    assert asked == []
    with pytest.raises(AttributeError):
        again(reading, run, msgspec.structs.replace(policy, horizon_days=7), reading.replayed(run).snapshot.items, {})
    assert asked == [run]


def test_sums_are_those_of_the_run(reading: Reading) -> None:
    run = reading.run(run_of(reading))
    known = total(reading.replayed(run.name).decided, run.currency)
    one = plan(ask(reading), "recommended")
    assert one.profit_change == pytest.approx(known.change, rel=1e-9)
    assert (one.profit_lo, one.profit_hi) == pytest.approx((known.low, known.high), rel=1e-9)
    assert plan(ask(reading), "nothing").profit == pytest.approx(known.today, rel=1e-9)
    assert (plan(ask(reading), "nothing").revenue, one.revenue) == pytest.approx(known.revenue, rel=1e-9)
    assert (plan(ask(reading), "nothing").units, one.units) == pytest.approx(known.units, rel=1e-9)
    assert one.changes == run.decided.filter(pl.col("action") == "change").height


@pytest.mark.parametrize("text", ["", "move_limit?percent=0", *EXAMPLES.values()])
def test_doing_nothing_changes_nothing(reading: Reading, text: str) -> None:
    one = plan(ask(reading, *([text] if text else [])), "nothing")
    quantities = ("profit", "revenue", "units")
    assert [getattr(one, f"{name}_{part}") for name in quantities for part in ("change", "lo", "hi")] == [0.0] * 9
    assert one.changes == 0


def test_no_move_at_all_is_doing_nothing(reading: Reading) -> None:
    found = ask(reading, "move_limit?percent=0")
    assert plan(found, "mine").changes == 0
    assert plan(found, "mine").profit == plan(found, "nothing").profit


def test_a_tighter_limit_never_scores_higher(reading: Reading) -> None:
    values = [
        decided_with(reading, run_of(reading), [read(f"move_limit?percent={percent}")]).decided.choice.value
        for percent in (1, 2, 3, 5, 8, 15)
    ]
    assert values == sorted(values)
    assert values[0] < values[-1]


def test_a_limit_on_a_category_binds_there_alone(reading: Reading) -> None:
    name = ask(reading).categories[-1].category
    decided = decided_with(reading, run_of(reading), [read(f"move_limit?category={name}&percent=2")]).decided
    table = reading.run(run_of(reading)).decided.select("sku", "channel", "region", "category")
    moves = decided.decisions.join(table, on=["sku", "channel", "region"]).with_columns(
        move=(pl.col("price") / pl.col("current_price") - 1).abs(),
        inside=(pl.col("category") == name) | pl.col("category").str.starts_with(name + "/"),
    )
    assert moves.filter("inside")["move"].max() <= 0.02 + 1e-9  # type: ignore[operator]
    assert moves.filter(~pl.col("inside"))["move"].max() > 0.02  # type: ignore[operator]


def test_a_price_that_a_person_sets_is_that_of_override(reading: Reading, tmp_path: Path) -> None:
    own = place(tmp_path / "shop").desk.reading
    run = run_of(own)
    row = own.run(run).decided.filter(pl.col("action") == "change").row(0, named=True)
    near = settable(own.replayed(run).decided, int(row["item"]), float(row["current_price"]), 3)
    key, price = Key(row["sku"], row["channel"], row["region"]), next(one for one in near if one != row["price"])
    text = write(read(f"set_price?product={'%20·%20'.join(key)}&price={price / 100}"))
    decided = decided_with(own, run, [read(text)]).decided
    made = override(own.book, run, {key: price}, by="eve", why="test", at=own.now(), code="test")
    recorded = own.book.read("decided", {"run": [made.run]}).select(decided.decisions.columns).cast(dict(decided.decisions.schema))
    assert recorded.sort("sku", "channel", "region").equals(decided.decisions)
    found = ask(own, text, run=run)
    assert [(one.sku, one.price) for one in found.differs] == [(key.sku, price)]


def test_a_price_that_cannot_be_published_is_counted_and_said(reading: Reading) -> None:
    row = reading.run(run_of(reading)).decided.filter(pl.col("action") == "change").row(0, named=True)
    key = "%20·%20".join((row["sku"], row["channel"], row["region"]))
    found = ask(reading, f"set_price?product={key}&price={row['current_price'] * 3 / 100}")
    assert [one.price for one in found.refused] == [row["current_price"] * 3] and not found.warned
    assert plan(found, "mine").profit != plan(found, "recommended").profit
    assert [(one.reason, one.binding_rules) for one in found.differs] == [("override", "")], "nothing but the question sets it"


def test_todays_price_is_counted_and_said_to_be_none_of_ones_own(reading: Reading) -> None:
    row = reading.run(run_of(reading)).decided.filter(pl.col("action") == "change").row(0, named=True)
    key = "%20·%20".join((row["sku"], row["channel"], row["region"]))
    found = ask(reading, f"set_price?product={key}&price={row['current_price'] / 100}")
    assert [(one.price, one.same) for one in found.refused] == [(row["current_price"], True)] and not found.warned
    assert [(one.sku, one.price) for one in found.differs] == [(row["sku"], row["current_price"])]


def test_dearer_goods_cost_what_they_cost(reading: Reading) -> None:
    found = ask(reading, "cost_change?percent=10")
    assert [one.plan for one in found.plans] == ["nothing", "recommended", "nothing_then", "recommended_then", "mine"]
    assert plan(found, "nothing_then").profit < plan(found, "nothing").profit
    assert plan(found, "nothing_then").units == plan(found, "nothing").units
    assert plan(found, "mine").profit >= plan(found, "nothing_then").profit
    lost = plan(found, "nothing_then")
    assert lost.profit_lo < lost.profit_change < lost.profit_hi < 0


def test_dearer_goods_leave_what_else_a_unit_costs(reading: Reading) -> None:
    """Purchase costs rise by a tenth; shipping, which the landed cost holds too, does not."""
    items = reading.replayed(run_of(reading)).snapshot.items.with_columns(
        shipping=pl.lit(50.0), landed_cost=pl.when(pl.col("unit_cost").is_not_null()).then(pl.col("unit_cost") + 50.0)
    )
    (change,) = changes_of(Asked(changes=["cost_change?percent=10"]))
    after = change.world(items, "EUR")
    assert after["unit_cost"].to_list() == pytest.approx((items["unit_cost"] * 1.1).to_list())
    assert (after["landed_cost"] - after["unit_cost"]).drop_nulls().to_list() == pytest.approx([50.0] * items["landed_cost"].count())
    assert after["shipping"].equals(items["shipping"])


def test_one_product_has_another_cost_wherever_it_is_sold(reading: Reading) -> None:
    items = reading.replayed(run_of(reading)).snapshot.items
    items = pl.concat([items, items.head(1).with_columns(region=pl.lit("elsewhere"), item=pl.lit(items.height, pl.Int32))])
    items = items.with_columns(landed_cost=pl.when(pl.col("item") > 0).then(pl.col("unit_cost") + 50.0))
    sku = str(items["sku"][0])
    (change,) = changes_of(Asked(changes=[f"set_cost?product={sku}&cost=12.34"]))
    after = change.world(items, "EUR")
    assert after.filter(pl.col("sku") == sku)["unit_cost"].to_list() == [1234.0, 1234.0]
    assert after.filter(pl.col("sku") == sku)["landed_cost"].to_list() == [1234.0, 1284.0], "shipping stays; without one none is known"
    assert after.filter(pl.col("sku") != sku).equals(items.filter(pl.col("sku") != sku))
    (place_,) = changes_of(Asked(changes=[f"set_cost?product={'%20·%20'.join(items.row(items.height - 1)[1:4])}&cost=12.34"]))
    one = place_.world(items, "EUR")
    assert one["unit_cost"][-1] == 1234.0 and one["unit_cost"][0] == items["unit_cost"][0]


def test_a_dearer_product_earns_less_and_its_price_is_chosen_anew(reading: Reading) -> None:
    row = reading.run(run_of(reading)).decided.filter(pl.col("action") == "change").row(0, named=True)
    key = "%20·%20".join((row["sku"], row["channel"], row["region"]))
    found = ask(reading, f"set_cost?product={key}&cost={row['landed_cost'] * 1.2 / 100:.2f}")
    assert plan(found, "nothing_then").profit < plan(found, "nothing").profit
    assert plan(found, "mine").profit >= plan(found, "recommended_then").profit - 0.005
    refused = ask(reading, add="set_cost", product="none-such", cost="5")
    assert refused.trouble is not None


def test_it_is_said_where_rules_make_the_best_prices_earn_less_than_the_recommended_ones(reading: Reading) -> None:
    found = ask(reading, "move_limit?percent=1")
    assert not found.less, "no other costs: there is nothing beside which they earn less"
    found = ask(reading, "cost_change?percent=10", "move_limit?percent=1")
    assert plan(found, "mine").profit < plan(found, "recommended_then").profit and found.less
    assert not ask(reading, "cost_change?percent=-5").less
    assert not ask(reading, "cost_change?percent=10", "move_limit?percent=1", "objective?objective=revenue&percent=100").less


def test_an_interval_of_a_difference_is_of_the_change_alone(reading: Reading) -> None:
    """Independent draws would make it about as wide as those of both plans together."""
    found = ask(reading, "move_limit?percent=4")
    both = (
        plan(found, "mine").profit_hi
        - plan(found, "mine").profit_lo
        + plan(found, "recommended").profit_hi
        - plan(found, "recommended").profit_lo
    )
    versus = next(one for one in found.against if one.other == "recommended")
    assert versus.profit_hi - versus.profit_lo < 0.8 * both
    assert versus.profit == pytest.approx(plan(found, "mine").profit - plan(found, "recommended").profit)


def test_parts_add_up_to_the_shop(reading: Reading) -> None:
    whole = ask(reading, "move_limit?percent=4")
    tops = [one.category for one in whole.categories if one.level == 1]
    parts = [ask(reading, "move_limit?percent=4", in_category=name) for name in tops]
    assert sum(part.products for part in parts) == whole.products
    assert sum(plan(part, "mine").profit for part in parts) == pytest.approx(plan(whole, "mine").profit)
    row = reading.run(run_of(reading)).decided.row(0, named=True)
    one = ask(reading, "move_limit?percent=4", of_product=" · ".join((row["sku"], row["channel"], row["region"])))
    assert one.products == 1


def test_the_largest_category_comes_first(reading: Reading) -> None:
    tops = [one for one in ask(reading).categories if one.level == 1]
    assert [one.share for one in tops] == sorted((one.share for one in tops), reverse=True)
    assert sum(one.share for one in tops) == pytest.approx(1.0)


def test_several_changes_hold_together(reading: Reading) -> None:
    found = ask(reading, EXAMPLES["move_limit"], add="cost_change", percent="10")
    assert [one.kind for one in found.changes] == ["move_limit", "cost_change"]
    assert not found.draft
    assert ask(reading, *(one.text for one in found.changes)).plans == found.plans


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("move_limit?category=none-such&percent=5", "none-such"),
        ("move_limit", "percent"),
        ("move_limit?percent=many", "number"),
        ("none-such?percent=5", "none-such"),
        ("rule_off?rule=none-such", "none-such"),
        ("rule_value?rule=max_change&setting=step&value=500", "step"),
        ("rule_value?rule=max_change&setting=none&value=0.1", "none"),
        ("set_price?product=none-such&price=5", "none-such"),
    ],
)
def test_what_cannot_be_asked_is_said(reading: Reading, text: str, word: str) -> None:
    found = ask(reading, text)
    assert found.trouble is not None
    assert word in f"{found.trouble.where} {found.trouble.what} {found.trouble.hint}"
    assert found.kinds
    assert not found.plans


def test_what_was_typed_in_vain_stays(reading: Reading) -> None:
    found = ask(reading, "cost_change?percent=10", add="move_limit", category="none-such", percent="five percent")
    assert [one.kind for one in found.changes] == ["cost_change"]
    assert found.typed == Typed("move_limit", {"category": "none-such", "percent": "five percent"}, "percent")
    assert ask(reading, add="move_limit", percent="5").typed is None
    assert ask(reading, "move_limit?percent=many").typed is None


def test_a_rule_that_the_question_adds_is_told_from_those_of_the_run(reading: Reading) -> None:
    """Two rules of a kind would both be called largest change, the second with a number that says nothing."""
    found = ask(reading, "move_limit?percent=4")
    assert found.asked_rules == ["max_change:2"] and found.numbered == {}
    assert any("max_change:2" in one.binding_rules for one in found.differs)
    assert ask(reading, "rule_value?rule=max_change&setting=step&value=3").asked_rules == ["max_change"]
    assert ask(reading, "cost_change?percent=10").asked_rules == []


def test_a_share_is_asked_for_in_percent(reading: Reading) -> None:
    plain = ask(reading, "rule_value?rule=max_change&setting=step&value=3")
    for text in ("3 %25", "3%25", "3 ％"):
        assert ask(reading, f"rule_value?rule=max_change&setting=step&value={text}").plans == plain.plans
    unclear = ask(reading, "rule_value?rule=max_change&setting=step&value=0.03").trouble
    assert unclear is not None and "may mean 3 % or 0.03 %" in unclear.what


def test_a_margin_of_the_price_is_the_mark_up_that_leaves_as_much(reading: Reading) -> None:
    """60 % of what is kept leaves two fifths for the cost: one and a half of it on top."""
    of_price = ask(reading, "margin_floor?percent=60&measure=price")
    assert of_price.plans == ask(reading, "margin_floor?percent=150").plans
    assert of_price.plans != ask(reading, "margin_floor?percent=60").plans


def test_no_margin_of_the_price_leaves_nothing_for_the_cost(reading: Reading) -> None:
    found = ask(reading, "margin_floor?percent=100&measure=price").trouble
    assert found is not None and "leaves too little for the cost" in found.what
    assert ask(reading, "margin_floor?percent=100").trouble is None


def test_a_lower_margin_of_one_category_is_told_as_it_was_asked(reading: Reading) -> None:
    category = ask(reading).categories[0].category
    whole = "margin_floor?percent=20&measure=price"
    for measure, said in (("price", "20.0%"), ("landed_cost", "25.0%")):
        found = ask(reading, whole, f"margin_floor?percent=10&measure={measure}&category={category}").trouble
        assert found is not None and f"a margin floor of {said} holds" in found.what


def test_the_margin_is_asked_for_as_the_shop_gives_it(reading: Reading) -> None:
    policy = reading.policy
    of_price = RULES["margin_floor"](of_price=0.15)  # type: ignore[call-arg]
    for rules, begins in ((policy.rules, "landed_cost"), ((of_price,), "price"), ((), "landed_cost")):
        form = next(one for one in kinds(msgspec.structs.replace(policy, rules=rules)) if one.kind == "margin_floor")
        assert next(one.default for one in form.fields if one.name == "measure") == begins


def test_rules_of_which_a_run_has_several_are_told_apart_by_their_settings(tmp_path: Path) -> None:
    more = place(tmp_path / "shop", '\n[[rule]]\nkind = "max_change"\nstep = 0.02\n').desk.reading
    found = ask(more, "cost_change?percent=10")
    assert {name: one["step"] for name, one in found.numbered.items()} == {"max_change": 0.15, "max_change:2": 0.02}


def test_a_frontier_begins_with_most_profit(reading: Reading) -> None:
    found = frontier(reading, Asked())
    assert found.chosen is not None
    assert found.today is not None
    assert found.plans[0].profit == pytest.approx(found.chosen.profit)
    revenue, profit = [one.revenue for one in found.plans], [one.profit for one in found.plans]
    assert revenue == sorted(revenue)
    assert profit == sorted(profit, reverse=True)


@pytest.mark.parametrize("changes", [(), ("cost_change?percent=10", "move_limit?percent=5"), ("set_price?product={sku}&price={price}",)])
def test_a_frontier_says_what_what_if_says_of_the_chosen_plan(reading: Reading, changes: tuple[str, ...]) -> None:
    row = reading.run(run_of(reading)).decided.filter(pl.col("action") == "change").row(0, named=True)
    texts = [one.format(sku=row["sku"], price=(row["price"] + row["current_price"]) // 2 / 100) for one in changes]
    found, asked = frontier(reading, Asked(changes=texts)), ask(reading, *texts)
    assert found.chosen is not None and found.today is not None
    mine = next(one for one in asked.against if one.other == ("nothing_then" if "cost" in str(changes) else "nothing"))
    assert (found.chosen.profit_change, found.chosen.profit_lo, found.chosen.profit_hi) == pytest.approx(
        (mine.profit, mine.profit_lo, mine.profit_hi)
    )
    assert found.chosen.changes == plan(asked, "mine").changes > 0
    for one in [*found.plans, found.chosen]:
        assert one.profit_change == pytest.approx(one.profit - found.today.profit)
        assert one.profit_lo < one.profit_change < one.profit_hi  # type: ignore[operator]
    assert (found.today.changes, found.today.profit_change) == (0, None)


def test_the_chosen_plan_is_known_among_those_of_a_frontier(reading: Reading) -> None:
    best, weighed = frontier(reading, Asked()), frontier(reading, Asked(changes=["objective?objective=units&percent=60"]))
    assert best.chosen_plan == 0 and msgspec.structs.astuple(best.plans[0]) == pytest.approx(msgspec.structs.astuple(best.chosen))
    assert weighed.chosen_plan is None
    for one in (best, weighed):
        assert len({(round(each.revenue, 6), round(each.profit, 6)) for each in one.plans}) == len(one.plans), "each plan once"


def test_every_setting_of_every_rule_can_be_chosen(reading: Reading) -> None:
    found = ask(reading)
    assert tuple(found.settings) == found.rules
    for rule, settings in found.settings.items():
        assert settings and all(f"rulefield_{rule.partition(':')[0]}_{name}" in catalogue() for name in settings)


class TestKinds:
    """What every kind of change keeps to, those of other packages too."""

    @pytest.mark.parametrize("name", SCENARIOS)
    def test_it_says_itself_in_every_language(self, name: str) -> None:
        known = catalogue()
        assert f"scenario_{name}" in known
        assert f"scenario_{name}_title" in known
        for one, schema in fields(SCENARIOS[name]).items():
            assert schema["description"]
            assert schema["asks"]
            assert f"wi_field_{name}_{one}" in known
            assert schema["asks"] == "setting" or all(f"{{{one}}}" in text for text in known[f"scenario_{name}"].values())

    @pytest.mark.parametrize("name", SCENARIOS)
    def test_it_changes_what_it_says(self, name: str, reading: Reading) -> None:
        if name in ("set_price", "set_cost"):
            key = "%20·%20".join(reading.replayed(run_of(reading)).decided.items.row(0)[1:4])
            text = f"{name}?product={key}&{name.removeprefix('set_')}=12.5"
        else:
            text = EXAMPLES[name]
        change = read(text)
        assert change.kind == name
        assert read(write(change)) == change
        stored = reading.replayed(run_of(reading))
        items = stored.snapshot.items
        before = items.clone()
        policy = change.policy(stored.policy, items)
        if change.of_policy():
            assert policy != stored.policy
            assert change.world(items, "EUR") is items
        else:
            assert policy is stored.policy
        prices = change.prices(items, stored.snapshot.currency)
        assert prices == ({0: 1250} if name == "set_price" else {})
        assert items.equals(before)


def test_categories_with_signs_of_patterns_are_meant_as_they_are() -> None:
    items = pl.DataFrame({"category": ["a[1]/x", "a[1]", "a1/x", "b"]})
    assert selectors(items, "a[1]") == [{"category": "a[[]1]"}, {"category": "a[[]1]/*"}]
    assert selectors(items, "b") == [{"category": "b"}]
    assert selectors(items, "") == [{}]


def test_prices_of_a_run(reading: Reading) -> None:
    decided: engine.Decided = reading.replayed(run_of(reading)).decided
    table = decided.items.select("sku", "channel", "region").with_columns(own=pl.Series(prices_of(decided)))
    joined = table.join(decided.decisions, on=["sku", "channel", "region"])
    assert joined.filter(pl.col("own") != pl.col("price")).is_empty()
    assert joined.height == decided.decisions.height


def test_the_same_change_counts_once() -> None:
    assert len(changes_of(Asked(changes=["move_limit?percent=5", "move_limit?percent=5.0"]))) == 1
