"""Prices of one's own against rules over several products: what is offered is what the making of an own price accepts."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import polars as pl
import pytest

from pricesmith import engine, revision
from pricesmith.apps.web.barred import product_said, rules_said
from pricesmith.apps.web.words import Words
from pricesmith.contracts.errors import Contradiction
from pricesmith.contracts.ledger import Act
from pricesmith.contracts.rule import Rule
from pricesmith.contracts.shop import Key
from pricesmith.engine import Decided
from pricesmith.flows.desk.own_prices.whole import barring, left_soon, offered
from pricesmith.flows.desk.reading.ledger import KEY, Reading
from pricesmith.flows.desk.what_if.answer import decided_with
from pricesmith.flows.desk.what_if.replay import again
from pricesmith.flows.desk.what_if.scenario.set_price import SetPrice
from pricesmith.flows.publishing.answers.answering import answer
from pricesmith.flows.publishing.answers.override import ForbiddenError, override
from pricesmith.flows.publishing.answers.own_price import bound, breaking, prices_of, settable
from pricesmith.flows.publishing.history.making import AGAIN
from pricesmith.flows.publishing.history.rederive import rederive
from pricesmith.flows.publishing.measured.departures import departures
from pricesmith.rules import RULES
from pricesmith.rules.apply import limit
from pricesmith.rules.together import Broken, Together
from tests.desk.place import Place, place

pytestmark = pytest.mark.real  # long

INDEX = {"kind": "index_limit", "max_move": 0.004}
ONE: list[dict[str, Any]] = [{"kind": "same_price", "by": "family"}]
CASES: dict[str, tuple[list[dict[str, Any]], set[str]]] = {
    "by revenue": ([INDEX], {"index_limit"}),
    "each product once": ([{**INDEX, "weights": "equal"}], {"index_limit"}),
    "number of changes": ([{"kind": "change_budget", "max_changes": 5}], {"change_budget"}),
    "one price a family": (ONE, {"same_price"}),
    "two of them": ([INDEX, {"kind": "change_budget", "max_changes": 12}], {"index_limit", "change_budget"}),
    "one that may give way": ([{**INDEX, "hard": False}], set()),
}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return place(tmp_path_factory.mktemp("whole") / "shop")


@pytest.fixture
def bounded(tmp_path: Path) -> Place:
    return place(tmp_path / "shop", '\n[[rule]]\nkind = "index_limit"\nmax_move = 0.004\n')


def under(reading: Reading, run: str, more: list[dict[str, Any]]) -> Decided:
    """The run decided again with more rules."""
    stored = reading.replayed(run)
    added = tuple(RULES[str(one["kind"])](**{name: value for name, value in one.items() if name != "kind"}) for one in more)
    policy = msgspec.structs.replace(stored.policy, rules=(*stored.policy.rules, *added))
    return again(reading, run, policy, stored.snapshot.items, {}).decided


def floored(decided: Decided, quantity: str, level: int) -> Decided:
    """The same run under a category floor that its prices have all but spent: what is best by itself seldom comes near one."""
    loose = RULES["category_floor"](quantity=quantity, share=0.0, level=level)  # type: ignore[call-arg]
    (added,) = bound(ruled(decided, loose)).sums
    share = float((added.total / added.today).min()) - 1e-4
    return ruled(decided, msgspec.structs.replace(loose, share=share))


def ruled(decided: Decided, rule: Rule) -> Decided:
    policy = msgspec.structs.replace(decided.shop.policy, rules=(*decided.shop.policy.rules, rule))
    bounds = replace(limit(policy.rules, decided.items, decided.shop.context), hold=decided.shop.bounds.hold)
    return replace(decided, shop=replace(decided.shop, policy=policy, bounds=bounds))


def accepted(decided: Decided, wanted: dict[int, int]) -> bool:
    try:
        revision.revise(decided, wanted)
    except Contradiction:
        return False
    return True


def judged(decided: Decided) -> tuple[set[str], int]:
    """Rules that were blamed, and prices that nothing forbids, over every other product; each verdict is that of the engine."""
    known, blamed, free = bound(decided), set(), 0
    for item in range(0, decided.items.height, 2):
        every = settable(decided, item, float(known.prices[item]), 1000)
        prices = [*every[:2], *settable(decided, item, float(known.prices[item]), 3), *every[-2:]]
        for price, broken in zip(prices, barring(decided, known, item, prices), strict=True):
            assert accepted(decided, {item: price}) == (not broken), (item, price, broken)
            blamed |= {one.rule for one in broken}
            free += not broken
    return blamed, free


@pytest.mark.parametrize("case", CASES)
def test_the_verdict_is_that_of_the_engine(desk: Place, case: str) -> None:
    more, expected = CASES[case]
    blamed, free = judged(under(desk.desk.reading, desk.run, more))
    assert blamed == expected and free


@pytest.mark.parametrize(
    ("quantity", "level"),
    [pytest.param("margin", 2, marks=pytest.mark.real), ("margin", 0), pytest.param("revenue", 1, marks=pytest.mark.real)],
)
def test_sums_that_rest_on_the_units_of_a_family_are_judged_as_the_engine_does(desk: Place, quantity: str, level: int) -> None:
    blamed, free = judged(floored(desk.desk.reading.replayed(desk.run).decided, quantity, level))
    assert blamed == {"category_floor"} and free


@pytest.mark.real
def test_many_prices_are_judged_together(desk: Place) -> None:
    stored = desk.desk.reading.replayed(desk.run).decided
    for decided in (under(desk.desk.reading, desk.run, [INDEX]), floored(stored, "revenue", 0), under(desk.desk.reading, desk.run, ONE)):
        known, told = bound(decided), set()
        every = range(decided.items.height)
        close = {share: [settable(decided, item, float(known.prices[item]) * share, 1) for item in every] for share in (0.97, 1.0, 1.03)}
        for size, share in product((2, 4, 8), close):
            for start in range(0, decided.items.height - size, size):
                wanted = {item: close[share][item][0] for item in range(start, start + size) if close[share][item]}
                broken = breaking(decided, known, np.array(list(wanted)), np.array([list(wanted.values())]))[0]
                assert accepted(decided, wanted) == (not broken)
                told.add(bool(broken))
        assert told == {True, False}


def test_a_run_with_a_price_beside_the_lattice_is_laid_out_once_for_all_prices_on_it(desk: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = under(desk.desk.reading, desk.run, [INDEX])
    item = 0
    prices = settable(plain, item, float(prices_of(plain)[item]), 4)
    beside = next(price for price in range(prices[0] + 1, prices[-1]) if not np.isin(price, plain.shop.shelf.rungs))
    decided = plain.meaning(np.array([item]), np.array([beside]))
    assert decided.shop.shelf.meant[item] == beside
    known, opened, lay_out = bound(plain), [], engine.lay_out
    monkeypatch.setattr(engine, "lay_out", lambda shop, rows: opened.append(shop.shelf.meant[item]) or lay_out(shop, rows))
    asked = np.array([*prices, beside, beside])[:, None]
    told = breaking(decided, known, np.array([item]), asked)
    assert opened == [0, beside]
    assert told == [breaking(plain, known, np.array([item]), one[None, :])[0] for one in asked]


def test_what_is_expected_today_is_known_as_the_engine_knows_it(desk: Place) -> None:
    decided = under(desk.desk.reading, desk.run, [INDEX])
    known, block = bound(decided), decided.opened()
    paid = np.maximum(decided.column, 0)
    assert known.context.units_now is not None
    np.testing.assert_array_equal(known.context.units_now, block.curves.base)
    np.testing.assert_array_equal(known.prices, block.ladder.prices[np.arange(paid.size), paid])


def test_every_price_that_is_offered_is_accepted_and_one_left_out_is_not(bounded: Place) -> None:
    reading = bounded.desk.reading
    decided = reading.replayed(bounded.run).decided
    known, keys = bound(decided), [Key(*row) for row in decided.items.select(KEY).iter_rows()]
    told = {item: offered(decided, known, item, float(known.prices[item]), 4) for item in range(len(keys))}
    barred = [(item, one) for item, (_, found) in told.items() for one in found]
    assert {(tuple(one.rules), one.whole) for _, one in barred} == {(("index_limit",), True)}

    def own(item: int, price: int) -> str:
        wanted = {keys[item]: price}
        return override(reading.book, bounded.run, wanted, by="anna", why="a test", at=reading.now(), code=reading.place.code).run

    for item, one in barred[:2]:
        assert not set(one.prices) & set(told[item][0])
        with pytest.raises(ForbiddenError, match="what forbids it: index_limit"):
            own(item, one.prices[0])
    for item in list(told)[:: max(len(told) // 6, 1)]:
        left = left_soon(reading, bounded.run, reading.now())
        assert left is not None
        free, shut = offered(left.decided, left.known, item, float(left.known.prices[item]), 4)
        if shut:
            with pytest.raises(ForbiddenError, match="what forbids it: index_limit"):
                own(item, shut[0].prices[0])
        assert not free or own(item, free[-1])


def test_what_people_turned_down_makes_room_for_a_price_of_ones_own(bounded: Place) -> None:
    reading = bounded.desk.reading
    decided = reading.replayed(bounded.run).decided
    known, keys = bound(decided), [Key(*row) for row in decided.items.select(KEY).iter_rows()]
    told = [(item, one) for item in range(len(keys)) for one in offered(decided, known, item, float(known.prices[item]), 4)[1]]
    (item, barred), *_ = told
    price, at = barred.prices[-1], reading.now()
    assert barred.fills in ("up", "down")

    def own() -> str:
        return override(reading.book, bounded.run, {keys[item]: price}, by="anna", why="flyer", at=at, code=reading.place.code).run

    with pytest.raises(ForbiddenError):
        own()
    asked = decided_with(reading, bounded.run, [SetPrice(product=" · ".join(keys[item]), price=price / 100)])
    assert asked.own[item].refused
    others = decided.decisions.filter((pl.col("action") == "change") & ~pl.all_horizontal(pl.col(KEY[0]) == keys[item][0]))
    rejected = [Key(*row) for row in others.select(KEY).iter_rows()]
    answer(reading.book, bounded.run, "reject", by="ben", at=at, policy=reading.policy, why="a test", keys=rejected)
    left = left_soon(reading, bounded.run, at)
    assert left is not None
    near, gone = offered(left.decided, left.known, item, float(price), 4)
    assert price in near and all(price not in one.prices for one in gone)
    rows = left.decided.decisions.filter(pl.col("reason") == "rejected")
    assert rows.height == len(rejected) and rows["action"].unique().to_list() == ["keep"]
    assert (rows["price"] == rows["current_price"]).all()
    said = departures(reading.book, bounded.run, at)
    again_ = decided_with(reading, bounded.run, [SetPrice(product=" · ".join(keys[item]), price=price / 100)], said)
    assert not again_.own[item].refused and again_.prices[item] == price
    made = own()
    stored = rederive(reading.book, made)
    assert stored.differing.is_empty(), "the run is derived again from the ledger alone"
    assert stored.decided.decisions.filter(pl.col("reason") == "rejected").height == len(rejected)
    answer(reading.book, bounded.run, "withdraw", by="ben", at=at + dt.timedelta(minutes=1), policy=reading.policy, keys=rejected)
    assert departures(reading.book, bounded.run, at + dt.timedelta(minutes=2)).rows() == [(*keys[item], price)]


def test_prices_of_ones_own_are_judged_beside_those_set_before(bounded: Place) -> None:
    """Each for itself keeps to the bound; all together do not. Who rejects those set before makes room for one more."""
    reading = bounded.desk.reading
    decided, at = reading.replayed(bounded.run).decided, reading.now()
    keys = [Key(*row) for row in decided.items.select(KEY).iter_rows()]

    def own(item: int, price: int, minutes: int) -> str:
        moment = at + dt.timedelta(minutes=minutes)
        return override(reading.book, bounded.run, {keys[item]: price}, by="anna", why="flyer", at=moment, code="test").run

    def freely(item: int, known: Together, shop: Decided) -> list[int]:
        prices = settable(shop, item, float(known.prices[item]), 24)
        return [price for price, broken in zip(prices, barring(shop, known, item, prices), strict=True) if not broken]

    known = bound(decided)
    away = max if known.sums[0].total[0] < 0 else min  # towards the bound that is farther off
    ends = {item: away(found) for item in range(len(keys)) if (found := freely(item, known, decided))}
    ends = {item: price for item, price in ends.items() if price != known.prices[item]}
    made: list[str] = []
    for item, price in ends.items():
        left = left_soon(reading, bounded.run, at + dt.timedelta(minutes=len(made)))
        assert left is not None
        if price not in freely(item, left.known, left.decided):
            break
        made.append(own(item, price, len(made)))
    assert made, "the first one is free"
    with pytest.raises(ForbiddenError):
        own(item, price, len(made))
    for run in made:
        answer(reading.book, run, "reject", by="ben", at=at + dt.timedelta(minutes=50), policy=reading.policy, why="a test")
    stored = rederive(reading.book, own(item, price, 60))
    assert stored.differing.is_empty() and stored.decided.decisions.filter(pl.col("reason") == "override").height == 1


def test_an_own_price_that_stands_in_another_run_is_kept_and_not_asked_about_again(bounded: Place) -> None:
    reading = bounded.desk.reading
    decided, at = reading.replayed(bounded.run).decided, reading.now()
    keys, known = [Key(*row) for row in decided.items.select(KEY).iter_rows()], bound(decided)
    chosen = {item: near[0] for item in range(len(keys)) if (near := offered(decided, known, item, float(known.prices[item]), 4)[0])}
    one, other = list(chosen)[:2]
    first = override(reading.book, bounded.run, {keys[one]: chosen[one]}, by="anna", why="x", at=at, code="test").run
    left = left_soon(reading, bounded.run, at)
    assert left is not None
    price = next(
        price for price in offered(left.decided, left.known, other, float(known.prices[other]), 8)[0] if price != known.prices[other]
    )
    second = override(reading.book, bounded.run, {keys[other]: price}, by="anna", why="y", at=at + dt.timedelta(minutes=1), code="test").run
    stored = rederive(reading.book, second)
    assert stored.differing.is_empty()
    reasons = dict(stored.recorded.filter(pl.col("reason").is_in(["override", "own_price"])).select("sku", "reason").iter_rows())
    assert reasons == {keys[one].sku: "own_price", keys[other].sku: "override"}
    assert reading.run(second).changes.height == 1 and reading.run(first).changes.height == 1
    again_ = again(reading, second, stored.policy, stored.snapshot.items, {})
    assert again_.decided.decisions.equals(stored.decided.decisions) and not again_.given_up


def test_an_own_price_stands_also_when_its_run_is_made_again_after_it(bounded: Place) -> None:
    """The proposal was rejected first and a price set in its place; the rejection counts no later for the run being made again later."""
    reading = bounded.desk.reading
    decided, at = reading.replayed(bounded.run).decided, reading.now()
    keys, known = [Key(*row) for row in decided.items.select(KEY).iter_rows()], bound(decided)
    near = {item: offered(decided, known, item, float(known.prices[item]), 4)[0] for item in range(len(keys))}
    moved = set(decided.decisions.filter(pl.col("action") == "change").select(KEY).iter_rows())
    item, price = next((item, prices[0]) for item, prices in near.items() if prices and keys[item] in moved)
    answer(reading.book, bounded.run, "reject", by="ben", at=at, policy=reading.policy, why="mine is better", keys=[keys[item]])
    override(reading.book, bounded.run, {keys[item]: price}, by="anna", why="flyer", at=at, code="test")
    act = Act(at + dt.timedelta(minutes=1), "carl", AGAIN, bounded.run)
    reading.book.append(act, {})
    assert (*keys[item], price) in departures(reading.book, bounded.run, at + dt.timedelta(minutes=2)).rows()


def test_what_is_left_of_a_run_may_be_out_of_bounds_and_no_own_price_takes_it_farther(bounded: Place) -> None:
    """Who rejects what balanced the rest leaves it beyond the bound: what brings it back may be set then, what adds to it may not."""
    reading = bounded.desk.reading
    decided = reading.replayed(bounded.run).decided
    known, moves = bound(decided), decided.decisions.with_columns(up=pl.col("price") > pl.col("current_price"))
    up = bool(known.sums[0].total[0] > 0)
    cuts = moves.filter((pl.col("action") == "change") & (pl.col("up") != up))
    assert cuts.height
    numbers = cuts.join(decided.items.select(*KEY, "item"), on=KEY)["item"].to_list()
    left = revision.suppose(decided, dict.fromkeys(numbers))
    beside, told = bound(left), set()
    (total,), (bound_,) = beside.sums[0].total, (beside.sums[0].coupling.upper if up else beside.sums[0].coupling.lower)
    assert abs(total) > abs(bound_)
    for item in range(0, decided.items.height, 3):
        prices = settable(left, item, float(beside.prices[item]), 6)
        for price, broken in zip(prices, barring(left, beside, item, prices), strict=True):
            farther = price > beside.prices[item] if up else price < beside.prices[item]
            assert bool(broken) == farther, (item, price)
            told.add(farther)
            if not broken:
                assert accepted(left, {item: price})
    assert told == {True, False}


def test_a_broken_sum_is_told_with_its_figures() -> None:
    index = Broken("index_limit", "index", "all", 0.00999, 0.0116, -0.01, 0.01)
    assert rules_said(Words("en"), [index]) == "average move (now +1.00 %, with this +1.16 %, at most +1.00 %)"
    assert rules_said(Words("zh"), [index]) == "平均变动（目前 +1.00%，采用后 +1.16%，上限 +1.00%）"
    close = Broken("index_limit", "index", "all", -0.0099, -0.010004, -0.01, 0.01)
    assert rules_said(Words("en"), [close]) == "average move (now −0.9900 %, with this −1.0004 %, at least −1.0000 %)"
    count = Broken("change_budget", "changed", "all", 200.0, 201.0, -np.inf, 200.0)
    assert rules_said(Words("en"), [count, Broken("same_price")]) == ("number of changes (now 200, with this 201, at most 200), same price")
    floor = Broken("category_floor", "margin", "dairy", 0.99, 0.97, 0.98, np.inf)
    assert rules_said(Words("en"), [floor]) == "category floor dairy (now 99.00 %, with this 97.00 %, at least 98.00 % of what it is today)"
    assert rules_said(Words("en"), [Broken("category_floor", "margin", "dairy")]) == "category floor", (
        "today's sum is nothing to measure by"
    )
    assert rules_said(Words("en"), [Broken("same_price")] * 6).endswith(", and 2 more")


def test_a_product_is_called_by_its_name_and_only_where_it_matters_by_its_place() -> None:
    words = Words("en")
    assert product_said(words, "Milk", Key("995242", "default", "default")) == "Milk (995242)"
    assert product_said(words, None, Key("995242", "web", "default")) == "995242 · web"
