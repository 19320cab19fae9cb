"""Encoding: training and scoring agree, unknown is marked, names are one-hot."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from pricesmith.features.build import build
from pricesmith.features.encode import Encoder
from pricesmith.testing.fakes import made_snapshot

TRAIN = pl.DataFrame({"x": [1.0, 3.0, None, 5.0], "c": [7.0] * 4, "name": ["a", "b", "a", None]})


def test_numbers_are_standardised_and_names_one_hot() -> None:
    encoder = Encoder.fit(TRAIN)
    out = encoder.apply(TRAIN)
    assert out.columns == encoder.columns == ["x", "x=?", "c", "name=a", "name=b", "name=other"]
    assert out["x"].to_list() == pytest.approx([-2 / np.sqrt(8 / 3), 0.0, 0.0, 2 / np.sqrt(8 / 3)])
    assert out["x=?"].to_list() == [0, 0, 1, 0]
    assert out["c"].to_list() == [0.0] * 4
    assert out["name=a"].to_list() == [1, 0, 1, 0]
    assert out["name=other"].to_list() == [0, 0, 0, 0]


def test_new_names_are_other() -> None:
    out = Encoder.fit(TRAIN).apply(pl.DataFrame({"x": [3.0], "c": [8.0], "name": ["new"]}))
    assert out.row(0) == (0.0, 0.0, 1.0, 0.0, 0.0, 1.0)


def test_rare_names_share_a_column_ties_by_name() -> None:
    frame = pl.DataFrame({"name": ["d", "c", "b", "a", "a"]})
    assert Encoder.fit(frame, max_names=2).columns == ["name=a", "name=b", "name=other"]


def test_scoring_one_row_equals_training() -> None:
    snapshot = made_snapshot(products=4, days=60)
    features = build(snapshot)
    encoder = Encoder.fit(features, drop=["event"])
    whole = encoder.apply(features)
    again = Encoder.from_table(encoder.to_table())
    assert whole.null_count().sum_horizontal()[0] == 0
    assert again.apply(features[17]).equals(whole[17])
    assert not any(column.startswith("event=") for column in encoder.columns)


def test_a_column_of_unknown_values() -> None:
    frame = pl.DataFrame({"x": pl.Series([None, None], dtype=pl.Float64)})
    assert Encoder.fit(frame).apply(frame).rows() == [(0.0, 1.0), (0.0, 1.0)]
