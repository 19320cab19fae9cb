"""Moments, elimination, least squares and instruments against direct linear algebra."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricesmith.demand.estimators.instrument import (
    BOUNDED,
    OUTSIDE,
    WHOLE,
    anderson_rubin,
    two_stage,
    two_stage_groups,
)
from pricesmith.demand.estimators.least_squares import least_squares, partial_out
from pricesmith.demand.estimators.moments import Moments, _short_products, block_moments, row_moments


def made(random: np.random.Generator, products: int, periods: int, strength: float = 0.5, instruments: int = 2) -> np.ndarray:
    """Columns constant, two controls, instruments, price, outcome; price moves with the error. True slope -2."""
    controls = random.standard_normal((products, periods, 3))
    controls[:, :, 0] = 1.0
    excluded = random.standard_normal((products, periods, instruments))
    error = random.standard_normal((products, periods))
    price = strength * excluded.sum(axis=2) + controls.sum(axis=2) + 0.7 * error + random.standard_normal((products, periods))
    outcome = -2.0 * price + controls @ np.array([1.0, 2.0, 3.0]) + error
    return np.concatenate([controls, excluded, price[..., None], outcome[..., None]], axis=2)


def direct(design: np.ndarray, outcome: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Coefficients, standard errors and residual sum of squares by the textbook formula."""
    coefficient = np.linalg.lstsq(design, outcome, rcond=None)[0]
    residual = outcome - design @ coefficient
    power = float(residual @ residual)
    variance = power / (len(outcome) - design.shape[1]) * np.diag(np.linalg.inv(design.T @ design))
    return coefficient, np.sqrt(variance), power


def test_block_moments_are_sums_of_products() -> None:
    block = np.random.default_rng(0).standard_normal((300, 11, 5))
    moments = block_moments(block)
    assert moments.gram == pytest.approx(np.einsum("swi,swj->sij", block, block), abs=1e-12)
    assert (moments.rows == 11.0).all()


def test_single_column_block() -> None:
    block = np.random.default_rng(0).standard_normal((4, 11, 1))
    assert block_moments(block).gram[:, 0, 0] == pytest.approx((block**2).sum(axis=(1, 2)), abs=1e-12)


@given(st.lists(st.integers(1, 60), min_size=1, max_size=40), st.booleans(), st.integers(0, 2**32 - 1))
def test_ragged_moments_equal_those_of_each_product(lengths: list[int], weighted: bool, seed: int) -> None:
    random = np.random.default_rng(seed)
    rows = random.standard_normal((sum(lengths), 4))
    weight = random.uniform(0.1, 2.0, len(rows)) if weighted else None
    starts = np.cumsum([0, *lengths[:-1]])
    moments = row_moments(rows, starts, weight)
    for number, (start, length) in enumerate(zip(starts, lengths, strict=True)):
        piece = rows[start : start + length]
        share = np.ones(length) if weight is None else weight[start : start + length]
        assert moments.gram[number] == pytest.approx((piece * share[:, None]).T @ piece, abs=1e-10)
        assert moments.rows[number] == pytest.approx(share.sum())


def test_long_ragged_panel_is_cut_into_pieces() -> None:
    random = np.random.default_rng(5)
    lengths = np.array([40_000, 3, 30_000, 1, 20_000])
    rows = random.standard_normal((lengths.sum(), 3))
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    weight = random.uniform(0.5, 2.0, len(rows))
    for share in (None, weight):
        left = rows if share is None else rows * share[:, None]
        expected = np.stack([left[a : a + n].T @ rows[a : a + n] for a, n in zip(starts, lengths, strict=True)])
        assert row_moments(rows, starts, share).gram == pytest.approx(expected, rel=1e-9, abs=1e-9)
        assert _short_products(rows, np.append(starts, len(rows)), share) == pytest.approx(expected, rel=1e-9, abs=1e-9)


@given(st.integers(1, 29), st.integers(0, 2**32 - 1))
def test_any_split_of_the_rows_gives_the_same_fit(cut: int, seed: int) -> None:
    block = made(np.random.default_rng(seed), 5, 30)
    whole, parts = block_moments(block), block_moments(block[:, :cut]) + block_moments(block[:, cut:])
    assert parts.gram == pytest.approx(whole.gram, rel=1e-12, abs=1e-12)
    assert least_squares(parts).coefficient == pytest.approx(least_squares(whole).coefficient, rel=1e-7, abs=1e-7)
    assert (whole - block_moments(block[:, :cut])).gram == pytest.approx(block_moments(block[:, cut:]).gram, abs=1e-9)


def test_moments_of_different_variables_do_not_add() -> None:
    with pytest.raises(ValueError, match="do not add"):
        block_moments(np.ones((2, 3, 4))) + block_moments(np.ones((2, 3, 5)))


def test_least_squares_equals_the_textbook() -> None:
    block = made(np.random.default_rng(1), 2500, 40)
    fits = least_squares(block_moments(block))
    for number in (0, 1, 2047, 2048, 2499):
        coefficient, error, power = direct(block[number, :, :-1], block[number, :, -1])
        assert fits.coefficient[number] == pytest.approx(coefficient, abs=1e-8)
        assert fits.standard_error[number] == pytest.approx(error, abs=1e-8)
        assert fits.residual[number] == pytest.approx(power, rel=1e-9)
        assert fits.freedom[number] == 34


def test_collinear_regressor_is_dropped() -> None:
    block = made(np.random.default_rng(2), 3, 40)
    block[1, :, 2] = 0.0  # a promotion that never ran
    block[2, :, 2] = 3.0 * block[2, :, 1] - 1.0
    fits = least_squares(block_moments(block))
    assert np.isnan(fits.coefficient[1:, 2]).all()
    assert np.isnan(fits.standard_error[1:, 2]).all()
    assert list(fits.freedom) == [34.0, 35.0, 35.0]
    keep = [0, 1, 3, 4, 5]
    for number in (1, 2):
        coefficient, error, _ = direct(block[number][:, keep], block[number, :, -1])
        assert fits.coefficient[number, keep] == pytest.approx(coefficient, abs=1e-8)
        assert fits.standard_error[number, keep] == pytest.approx(error, abs=1e-8)


def test_too_few_rows_leave_no_standard_error() -> None:
    fits = least_squares(block_moments(made(np.random.default_rng(2), 1, 6)))
    assert np.isnan(fits.standard_error).all()


def test_partialling_out_keeps_slope_and_error() -> None:
    moments = block_moments(made(np.random.default_rng(3), 50, 30))
    whole, part = least_squares(moments), least_squares(partial_out(moments, 5))
    assert part.coefficient[:, 0] == pytest.approx(whole.coefficient[:, -1], abs=1e-9)
    assert part.standard_error[:, 0] == pytest.approx(whole.standard_error[:, -1], abs=1e-9)


def test_picking_and_pooling() -> None:
    block = made(np.random.default_rng(4), 6, 20)
    moments = block_moments(block)
    assert moments.pick([5, 0]).gram == pytest.approx(block_moments(block[:, :, [5, 0]]).gram, abs=1e-10)
    pooled = moments.pooled(np.array([2, 0, 2, 2, 0, 0]), 4)
    assert pooled.gram[2] == pytest.approx(moments.gram[[0, 2, 3]].sum(axis=0), abs=1e-10)
    assert list(pooled.rows) == [60.0, 0.0, 60.0, 0.0]


def test_two_stage_equals_the_textbook() -> None:
    block = made(np.random.default_rng(5), 20, 60)
    fit = two_stage(block_moments(block), 3, 2)
    for number, rows in enumerate(block):
        design, exogenous, outcome = rows[:, [0, 1, 2, 5]], rows[:, :5], rows[:, 6]
        fitted = exogenous @ np.linalg.lstsq(exogenous, design, rcond=None)[0]
        coefficient = np.linalg.lstsq(fitted, outcome, rcond=None)[0]
        residual = outcome - design @ coefficient
        error = np.sqrt(residual @ residual / 56 * np.linalg.inv(fitted.T @ fitted)[-1, -1])
        assert fit.coefficient[number] == pytest.approx(coefficient[-1], abs=1e-8)
        assert fit.standard_error[number] == pytest.approx(error, abs=1e-8)
        left = direct(exogenous, rows[:, 5])[2]
        short = direct(rows[:, :3], rows[:, 5])[2]
        assert fit.first_stage[number] == pytest.approx((short - left) / 2 / (left / 55), rel=1e-8)
        explained = residual @ exogenous @ np.linalg.solve(exogenous.T @ exogenous, exogenous.T @ residual)
        assert fit.overidentification[number] == pytest.approx(57 * explained / (residual @ residual), rel=1e-6)


def test_endogeneity_is_the_control_function() -> None:
    block = made(np.random.default_rng(6), 10, 80)
    fit = two_stage(block_moments(block), 3, 2)
    for number, rows in enumerate(block):
        exogenous = rows[:, :5]
        first = rows[:, 5] - exogenous @ np.linalg.lstsq(exogenous, rows[:, 5], rcond=None)[0]
        coefficient, error, _ = direct(np.column_stack([rows[:, [0, 1, 2, 5]], first]), rows[:, 6])
        assert fit.endogeneity[number] == pytest.approx(coefficient[-1], abs=1e-8)
        assert fit.endogeneity_t[number] == pytest.approx(coefficient[-1] / error[-1], abs=1e-6)
        assert fit.coefficient[number] == pytest.approx(coefficient[-2], abs=1e-8)


def test_endogeneity_test_has_its_size_and_power() -> None:
    random = np.random.default_rng(7)
    fair = made(random, 2000, 80)
    fair[:, :, 6] += random.standard_normal((2000, 80)) - (fair[:, :, 6] + 2.0 * fair[:, :, 5] - fair[:, :, :3] @ [1.0, 2.0, 3.0])
    size = np.mean(two_stage(block_moments(fair), 3, 2).endogeneity_p < 0.05)
    power = np.mean(two_stage(block_moments(made(random, 2000, 80, 0.8)), 3, 2).endogeneity_p < 0.05)
    assert size == pytest.approx(0.05, abs=4 * np.sqrt(0.05 * 0.95 / 2000))
    assert power > 0.9


@pytest.mark.parametrize("strength", [0.0, 0.05, 0.5])
def test_anderson_rubin_covers_however_weak_the_instrument(strength: float) -> None:
    fit = two_stage(block_moments(made(np.random.default_rng(8), 4000, 60, strength)), 3, 2)
    found = anderson_rubin(fit.parts, 0.9)
    assert np.mean(found.covers(np.full(4000, -2.0))) == pytest.approx(0.9, abs=4 * np.sqrt(0.09 / 4000))
    if strength == 0.0:
        assert np.mean(found.kind == WHOLE) > 0.5
        assert (found.kind == OUTSIDE).any()
    if strength == 0.5:
        assert np.mean(found.kind == BOUNDED) > 0.95


def test_anderson_rubin_ends_are_where_the_test_turns() -> None:
    block = made(np.random.default_rng(9), 30, 60)
    found = anderson_rubin(two_stage(block_moments(block), 3, 2).parts, 0.9)
    point = 55 / 2 * (0.1 ** (-2 / 55) - 1)  # 90 % point of F with 2 and 55 degrees of freedom, in closed form
    for number in np.flatnonzero(found.kind == BOUNDED):
        for end in (found.low[number], found.high[number]):
            left = block[number, :, 6] - end * block[number, :, 5]
            long, short = direct(block[number, :, :5], left)[2], direct(block[number, :, :3], left)[2]
            assert (short - long) / 2 / (long / 55) == pytest.approx(point, rel=1e-6)
        assert found.covers(np.full(30, found.low[number] - 1e-6))[number] == np.False_


@pytest.mark.parametrize("products", [1, 2, 2049])
def test_moments_are_left_as_they_were(products: int) -> None:
    moments = block_moments(made(np.random.default_rng(12), products, 30))
    before = moments.gram.copy()
    first, second = two_stage(moments, 3, 2), two_stage(moments, 3, 2)
    least_squares(moments)
    assert (moments.gram == before).all()
    assert np.isfinite(first.coefficient).all()
    assert (first.coefficient == second.coefficient).all()


def test_no_variation_in_the_instrument_gives_no_estimate() -> None:
    block = made(np.random.default_rng(10), 2, 40)
    block[0, :, 3:5] = 0.0
    fit = two_stage(block_moments(block), 3, 2)
    assert np.isnan(fit.coefficient[0])
    assert np.isfinite(fit.coefficient[1])
    assert anderson_rubin(fit.parts).kind[0] == WHOLE


def test_groups_pool_products_and_cluster_by_product() -> None:
    block = made(np.random.default_rng(11), 40, 50)
    residual = partial_out(block_moments(block), 3)
    group = np.arange(40) % 3
    found = two_stage_groups(residual, group, 3)
    for number in range(3):
        rows = np.concatenate([_residuals(block[i]) for i in np.flatnonzero(group == number)])
        instruments, price, outcome = rows[:, :2], rows[:, 2], rows[:, 3]
        fitted = instruments @ np.linalg.lstsq(instruments, price, rcond=None)[0]
        slope = (fitted @ outcome) / (fitted @ price)
        score = (fitted * (outcome - slope * price)).reshape(-1, 50).sum(axis=1)
        members = len(score)
        assert found.fit.coefficient[number] == pytest.approx(slope, abs=1e-9)
        expected = np.sqrt(score @ score * members / (members - 1)) / (fitted @ fitted)
        assert found.clustered[number] == pytest.approx(expected, rel=1e-9)


def _residuals(rows: np.ndarray) -> np.ndarray:
    return rows[:, 3:] - rows[:, :3] @ np.linalg.lstsq(rows[:, :3], rows[:, 3:], rcond=None)[0]


def test_moments_know_their_rows() -> None:
    assert Moments(np.ones((1, 2, 2)), np.array([3.0])).pooled(np.array([0]), 1).rows[0] == 3.0
