"""The table of a backtest ends in a verdict that its figures bear out."""

from __future__ import annotations

from typing import Any

import pytest

from pricesmith.apps.cli.backtest import judged, table

ABOUT = {"period": "week", "origins_asked": 1, "origins_fewer": [], "horizon_for_all": None}


def report(gain: tuple[float, float, float] = (0.1, 0.05, 0.15), **more: float) -> dict[str, Any]:
    """Two other methods, of which the one named last forecasts best; what the model gains on it."""
    named = dict(zip(("pinball_gain", "pinball_gain_lo", "pinball_gain_hi"), gain, strict=True))
    others = {"seasonal_naive": {"wape": 0.6, "pinball": 1.5, **named}, "log_log": {"wape": 0.6, "pinball": 1.0, **named}}
    return {"folds": [{}], "rows": 312, "wape": 0.5, "pinball": 1.0 - gain[0], "baselines": others, "about": ABOUT, **more}


@pytest.mark.parametrize(
    ("gain", "words"),
    [
        ((0.1, 0.05, 0.15), "10.0 % (90 % interval: 5.0 % to 15.0 %) below that of the best other method, log log."),
        ((-0.1, -0.15, -0.05), "10.0 % (90 % interval: 5.0 % to 15.0 %) above that of the best other method, log log: do not trust"),
        ((-0.006, -0.011, -0.001), "0.6 % (90 % interval: 0.1 % to 1.1 %) above that of the best other method, log log: that is small."),
        (
            (0.01, -0.02, 0.04),
            "1.0 % (90 % interval: from 2.0 % above to 4.0 % below) below that of the best other method, log log, which may be chance",
        ),
    ],
)
def test_the_verdict_is_against_the_best_of_the_others(gain: tuple[float, float, float], words: str) -> None:
    told = judged(report(gain))
    assert words in told[0]
    assert any("promo" in line for line in told) == (gain[2] < 0)


@pytest.mark.parametrize(("ends", "words"), [((0.8, 0.95), "less than foretold"), ((0.9, 1.1), "as foretold"), ((1.1, 1.3), "more than")])
def test_it_says_whether_sales_answered_prices(ends: tuple[float, float], words: str) -> None:
    told = judged({**report(), "followed": {"share": 1.0, "share_lo": ends[0], "share_hi": ends[1], "rows": 40, "items": 9}})
    assert words in told[-1] and f"(90 % interval: {ends[0]:.2f} to {ends[1]:.2f}; 1 is right; 9 products)" in told[-1]


def test_an_answer_of_which_nothing_is_known_is_not_called_as_foretold() -> None:
    told = judged({**report(), "followed": {"share": 0.9, "share_lo": -0.02, "share_hi": 1.82, "rows": 40, "items": 9}})
    assert "too little is known" in told[-1] and "(90 % interval: -0.02 to 1.82," in told[-1]


def test_middle_forecasts_that_err_more_are_told_though_the_loss_may_be_chance() -> None:
    found = report((0.01, -0.02, 0.04))
    found["baselines"]["log_log"] |= {"wape_gain": -0.14, "wape_gain_lo": -0.26, "wape_gain_hi": -0.02}
    found["baselines"]["seasonal_naive"] |= {"wape_gain": -0.1, "wape_gain_lo": -0.26, "wape_gain_hi": 0.02}
    assert judged(found)[1] == "Its middle forecasts err more (wape, with 90 % interval) than those of log log (14.0 %, 2.0 % to 26.0 %)."
    assert "chance" in judged(found)[0] and len(judged(found)) == 2


@pytest.mark.parametrize(
    ("bias", "words"),
    [
        ((0.3, 0.2, 0.4), "expected 30.0 % more than was sold, in all (90 % interval of the difference: +20.0 % to +40.0 %)."),
        ((-0.3, -0.4, -0.2), "expected 30.0 % less than was sold, in all (90 % interval of the difference: −40.0 % to −20.0 %)."),
        ((-0.1, -0.4, 0.2), "expected 10.0 % less than was sold, in all (90 % interval of the difference: −40.0 % to +20.0 %)."),
    ],
)
def test_what_a_price_list_would_have_expected_is_told(bias: tuple[float, float, float], words: str) -> None:
    told = judged({**report(), "expected": dict(zip(("bias", "bias_lo", "bias_hi"), bias, strict=True))})
    assert words in told[-1]


def test_it_says_where_that_could_not_be_told() -> None:
    assert "could not be tested" in judged({**report(), "followed": None})[-1]


def test_the_table_says_how_to_read_it() -> None:
    lines = table(
        report(slope=1.0, slope_lo=0.9, slope_hi=1.1) | {"baselines": {"log_log": {"pinball": 1.0}, "lightgbm": {"absent": "why"}}}
    )
    assert any(line.startswith("wape: ") for line in lines)
    assert lines[2].split() == ["rows", "wape", "pinball", "slope"]
    assert judged(report() | {"baselines": {}}) == []


@pytest.mark.parametrize(("period", "words"), [("day", "days"), ("week", "weeks"), ("month", "months")])
def test_it_says_of_what_the_forecasts_are(period: str, words: str) -> None:
    lines = table(report() | {"about": ABOUT | {"period": period}})
    assert lines[0] == f"312 forecasts of {words} that were not seen, from 1 starting point"
    assert table(report() | {"folds": [{}, {}]})[0].endswith(" from 2 starting points")
    assert any(line.startswith(f"coverage90: share of {words} inside") for line in lines)


@pytest.mark.parametrize(
    ("reasons", "words"),
    [(["short_history"], "half of the history"), (["nothing_sold"], "nothing was sold"), (["short_history", "nothing_sold"], "; after")],
)
def test_it_says_why_there_are_fewer_forecasts_than_were_asked_for(reasons: list[str], words: str) -> None:
    lines = table(report() | {"about": ABOUT | {"origins_asked": 4, "origins_fewer": reasons}})
    assert lines[1].startswith("of 4 that were asked for: ") and words in lines[1] and "--horizon" not in lines[1]
    roomy = table(report() | {"about": ABOUT | {"origins_asked": 4, "origins_fewer": reasons, "horizon_for_all": 2}})
    assert roomy[1] == f"{lines[1]}; --horizon 2 makes room for all"
    assert table(report())[1] == ""


@pytest.mark.parametrize(("wape", "told"), [(0.99, False), (1.0, True), (1.32, True)])
def test_it_says_where_forecasts_are_worse_than_none(wape: float, told: bool) -> None:
    assert any(f"(wape {wape:.2f})" in line and "forecasts of 0 would have had 1" in line for line in judged(report(wape=wape))) is told
