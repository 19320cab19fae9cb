"""The made demand curves: stated elasticities are the numerical ones, families act as documented."""

from __future__ import annotations

import numpy as np
import pytest

from pricesmith.simulation.response import CONSTANT, CROSS, LOGIT, SCALED, SEGMENTS, SEMILOG, SHARES, Response

SLOT = np.array([[0, 1, 2], [3, 4, -1], [5, -1, -1]])


def make(form: int, kind: int, strength: float) -> Response:
    rng = np.random.default_rng(form * 10 + kind)
    member = SLOT >= 0
    weight = np.where(member, rng.uniform(0.5, 2.0, SLOT.shape), 0.0)
    return Response(
        slot=SLOT,
        slope=np.where(member, rng.uniform(-3.5, -1.5, SLOT.shape), 0.0),
        form=np.where(member, form, 0),
        shape=np.where(member, rng.uniform(0.2, 0.5, SLOT.shape), 0.0),
        kind=np.full(3, kind),
        strength=np.full(SLOT.shape, strength),
        weight=weight / weight.sum(1, keepdims=True),
    )


@pytest.mark.parametrize("form", [CONSTANT, SEMILOG, LOGIT, SEGMENTS])
@pytest.mark.parametrize(("kind", "strength"), [(SCALED, 0.3), (CROSS, 0.8), (CROSS, -0.4), (SHARES, 0.6)])
def test_stated_elasticity_is_the_numerical_one(form: int, kind: int, strength: float) -> None:
    response = make(form, kind, strength)
    x = np.random.default_rng(1).normal(0.0, 0.15, 6)
    stated = response.gather(response.elasticity(response.spread(x)))
    for product in range(6):
        step = np.where(np.arange(6) == product, 1e-5, 0.0)
        up, down = (response.gather(response.log_ratio(response.spread(x + sign * step)))[product] for sign in (1.0, -1.0))
        assert (up - down) / 2e-5 == pytest.approx(stated[product], abs=1e-7)


@pytest.mark.parametrize("form", [CONSTANT, SEMILOG, LOGIT, SEGMENTS])
def test_units_fall_with_the_own_price(form: int) -> None:
    response = make(form, SCALED, 0.3)
    x = np.linspace(-0.5, 0.5, 41)[:, None, None] * np.ones(SLOT.shape)
    assert (np.diff(response.own(x), axis=0)[:, response.member] < 0).all()


@pytest.mark.parametrize("kind", [SCALED, CROSS, SHARES])
def test_no_price_moved_changes_nothing(kind: int) -> None:
    response = make(CONSTANT, kind, 0.5)
    assert np.abs(response.log_ratio(np.zeros(SLOT.shape))[response.member]).max() < 1e-12


@pytest.mark.parametrize(("kind", "strength", "sign"), [(SCALED, 0.3, 1), (CROSS, 0.8, 1), (CROSS, -0.4, -1), (SHARES, 0.6, 1)])
def test_a_dearer_sibling_helps_a_substitute_and_hurts_a_complement(kind: int, strength: float, sign: int) -> None:
    response = make(CONSTANT, kind, strength)
    x = np.array([0.1, 0.0, 0.0, 0.0, 0.0, 0.0])
    moved = response.gather(response.log_ratio(response.spread(x)))
    assert (sign * moved[[1, 2]] > 0).all()
    assert np.abs(moved[3:]).max() < 1e-12


def test_shares_keep_a_fixed_family_volume_at_strength_zero() -> None:
    response = make(CONSTANT, SHARES, 0.0)
    x = response.spread(np.random.default_rng(2).normal(0.0, 0.2, 6))
    volume = (response.weight * np.exp(response.log_ratio(x))).sum(1)
    assert volume == pytest.approx(np.ones(3), abs=1e-12)


def test_laying_out_by_family_and_back_changes_nothing() -> None:
    response = make(CONSTANT, SCALED, 0.3)
    values = np.random.default_rng(3).normal(size=(4, 6))
    assert (response.gather(response.spread(values)) == values).all()
