"""The table of a backtest ends in a verdict that its figures bear out."""

from __future__ import annotations

from typing import Any

import pytest

from pricesmith.apps.cli.backtest import judged, table


def report(model: float, **others: float) -> dict[str, Any]:
    return {
        "folds": [{}],
        "wape": 0.5,
        "pinball": model,
        "baselines": {name: {"wape": 0.6, "pinball": loss} for name, loss in others.items()},
    }


@pytest.mark.parametrize(
    ("model", "words"),
    [(0.9, "10.0 % below that of the best other method, log log"), (1.1, "10.0 % above that of log log"), (1.01, "level")],
)
def test_the_verdict_is_against_the_best_of_the_others(model: float, words: str) -> None:
    told = judged(report(model, seasonal_naive=1.5, log_log=1.0))
    assert words in told[0]
    assert ("promo" in told[-1]) == (model == 1.1)


def test_the_table_says_how_to_read_it() -> None:
    lines = table(report(0.9, log_log=1.0) | {"baselines": {"log_log": {"pinball": 1.0}, "lightgbm": {"absent": "not installed"}}})
    assert any(line.startswith("wape: ") for line in lines)
    assert judged(report(0.9)) == []
