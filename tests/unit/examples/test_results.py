"""The results page is written from measured figures."""

from __future__ import annotations

from examples.results import write

SCORES = {"wape": 0.5, "bias": 0.1, "pinball": 0.2, "coverage90": 0.9, "slope": 1.0}
GAIN = {"wape_gain": 1 / 6, "wape_gain_lo": 0.1, "wape_gain_hi": 0.234}


def figures(**baselines: dict[str, object]) -> dict[str, object]:
    report = {**SCORES, "folds": [{}, {}], "about": {"period": "week", "horizon": 8}, "rows": 70, "moved": 13, "baselines": baselines}
    elasticities = {"median": -2.0, "p10": -3.0, "p90": -1.0, "by_sku": {"oj01": -2.5}, "evidence": {"pooled": 7}}
    prices = {"actions": {"change": 5, "hold": 2}, "raised": 3, "lowered": 2, "median_move": 0.1, "profit_share": 0.05}
    return {
        "title": "Orange juice",
        "cost_assumed": True,
        "items": 7,
        "rows": 700,
        "backtest": report,
        "without_trees": {**SCORES, "wape": 0.55, "coverage90": 0.88},
        "elasticities": elasticities,
        "prices": prices,
    }


def test_the_best_baseline_is_named_in_the_summary():
    page = write({"oj": figures(seasonal_naive={**SCORES, "wape": 0.9}, lightgbm={**SCORES, "wape": 0.6, "pinball": 0.3, **GAIN})})
    row = next(line for line in page.splitlines() if line.startswith("| Orange juice |"))
    assert "0.500 | 0.600 LightGBM | +16.7 (+10.0 to +23.4) | 0.200 | 0.200 seasonal naive | – |" in row


def test_an_absent_baseline_says_so_and_assumed_costs_are_labelled():
    page = write({"oj": figures(seasonal_naive=SCORES, lightgbm={"absent": "the package lightgbm is not installed"})})
    assert "not installed" in page
    assert "Costs are assumed" in page
    assert "| Tropicana Premium 64 oz | -2.50 |" in page


def test_what_is_forecast_without_lightgbm_stands_beside():
    page = write({"oj": figures(seasonal_naive=SCORES)})
    summary, row = (
        next(line for line in page.splitlines() if line.startswith(start)) for start in ("| Orange juice |", "| pricesmith without")
    )
    assert summary.endswith("| 0.550 | 0.200 | 0.880 |")
    assert row == "| pricesmith without LightGBM | 0.550 | 0.100 | 0.200 | 0.880 | 1.000 |"


def test_the_ranges_beside_prices_stand_after_the_coverage_of_forecasts():
    told = figures(seasonal_naive=SCORES)
    told["backtest"]["ranges"] = {"coverage90": 0.871, "rows": 14, "days": 28}  # type: ignore[index]
    row = next(line for line in write({"oj": told}).splitlines() if line.startswith("| Orange juice |"))
    assert "| 0.900 | 0.871 | 1.000 |" in row
    bare = next(line for line in write({"oj": figures(seasonal_naive=SCORES)}).splitlines() if line.startswith("| Orange juice |"))
    assert "| 0.900 |  | 1.000 |" in bare


def test_a_slope_stands_with_its_interval():
    page = write({"oj": figures(seasonal_naive={**SCORES, "slope_lo": 0.91, "slope_hi": 1.09})})
    assert "| seasonal naive | 0.500 | 0.100 | 0.200 | 0.900 | 1.000 (0.91 to 1.09) |" in page
