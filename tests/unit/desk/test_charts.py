"""Charts: round ticks, and marks where the numbers are."""

from __future__ import annotations

import re

import pytest

from pricesmith.apps.web.charts import axes, charts
from pricesmith.apps.web.charts.frontier import frontier


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(0.0, 1.0, [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]), (3.6, 5.4, [4.0, 4.5, 5.0]), (-3.0, 7.0, [-2.0, 0.0, 2.0, 4.0, 6.0]), (2.0, 2.0, [2.0])],
)
def test_ticks_are_round(low: float, high: float, expected: list[float]) -> None:
    assert axes.ticks(low, high) == pytest.approx(expected)


@pytest.mark.parametrize("power", range(-6, 9))
def test_ticks_are_few_and_inside(power: int) -> None:
    for share in (1.0, 1.7, 2.3, 4.9, 9.9):
        low, high = -share * 10.0**power / 3, share * 10.0**power
        found = axes.ticks(low, high)
        assert 2 <= len(found) <= 7
        assert all(low - 1e-12 <= value <= high + 1e-12 for value in found)


def test_a_scale_is_linear() -> None:
    one = axes.frame((10.0, 20.0), (0.0, 5.0))
    assert one.x(10.0) == 54.0 and one.x(20.0) == 508.0
    assert one.y(0.0) == one.bottom and one.y(5.0) == one.top


def test_text_in_a_chart_is_escaped() -> None:
    one = axes.frame((0.0, 1.0), (0.0, 1.0))
    text = axes.svg(one, '<script>"', [axes.label(0, 0, "<b>"), axes.dot(one, 0.5, 0.5, "now", 3.0, "</svg>")])
    assert "<script>" not in text and "<b>" not in text and text.count("</svg>") == 1


def test_forbidden_prices_are_shaded_and_named() -> None:
    line = [{"price": price, "units": 5.0, "lo": 4.0, "hi": 6.0} for price in (100.0, 150.0, 200.0)]
    limits = [
        {"name": "max_change", "low": 120.0, "high": 180.0, "binding": True},
        {"name": "margin_floor", "low": 110.0, "high": None, "binding": False},
    ]
    texts = {"said": "demand", "x": "price", "y": "units"}
    seen = [{"price": 150.0, "units": 5.5, "promo": False}, {"price": 900.0, "units": 1.0, "promo": True}]
    drawn = charts()["demand_curve"]({"line": line, "seen": seen}, {"now": 150, "new": 180}, limits, str.upper, 100.0, texts)
    assert drawn.count('class="forbidden"') == 2
    assert re.findall(r'class="limit-name( binding)?"[^>]*>([A-Z_]+)<', drawn) == [("", "MAX_CHANGE"), (" binding", "MAX_CHANGE")]
    assert drawn.count('class="seen"') == 1 and "seen promo" not in drawn
    assert drawn.count('class="new"') == 1


def test_a_history_marks_promotions_and_stock_outs() -> None:
    week = {"price": 200.0, "promo_price": None, "competitor": None, "units": 2.0, "promo": 0.0, "out": 0.0}
    weeks = [
        {**week, "start": "2026-01-05"},
        {**week, "start": "2026-01-12", "promo": 1.0, "promo_price": 150.0},
        {**week, "start": "2026-01-19", "out": 0.6, "units": 0.5},
    ]
    drawn = charts()["price_history"](weeks, 7.0, 100.0, {"said": "past", "price": "p", "units": "u"})
    assert drawn.count('class="sold"') == 1 and drawn.count('class="sold promo"') == 1 and drawn.count('class="sold out"') == 1
    assert drawn.count('class="promo-zone"') == 2
    assert drawn.count('class="seen promo"') == 1


def test_names_of_a_frontier_do_not_meet() -> None:
    plans = [{"revenue": 100.0, "profit": 50.0}, {"revenue": 140.0, "profit": 20.0}]
    texts = {"said": "s", "x": "x", "y": "y", "today": "TODAY", "chosen": "CHOSEN"}
    drawn = str(frontier(plans, {"revenue": 100.5, "profit": 49.9}, plans[0], texts))
    today, chosen = (float(re.search(rf'y="([0-9.]+)"[^>]*>{name}<', drawn)[1]) for name in ("TODAY", "CHOSEN"))  # type: ignore[index]
    assert today - chosen > 20.0
