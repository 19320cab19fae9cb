"""Laws of the optimum: tighter never scores higher, order does not matter, the same input gives the same plan."""

from __future__ import annotations

import dataclasses

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from pricesmith.contracts.curves import Curves, Ladder
from pricesmith.contracts.money import EXPONENTS
from pricesmith.contracts.rule import Coupling, Ties
from pricesmith.optimization import Choice, Problem, build_ladder, choose
from tests.oracle.optimum_oracle import kept, limited, problem

SEEDS = st.integers(0, 10**9)


def reordered(made: Problem, order: np.ndarray) -> Problem:
    """The same items in another order."""
    seat = np.argsort(order)
    ladder = Ladder(made.ladder.prices[order], made.ladder.valid[order], made.ladder.current[order])
    parts = {f.name: getattr(made.curves, f.name) for f in dataclasses.fields(Curves)}
    curves = Curves(**{name: part if np.isscalar(part) else part[order] for name, part in parts.items()})
    ties = made.ties and Ties(seat[made.ties.first], seat[made.ties.second], made.ties.low, made.ties.high)
    couplings = tuple(Coupling(c.quantity, c.group[order], c.lower, c.upper, c.names) for c in made.couplings)
    rows = {name: getattr(made, name)[order] for name in ("allowed", "net", "kept", "landed", "returned")}
    return dataclasses.replace(made, ladder=ladder, curves=curves, ties=ties, couplings=couplings, **rows)


def same(one: Choice, other: Choice) -> bool:
    return bool((one.column == other.column).all()) and (one.value, one.bound, one.gap) == (other.value, other.bound, other.gap)


@given(SEEDS)
def test_a_tighter_limit_never_scores_higher(seed: int) -> None:
    draw = np.random.default_rng(seed)
    made = problem(draw, linked=bool(draw.random() < 0.5))
    made = dataclasses.replace(made, allowed=made.allowed | ~made.allowed.any(axis=1)[:, None])
    fewer = made.allowed & (draw.random(made.allowed.shape) < 0.7)
    fewer[~fewer.any(axis=1)] = made.allowed[~fewer.any(axis=1)]
    loose, tight = choose(made), choose(dataclasses.replace(made, allowed=fewer))
    near = 1e-9 * max(abs(loose.value), 1.0)
    assert tight.value <= loose.bound + near
    assert tight.value <= loose.value + near + 1e-4 * abs(loose.value)


@given(SEEDS)
def test_a_limit_never_lets_a_plan_pass_the_bound_without_it(seed: int) -> None:
    draw = np.random.default_rng(seed)
    made = limited(draw, linked=bool(draw.random() < 0.5))
    made = dataclasses.replace(made, allowed=np.ones(made.allowed.shape, dtype=bool))
    chosen = choose(made)
    assert kept(made, tuple(int(k) for k in chosen.column))
    assert chosen.value <= chosen.bound
    free = choose(dataclasses.replace(made, ties=None, couplings=()))
    assert chosen.value <= free.bound + 1e-9 * max(abs(free.bound), 1.0)


@given(SEEDS)
def test_the_order_of_items_does_not_matter(seed: int) -> None:
    draw = np.random.default_rng(seed)
    made = problem(draw)
    order = draw.permutation(made.ladder.current.size)
    one, other = choose(made), choose(reordered(made, order))
    assert (one.column[order] == other.column).all() or abs(one.value - other.value) <= 1e-12 * abs(one.value)
    assert np.isclose(one.value, other.value, rtol=1e-12)


@given(SEEDS)
def test_an_item_alone_is_the_item_in_a_block(seed: int) -> None:
    draw = np.random.default_rng(seed)
    made = problem(draw, linked=False)
    whole = choose(made).column
    for item in range(whole.size):
        assert choose(reordered(made, np.array([item]))).column[0] == whole[item]


@given(SEEDS)
def test_families_do_not_feel_other_families(seed: int) -> None:
    draw = np.random.default_rng(seed)
    made = problem(draw)
    whole = choose(made)
    for number in np.unique(made.curves.family):
        members = np.flatnonzero(made.curves.family == number)
        part = choose(reordered(made, members))
        alone = choose(dataclasses.replace(reordered(made, members)))
        assert same(part, alone)
        assert (
            (part.column == whole.column[members]).all() or number == -1 or np.isclose(part.value, _value(made, whole, members), rtol=1e-9)
        )


def _value(made: Problem, chosen: Choice, members: np.ndarray) -> float:
    """What the members bring under a plan of the whole."""
    part = reordered(made, members)
    only = np.zeros(part.allowed.shape, dtype=bool)
    only[np.arange(members.size), chosen.column[members]] = True
    return choose(dataclasses.replace(part, allowed=only)).value


@given(SEEDS)
def test_the_same_input_gives_the_same_plan(seed: int) -> None:
    made = limited(np.random.default_rng(seed), linked=True)
    assert same(choose(made), choose(limited(np.random.default_rng(seed), linked=True)))


@given(
    st.sampled_from(sorted(EXPONENTS)),
    st.lists(st.one_of(st.none(), st.integers(1, 10**9)), min_size=1, max_size=8),
    st.floats(0.3, 1.0),
    st.floats(1.0, 3.0),
    st.sampled_from([None, (0.0,), (9.0,), (88.0, 8.0)]),
)
def test_the_ladder_holds_the_current_price_and_keeps_its_reach(
    currency: str, current: list[int | None], low: float, high: float, endings: tuple[float, ...] | None
) -> None:
    own = np.array([np.nan if price is None else price for price in current], dtype=np.float64)
    ladder = build_ladder(pl.DataFrame({"current_price": pl.Series(current, dtype=pl.Int64)}), endings, currency, (low * own, high * own))
    for row, price in enumerate(current):
        candidates = ladder.prices[row][ladder.valid[row]]
        assert (np.diff(candidates) > 0).all()
        assert (np.diff(ladder.prices[row]) >= 0).all() or price is None
        if price is None:
            assert ladder.current[row] == -1
            assert not candidates.size
        else:
            assert ladder.prices[row, ladder.current[row]] == price
            assert ladder.valid[row, ladder.current[row]]
            assert ((candidates >= low * own[row]) & (candidates <= high * own[row]) | (candidates == price)).all()


@given(st.integers(1, 10**8), st.floats(0.4, 1.0), st.floats(1.0, 2.5), st.floats(0.0, 1.0), st.sampled_from([None, (0.99,), (0.95, 0.5)]))
def test_a_narrower_reach_only_takes_candidates_away(
    own: int, low: float, high: float, tighter: float, endings: tuple[float, ...] | None
) -> None:
    items = pl.DataFrame({"current_price": [own]})
    wide = build_ladder(items, endings, "EUR", (np.array([low * own]), np.array([high * own])))
    near = build_ladder(
        items, endings, "EUR", (np.array([own * (low + (1 - low) * tighter)]), np.array([own * (high - (high - 1) * tighter)]))
    )
    assert set(near.prices[near.valid].tolist()) <= set(wide.prices[wide.valid].tolist())


@given(
    st.integers(1, 10**8), st.sampled_from(["EUR", "CNY", "KWD"]), st.lists(st.sampled_from([0.0, 0.49, 0.5, 0.9, 0.95, 0.99]), min_size=1)
)
def test_usual_endings_only_filter_the_plain_ladder(own: int, currency: str, endings: list[float]) -> None:
    items = pl.DataFrame({"current_price": [own]})
    plain, ended = build_ladder(items, None, currency), build_ladder(items, endings, currency)
    assert set(ended.prices[ended.valid].tolist()) <= set(plain.prices[plain.valid].tolist())
