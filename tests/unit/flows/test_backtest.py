"""The backtest, its baselines and its scores."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pytest

from pricesmith.contracts.curves import Curves, Ints, Ladder
from pricesmith.contracts.errors import DataError
from pricesmith.contracts.policy import Policy
from pricesmith.contracts.snapshot import Snapshot
from pricesmith.flows import baselines, lightgbm_baseline
from pricesmith.flows.backtest import Verdict, backtest, origins, verdict
from pricesmith.flows.clustered import Clusters, Estimate
from pricesmith.flows.panel import Panel, panel, step
from pricesmith.flows.scores import Forecast, bias, poisson_slope, score

FIRST = dt.date(2021, 1, 4)
ELASTICITY = -2.0


def weekly(weeks: int = 120, items: int = 8, seed: int = 0) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Items and cells of a made shop: units Poisson around level * price ** ELASTICITY, a new price every six weeks."""
    rng = np.random.default_rng(seed)
    level = rng.uniform(20, 60, items)[:, None]
    price = np.repeat(rng.choice([0.8, 1.0, 1.25], (items, weeks // 6 + 1)), 6, axis=1)[:, :weeks]
    units = rng.poisson(level * price**ELASTICITY)
    table = pl.DataFrame({"item": np.arange(items, dtype=np.int32), "sku": [f"s{k}" for k in range(items)]}).with_columns(
        channel=pl.lit("default"), region=pl.lit("default"), category=pl.lit("c"), family=pl.lit("f")
    )
    item, week = np.divmod(np.arange(items * weeks), weeks)
    cells = pl.DataFrame(
        {
            "item": item.astype(np.int32),
            "date": [FIRST + dt.timedelta(weeks=int(w)) for w in week],
            "price": price.ravel(),
            "promo": np.zeros(items * weeks, dtype=np.int8),
            "promo_kind": pl.Series([None] * items * weeks, dtype=pl.String),
            "units": units.ravel().astype(float),
            "days": 1.0,
            "available": 1.0,
        }
    )
    return table, cells


def snapshot_at(table: pl.DataFrame, cells: pl.DataFrame, day: dt.date) -> Snapshot:
    known = cells.filter(pl.col("date") < day)
    asked = known.sort("date").group_by("item").agg(current_price=(pl.col("price").last() * 100).round().cast(pl.Int64))
    return Snapshot(day, "EUR", "week", table.join(asked, on="item", how="left", maintain_order="left"), known)


def whole(weeks: int = 120, seed: int = 0) -> Panel:
    table, cells = weekly(weeks, seed=seed)
    return panel(snapshot_at(table, cells, FIRST + dt.timedelta(weeks=weeks)))


class Constant:
    """A model that forecasts the same units for every row, and whose curves have one elasticity."""

    family = np.zeros(0, np.int64)

    def __init__(self, units: float, elasticity: float = ELASTICITY) -> None:
        self.units, self.elasticity = units, elasticity

    def demand(self, snapshot: Snapshot, horizon_days: int) -> Constant:
        return self

    def curves(self, ladder: Ladder, rows: Ints) -> Curves:
        count, one, none = rows.size, np.ones((rows.size, 1)), np.zeros(rows.size, np.int64)
        return Curves(
            units=one, draws=self.elasticity * one, level=0.0 * one, form=none, saturation=np.zeros(count), base=np.ones(count),
            cross=np.zeros(count), cross_deviation=np.zeros(count), family=none - 1, evidence=none, dispersion=0.0,
        )  # fmt: skip

    def forecast(self, snapshot: Snapshot, scenario: pl.DataFrame) -> pl.DataFrame:
        return scenario.with_columns(units=pl.lit(self.units), units_lo=pl.lit(0.0), units_hi=pl.lit(1e6))


def test_a_perfect_forecast_scores_nothing():
    actual = np.arange(1.0, 101.0)
    found = score(actual, Forecast(actual, np.repeat(actual[:, None], 3, axis=1)), np.ones(100, dtype=bool))
    assert (found["wape"], found["bias"], found["pinball"], found["coverage90"]) == (0.0, 0.0, 0.0, 1.0)
    assert found["slope"] == pytest.approx(1.0)
    assert found["slope_positive"] == pytest.approx(1.0)


def test_scores_by_hand():
    actual = np.array([10.0, 30.0])
    found = score(actual, Forecast(np.array([20.0, 20.0]), np.array([[12.0, 20.0, 25.0], [15.0, 20.0, 40.0]])), np.zeros(2, dtype=bool))
    assert found["wape"] == pytest.approx(20 / 40)
    assert found["bias"] == 0.0
    assert found["coverage90"] == 0.5
    losses = [0.95 * 2, 0.5 * 10, 0.05 * 15, 0.05 * 15, 0.5 * 10, 0.05 * 10]
    assert found["pinball"] == pytest.approx(np.mean(losses) / 20)
    assert found["slope"] is None


def test_the_slope_counts_rows_without_a_sale():
    rng = np.random.default_rng(1)
    x = rng.normal(-1.0, 1.0, 20_000)
    for slope in (0.5, 1.0):
        assert poisson_slope(x, rng.poisson(np.exp(0.2 + slope * x)).astype(float)) == pytest.approx(slope, abs=0.04)


def test_origins_leave_half_of_the_history():
    assert origins(104, 8) == [72, 80, 88, 96]
    assert origins(20, 8) == [12]
    with pytest.raises(DataError, match=r"at least 15 periods of sales, there are 12 \(give a horizon of 6 or less\)"):
        origins(12, 8)


@pytest.mark.parametrize("horizon", [1, 2, 3, 8, 28])
def test_the_least_history_that_is_named_is_the_least_that_does(horizon: int):
    """55 days do for 28 ahead, and 3 for one: what the message names, neither fewer nor more."""
    least = next(periods for periods in range(1, 200) if enough(periods, horizon))
    assert all(enough(periods, horizon) for periods in range(least, 200))
    for periods in range(1, least):
        with pytest.raises(DataError, match=f"at least {least} periods of sales, there are {periods} ") as refused:
            origins(periods, horizon)
        named = refused.value.hint.removeprefix("give a horizon of ").removesuffix(" or less")
        fitting = [shorter for shorter in range(1, horizon) if enough(periods, shorter)]
        assert (int(named) == fitting[-1]) if fitting else (named == "it takes a longer history")


def enough(periods: int, horizon: int) -> bool:
    try:
        return len(origins(periods, horizon)) > 0
    except DataError:
        return False


def closed(cells: pl.DataFrame, first: int, last: int) -> pl.DataFrame:
    """No sales from one week to before another, but for a product that is new then."""
    when = pl.col("date").is_between(FIRST + dt.timedelta(weeks=first), FIRST + dt.timedelta(weeks=last), closed="left")
    fresh = pl.col("item") == 0
    return cells.filter(~fresh | when).with_columns(units=pl.when(when & ~fresh).then(0.0).otherwise("units"))


def scored(cells: pl.DataFrame, table: pl.DataFrame, elasticity: float = ELASTICITY, **more: int) -> dict[str, object]:
    last = FIRST + dt.timedelta(weeks=119)
    learn = lambda snapshot, policy: Constant(40.0, elasticity)  # noqa: E731
    return backtest(lambda day: snapshot_at(table, cells, day), last, Policy(currency="EUR", period="week"), learn, **more)


@pytest.mark.parametrize(("elasticity", "share"), [(ELASTICITY, 1.0), (2 * ELASTICITY, 0.5)])
def test_the_curves_are_judged_by_how_sales_answered_prices_whatever_the_level(elasticity: float, share: float) -> None:
    table, cells = weekly(120, items=24)
    found = scored(cells, table, elasticity, compare=False)["followed"]
    assert found["share"] == pytest.approx(share, abs=0.06)  # type: ignore[index]
    assert found["items"] == 24  # type: ignore[index]


def test_an_origin_after_which_nothing_was_sold_is_left_out():
    table, cells = weekly(120)
    found = scored(closed(cells, 104, 112), table, compare=False)
    assert [fold["origin"] for fold in found["folds"]] == [(FIRST + dt.timedelta(weeks=week)).isoformat() for week in (88, 96, 112)]
    assert 0.0 < found["wape"] < 2.0
    assert why(found) == (4, ["nothing_sold"], None)


class Expecting(Constant):
    """Its prices expect other units than it forecasts."""

    def expect(self, snapshot: Snapshot, scenario: pl.DataFrame) -> np.ndarray:
        return np.full(scenario.height, 2 * self.units)


def test_what_a_price_list_expects_is_judged_beside_the_forecast():
    table, cells = weekly(120)
    learn = lambda snapshot, policy: Expecting(40.0)  # noqa: E731
    last, policy = FIRST + dt.timedelta(weeks=119), Policy(currency="EUR", period="week")
    found = backtest(lambda day: snapshot_at(table, cells, day), last, policy, learn, compare=False)
    assert found["expected"]["bias"] == pytest.approx(2 * (found["bias"] + 1) - 1)
    assert found["expected"]["bias_lo"] < found["expected"]["bias"] < found["expected"]["bias_hi"]
    assert scored(cells, table, compare=False)["expected"] is None


def test_intervals_of_a_bias_hold_none_in_nine_of_ten_shops():
    rng, held, shops = np.random.default_rng(5), 0, 200
    item, period = (part.ravel() for part in np.indices((30, 20)))
    for _ in range(shops):
        mean = rng.uniform(5, 50, 30)[item]
        luck = rng.normal(0, 0.3, 20)[period] + rng.normal(0, 0.3, 30)[item] - 0.09
        found = bias(rng.poisson(mean * np.exp(luck)).astype(float), mean, Clusters(item, period))
        assert found is not None
        held += found.lo <= 0.0 <= found.hi
    assert 0.82 <= held / shops <= 0.97
    assert bias(np.ones(3), np.ones(3), Clusters(np.zeros(3, int), np.arange(3))) is None


def why(found: dict[str, object]) -> tuple[int, list[str], int | None]:
    about = found["about"]
    return about["origins_asked"], about["origins_fewer"], about["horizon_for_all"]  # type: ignore[index]


def test_it_tells_why_there_are_fewer_origins_than_were_asked_for():
    table, cells = weekly(120)
    assert why(scored(cells, table, compare=False)) == (4, [], None)
    assert why(scored(cells, table, compare=False, horizon=20)) == (4, ["short_history"], 15)
    assert why(scored(cells, table, compare=False, horizon=15)) == (4, [], None)
    assert why(scored(closed(cells, 104, 112), table, compare=False, folds=9)) == (9, ["short_history", "nothing_sold"], 6)


def test_a_shop_that_sells_nothing_any_more_is_told_so():
    table, cells = weekly(120)
    with pytest.raises(DataError, match=f"before {FIRST + dt.timedelta(weeks=112)} has sold since"):
        scored(closed(cells, 112, 120), table, folds=1)


def test_months_step_over_the_year():
    assert step(dt.date(2020, 11, 1), "month", 3) == dt.date(2021, 2, 1)


def test_the_panel_keeps_prices_and_marks_what_was_not_seen():
    table, cells = weekly(30)
    gone = cells.filter(~((pl.col("item") == 2) & (pl.col("date") == FIRST + dt.timedelta(weeks=5))))
    found = panel(snapshot_at(table, gone, FIRST + dt.timedelta(weeks=30)))
    assert not found.seen[2, 5]
    assert found.price[2, 5] == found.price[2, 4]
    assert found.seen.sum() == 8 * 30 - 1


def test_a_place_that_sold_nothing_at_all_was_not_observed():
    table, cells = weekly(30)
    closed = cells.with_columns(units=pl.when(pl.col("date") == FIRST + dt.timedelta(weeks=7)).then(0.0).otherwise("units"))
    found = panel(snapshot_at(table, closed, FIRST + dt.timedelta(weeks=30)))
    assert not found.seen[:, 7].any()
    assert found.seen[:, 8].all()


FORECASTERS = [baselines.seasonal_naive, baselines.price_blind_mean, baselines.pooled_log_log, lightgbm_baseline.lightgbm]


@pytest.mark.parametrize("forecaster", FORECASTERS)
def test_no_baseline_reads_units_after_the_origin(forecaster):
    if forecaster is lightgbm_baseline.lightgbm:
        pytest.importorskip("lightgbm")
    table, cells = weekly(70)
    origin = FIRST + dt.timedelta(weeks=62)
    other = cells.with_columns(units=pl.when(pl.col("date") >= origin).then(999.0).otherwise("units"))
    end = FIRST + dt.timedelta(weeks=70)
    found = [forecaster(panel(snapshot_at(table, given, end)), 62, 8) for given in (cells, other)]
    np.testing.assert_array_equal(found[0].mean, found[1].mean)
    np.testing.assert_array_equal(found[0].quantiles, found[1].quantiles)
    assert found[0].mean.shape == (8, 8)
    assert np.all(np.diff(found[0].quantiles, axis=-1) >= 0)


def test_seasonal_naive_repeats_last_year():
    given = whole()
    assert baselines.seasonal_naive(given, 110, 8).mean[3, 2] == given.units[3, 60]


def test_the_price_blind_mean_is_that_of_four_weeks():
    given = whole()
    assert baselines.price_blind_mean(given, 110, 8).mean[3, 5] == pytest.approx(given.units[3, 106:110].mean())


def test_the_log_log_regression_follows_the_price():
    given = whole()
    found = baselines.pooled_log_log(given, 110, 8).mean
    cheap = given.price[:, 110:118] < 0.9
    dear = given.price[:, 110:118] > 1.1
    assert np.log(found[cheap].mean() / found[dear].mean()) == pytest.approx(np.log((0.8 / 1.25) ** ELASTICITY), rel=0.35)


def test_lightgbm_learns_the_price_response():
    pytest.importorskip("lightgbm")
    given = whole()
    rows = slice(110, 118)
    moved = np.ones(given.units[:, rows].size, dtype=bool)
    found = {f.__name__: f(given, 110, 8) for f in (lightgbm_baseline.lightgbm, baselines.price_blind_mean)}
    scored = {n: score(given.units[:, rows].ravel(), Forecast(f.mean.ravel(), f.quantiles.reshape(-1, 3)), moved) for n, f in found.items()}
    assert scored["lightgbm"]["wape"] < 0.8 * scored["price_blind_mean"]["wape"]
    assert 0.7 < scored["lightgbm"]["slope"] < 1.3


def test_the_report_has_the_figures_of_the_interface(monkeypatch):
    monkeypatch.setattr(lightgbm_baseline, "installed", lambda: False)
    table, cells = weekly(60)
    said: list[str] = []
    last = FIRST + dt.timedelta(weeks=59)
    policy = Policy(currency="EUR", period="week")
    days: list[dt.date] = []

    def learn(snapshot: Snapshot, _: Policy) -> Constant:
        days.append(snapshot.as_of)
        assert snapshot.cells["date"].max() < snapshot.as_of
        return Constant(40.0)

    report = backtest(lambda day: snapshot_at(table, cells, day), last, policy, learn, folds=2, tell=said.append)
    assert days == [FIRST + dt.timedelta(weeks=44), FIRST + dt.timedelta(weeks=52)]
    assert [fold["origin"] for fold in report["folds"]] == [day.isoformat() for day in days]
    actual = cells.filter(pl.col("date") >= days[0])["units"].to_numpy()
    assert report["wape"] == pytest.approx(np.abs(actual - 40.0).sum() / actual.sum())
    assert report["coverage90"] == 1.0
    assert set(report["baselines"]) == {"seasonal_naive", "price_blind_mean", "pooled_log_log", "lightgbm"}
    assert "not installed" in report["baselines"]["lightgbm"]["absent"]
    assert len(said) == 2


def method(pinball: float | None, *ends: float) -> dict[str, object]:
    """The scores of another method, and what the model gains on it."""
    named = zip(("pinball_gain", "pinball_gain_lo", "pinball_gain_hi"), ends, strict=False)
    return {"pinball": pinball, **dict(named)}


@pytest.mark.parametrize(("ends", "kind"), [((0.5, 0.4, 0.6), "better"), ((0.03, -0.01, 0.07), "level"), ((-0.5, -0.7, -0.3), "worse")])
def test_the_verdict_is_against_the_least_loss_of_the_others(ends: tuple[float, float, float], kind: str) -> None:
    others = {
        "naive": method(1.0, 0.0, 0.0, 0.0),
        "blind": method(1.2, 0.9, 0.9, 0.9),
        "also": method(1.0, *ends),
        "absent": {"absent": "why"},
    }
    assert verdict(others) == Verdict(kind, "also", Estimate(*ends))  # type: ignore[arg-type]


def test_without_an_interval_there_is_no_verdict() -> None:
    assert verdict({}) is verdict({"naive": method(None)}) is verdict({"naive": method(1.0, 0.5)}) is None
    assert verdict({"naive": method(1.0, 0.5, None, None)}) is None  # type: ignore[arg-type]


@pytest.mark.real  # long
@pytest.mark.real
def test_the_gain_and_its_interval_are_those_of_all_folds() -> None:
    table, cells = weekly(120)
    found = scored(cells, table)
    naive = found["baselines"]["price_blind_mean"]  # type: ignore[index]
    for figure in ("wape", "pinball"):
        assert naive[f"{figure}_gain"] == pytest.approx(1.0 - found[figure] / naive[figure])  # type: ignore[operator]
        assert naive[f"{figure}_gain_lo"] < naive[f"{figure}_gain"] < naive[f"{figure}_gain_hi"]
    assert naive["slope_lo"] < naive["slope"] < naive["slope_hi"] and found["slope_lo"] is None, "a forecast without spread has no slope"
