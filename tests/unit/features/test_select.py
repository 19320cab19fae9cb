"""Selection: information against known values, and a reason for every feature."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from pricesmith.features.build import build
from pricesmith.features.select import mutual_information, select
from pricesmith.testing.fakes import made_snapshot


@pytest.fixture(scope="module")
def case() -> tuple[pl.DataFrame, pl.Series]:
    rng = np.random.default_rng(0)
    good, weak, noise = rng.normal(size=(3, 4000))
    frame = pl.DataFrame(
        {
            "noise": noise,
            "copy": -np.exp(good) + 0.1 * rng.normal(size=4000),
            "good": good,
            "weak": weak,
            "flat": np.ones(4000),
            "unknown": pl.Series([1.0] + [None] * 3999, dtype=pl.Float64),
            "square": rng.uniform(-1, 1, 4000),
            "name": rng.choice(["a", "b"], 4000),
        }
    )
    named = (frame["name"] == "a").cast(pl.Float64)
    return frame, 2 * frame["good"] + 0.5 * frame["weak"] + named + 3 * frame["square"] ** 2 + pl.Series(rng.normal(size=4000))


def test_every_feature_has_its_reason(case: tuple[pl.DataFrame, pl.Series]) -> None:
    frame, target = case
    chosen = select(frame, target)
    reasons = dict(chosen.report.select("feature", "reason").iter_rows())
    assert reasons == {
        "good": "kept",
        "weak": "kept",
        "square": "kept",
        "name": "kept",
        "copy": "redundant",
        "noise": "irrelevant",
        "flat": "constant",
        "unknown": "mostly_unknown",
    }
    assert chosen.kept == ("good", "weak", "square", "name")
    copy = chosen.report.row(by_predicate=pl.col("feature") == "copy", named=True)
    assert copy["like"] == "good"
    assert copy["correlation"] < -0.97


def test_what_must_stay_stays(case: tuple[pl.DataFrame, pl.Series]) -> None:
    frame, target = case
    assert {"noise", "copy", "flat"} < set(select(frame, target, keep=["noise", "copy", "flat"]).kept)
    assert dict(select(frame, target, keep=["copy"]).report.select("feature", "reason").iter_rows())["good"] == "redundant"


def test_information_of_known_tables() -> None:
    same = np.repeat([0, 1], 500)
    assert mutual_information(same, same)[0] == pytest.approx(np.log(2) - 1 / 2000)
    value, chance = mutual_information(same, np.tile([0, 1], 500))
    assert value == 0.0
    assert chance == pytest.approx(1.0)


def test_chance_is_uniform_under_independence() -> None:
    rng = np.random.default_rng(1)
    chances = [mutual_information(rng.integers(0, 6, 2000), rng.integers(0, 6, 2000))[1] for _ in range(300)]
    assert 0.01 < np.mean(np.array(chances) < 0.05) < 0.10


def test_on_a_shop() -> None:
    snapshot = made_snapshot(1, products=8, days=150)
    chosen = select(build(snapshot), snapshot.cells["units"], keep=["log_price", "promo"])
    assert {"log_price", "promo", "units_28"} & set(chosen.kept) >= {"log_price", "promo"}
    assert set(chosen.report["feature"]) == set(build(snapshot).columns)
