"""Whether sales answered price moves as foretold: the estimate, beside statsmodels, and what it does not depend on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pricesmith.contracts.policy import ModelPolicy, Policy
from pricesmith.demand.response import ResponseModel
from pricesmith.engine import learn
from pricesmith.flows.followed import Moves, fixed_poisson, followed, moves
from pricesmith.flows.panel import panel
from pricesmith.testing.fakes import made_snapshot

ITEMS, PERIODS = 40, 16


def fold(share: float, seed: int = 0, *, items: int = ITEMS, noise: float = 0.0, level: float = 30.0, luck: float = 0.0) -> Moves:
    """Half of the periods lie before the origin; from then on two items of three ask another price, and sales answer a share of foretold.

    noise  how far levels after the origin lie from anything known before, by item in common; luck: the same by row
    """
    rng = np.random.default_rng(seed)
    item, period = np.repeat(np.arange(items), PERIODS), np.tile(np.arange(PERIODS), items)
    after = period >= PERIODS // 2
    step = np.where(rng.random(items) < 0.67, rng.normal(0, 0.15, items), 0.0)[item] * after * (rng.random(item.size) < 0.7)
    foretold = rng.uniform(-4.0, -1.5, items)[item] * step
    season = rng.normal(0, 0.3, (4, PERIODS))[item % 4, period]
    own = rng.normal(0, 1.5, items)[item] + noise * rng.normal(0, 1, items)[item] + luck * rng.normal(0, 1, item.size)
    units = rng.poisson(level * np.exp(own + season + share * foretold)).astype(float)
    return Moves(item, period, item % 4, units, foretold, np.zeros(item.size, np.int64), after & (np.abs(step) > 0.05))


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0, 1.5])
def test_the_share_is_found_whatever_the_levels(share: float) -> None:
    found = followed([fold(share, seed, noise=1.0) for seed in (1, 2)])
    assert found is not None
    assert found.share.value == pytest.approx(share, abs=0.06)
    assert found.share.hi - found.share.lo < 0.15
    assert found.items <= ITEMS and found.rows > 150


@pytest.mark.real
def test_it_is_the_estimate_of_statsmodels_with_a_dummy_for_every_item_and_period() -> None:
    import statsmodels.api as sm

    rows = fold(0.7, 3, items=12)
    promo = (np.arange(rows.units.size) % 5 == 0).astype(float)
    group = rows.kind * PERIODS + rows.period
    dummies = [
        (rows.item[:, None] == np.arange(12)).astype(float),
        (group[:, None] == [one for one in np.unique(group) if one % PERIODS]).astype(float),
    ]
    design = np.column_stack([rows.foretold, promo, *dummies])
    told = sm.GLM(rows.units, design, family=sm.families.Poisson()).fit(tol=1e-12, maxiter=200)
    found = fixed_poisson(rows.units, np.column_stack([rows.foretold, promo]), (rows.item, group))
    assert found is not None
    assert found[0] == pytest.approx(told.params[0], abs=1e-6)
    weight = np.exp(design @ told.params)
    score = np.linalg.pinv((design * weight[:, None]).T @ design) @ (design * (rows.units - weight)[:, None]).T
    np.testing.assert_allclose(found[1], score[0], atol=1e-6)


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    held = 0
    for seed in range(60):
        found = followed([fold(0.8, 100 + seed, items=30, luck=0.4, level=8.0)])
        assert found is not None
        held += found.share.lo <= 0.8 <= found.share.hi
    assert 45 <= held <= 60


def test_what_kinds_of_promotions_sell_is_no_answer_to_a_price() -> None:
    rng = np.random.default_rng(0)
    plain = [fold(0.8, seed, items=120) for seed in (1, 2)]
    shares = []
    for apart in (True, False):
        folds = []
        for rows in plain:
            kind = np.where(rows.moved, np.where(rows.foretold > 0.0, 2, 1), 0) * (rng.random(rows.units.size) < 0.6)
            units = rng.poisson(rows.units * np.array([1.0, 1.2, 3.0])[kind]).astype(float)
            folds.append(replace(rows, units=units, promo=kind if apart else np.minimum(kind, 1)))
        found = followed(folds)
        assert found is not None
        shares.append(found.share.value)
    assert shares[0] == pytest.approx(0.8, abs=0.15) and shares[1] > 1.2
    few = [replace(rows, promo=np.where(np.arange(rows.units.size) < 9, 2, 0)) for rows in plain]
    assert followed(few) is not None, "a kind with few rows counts as one of the others"


def test_too_few_moves_say_nothing() -> None:
    rows = fold(1.0)
    still = Moves(rows.item, rows.period, rows.kind, rows.units, 0.0 * rows.foretold, rows.promo, np.zeros(rows.units.size, dtype=bool))
    assert followed([still]) is None
    assert fixed_poisson(rows.units, 0.0 * rows.foretold[:, None], (rows.item,)) is None
    assert fixed_poisson(0.0 * rows.units, rows.foretold[:, None], (rows.item,)) is None


def test_rows_of_a_fold_tell_what_the_curves_foretell() -> None:
    snapshot = made_snapshot(3, products=12, days=200)
    whole = panel(snapshot)
    model = learn(snapshot, Policy(currency="EUR", model=ModelPolicy(draws=16)))
    assert isinstance(model, ResponseModel)
    rows = moves(model, snapshot, whole, 150, 28, 0.05)
    own = dict(zip(snapshot.items["item"], snapshot.items["current_price"] / 100.0, strict=True))
    ratio = np.array([whole.price[item, period] / own[item] for item, period in zip(rows.item, rows.period, strict=True)])
    assert set(rows.period) <= set(range(122, 178)) and (np.abs(ratio[rows.period < 150] - 1.0) <= 0.01).all()
    assert (rows.promo[rows.period < 150] == 0).all() and (rows.moved == ((rows.period >= 150) & (np.abs(ratio - 1.0) > 0.05))).all()
    apart = np.abs(ratio - 1.0) > 1e-9
    assert (np.sign(rows.foretold[apart]) == -np.sign(ratio[apart] - 1.0)).all() and (rows.foretold[~apart] == 0).all()
