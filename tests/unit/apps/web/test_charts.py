"""Charts: round ticks, and marks where the numbers are."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

from pricesmith.apps.report.numbers import wide
from pricesmith.apps.web.charts import axes, charts
from pricesmith.apps.web.charts.dot_range import FITS, dot_range, lines_of, shortened
from pricesmith.apps.web.charts.frontier import frontier
from pricesmith.apps.web.charts.room import Place, crosses, free, meets


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
    seen = [
        {"price": 150.0, "units": 5.5, "promo": False, "late": True},
        {"price": 160.0, "units": 2.5, "promo": False, "late": False},
        {"price": 900.0, "units": 1.0, "promo": True, "late": True},
    ]
    drawn = charts()["demand_curve"]({"line": line, "seen": seen}, {"now": 150, "new": 180}, limits, str.upper, 100.0, texts)
    assert drawn.count('class="forbidden"') == 2
    assert re.findall(r'class="limit-name( binding)?"[^>]*>([^<]+)<', drawn) == [("", "↓ MAX_CHANGE"), (" binding", "↑ MAX_CHANGE")]
    once = charts()["demand_curve"](
        {"line": line, "seen": seen}, {"now": 150, "new": 180}, [{**limits[0], "low": 10.0}, limits[1]], str.upper, 100.0, texts
    )
    assert re.findall(r'class="limit-name(?: binding)?"[^>]*>([^<]+)<', once) == ["MARGIN_FLOOR", "MAX_CHANGE"]
    assert drawn.count('class="seen"') == 1 and drawn.count('class="seen early"') == 1 and "seen promo" not in drawn
    assert drawn.index('class="seen early"') < drawn.index('class="seen"'), "what is newer is drawn above it"
    assert drawn.count('class="new"') == 1


def test_a_history_marks_promotions_and_stock_outs() -> None:
    week = {"price": 200.0, "promo_price": None, "competitor": None, "units": 2.0, "promo": 0.0, "out": 0.0}
    weeks = [
        {**week, "start": "2026-01-05"},
        {**week, "start": "2026-01-12", "promo": 1.0, "promo_price": 150.0},
        {**week, "start": "2026-01-19", "out": 0.6, "units": 0.5},
    ]
    texts = {"said": "past", "price": "p", "units": "u"}
    drawn = charts()["price_history"](weeks, 7.0, "2026-01-26", 100.0, texts)
    assert drawn.count('class="sold"') == 1 and drawn.count('class="sold promo"') == 1 and drawn.count('class="sold out"') == 1
    assert drawn.count('class="promo-zone"') == 2
    assert drawn.count('class="seen promo"') == 1


def test_a_week_that_has_begun_is_drawn_as_far_as_there_are_data() -> None:
    texts = {"said": "past", "price": "p", "units": "u"}
    week = {"price": 200.0, "promo_price": None, "competitor": None, "units": 2.0, "promo": 1.0, "out": 0.0}
    weeks = [{**week, "start": "2026-01-05"}, {**week, "start": "2026-01-12"}]
    for until, share in (("2026-01-14", 2 / 7), ("2026-01-19", 1.0)):
        drawn = str(charts()["price_history"](weeks, 7.0, until, 100.0, texts))
        for css in ("sold promo", "promo-zone"):
            whole, last = (float(one) for one in re.findall(rf'class="{css}"[^>]* width="([^"]+)"', drawn)[:2])
            assert last / whole == pytest.approx(share, abs=0.01)
        assert f">{until}<" in drawn


def test_the_band_of_a_profit_is_drawn_and_fits() -> None:
    drawn = str(charts()["profit_curve"](*DRAWN["profit_curve"]))
    path = re.findall(r'class="band" d="M([^"]+)Z"', drawn)[0]
    heights = [float(point.split()[1]) for point in path.split("L")]
    assert len(heights) == 2 * len(PROFITS) and min(heights) >= 30.0 and max(heights) <= 266.0
    assert heights[0] > heights[8] and len(set(heights[9:])) == 1, "above it rises, below it is level"


def test_a_frontier_shows_the_interval_of_each_plan_upon_todays_profit() -> None:
    today = {"revenue": 80.0, "profit": 10.0, "profit_change": None, "profit_lo": None, "profit_hi": None}
    drawn = str(frontier(PLANS, today, PLANS[0], TEXTS))
    ends = [(float(low), float(high)) for low, high in re.findall(r'class="whisker"[^>]* y1="([^"]+)" y2="([^"]+)"', drawn)]
    assert len(ends) == 3 and ends[0] == ends[2], "each plan, and the chosen one upon it"
    dots = [float(y) for y in re.findall(r'class="candidate" cx="[^"]+" cy="([^"]+)"', drawn)]
    scale = (dots[1] - dots[0]) / (PLANS[0]["profit"] - PLANS[1]["profit"])
    for plan, (low, high), y in zip(PLANS, ends, dots, strict=False):
        assert (low - y, y - high) == pytest.approx(
            ((plan["profit_change"] - plan["profit_lo"]) * scale, (plan["profit_hi"] - plan["profit_change"]) * scale), abs=0.2
        )
    assert drawn.count('class="band"') == 1


def test_names_of_a_frontier_do_not_meet() -> None:
    plans = PLANS
    texts = {"said": "s", "x": "x", "y": "y", "today": "TODAY", "chosen": "CHOSEN"}
    drawn = str(frontier(plans, {"revenue": 100.5, "profit": 49.9}, plans[0], texts))
    today, chosen = (float(re.search(rf'y="([0-9.]+)"[^>]*>{name}<', drawn)[1]) for name in ("TODAY", "CHOSEN"))  # type: ignore[index]
    assert today - chosen > 20.0


PHONE = 17.0
"""Pixels of the letters of a chart on a small screen, in those of the picture."""
LINE = [{"price": price, "units": 5.0, "lo": 4.0, "hi": 6.0} for price in (100.0, 150.0, 200.0)]
LIMITS = [{"name": "largest", "low": 120.0, "high": 180.0, "binding": True}]
RUNS = [{"run": f"2017101{day}-85636b0b", "realised_lo": -5.0, "realised_hi": 40.0, "realised": 20.0, "promised": 30.0} for day in (7, 8)]
PLANS = [
    {"revenue": 100.0, "profit": 50.0, "profit_change": 40.0, "profit_lo": 30.0, "profit_hi": 55.0},
    {"revenue": 140.0, "profit": 20.0, "profit_change": 10.0, "profit_lo": -5.0, "profit_hi": 20.0},
]
WEEKS = [
    {"start": f"2025-{month:02}-05", "price": 200.0, "promo_price": None, "competitor": None, "units": 2.0, "promo": 0.0, "out": 0.0}
    for month in range(1, 13)
]
TEXTS = dict.fromkeys(("said", "x", "y", "today", "chosen", "brought", "promised", "price", "units"), "利润（USD／天）")
PROFITS = [
    {"price": 100.0 + step, "together": 3.0 + step, "together_lo": 2.0, "together_hi": 14.0 + step, "allowed": True} for step in range(9)
]
DRAWN = {
    "demand_curve": ({"line": LINE, "seen": []}, {"now": 150, "new": 180}, LIMITS, str.upper, 100.0, TEXTS),
    "profit_curve": (PROFITS, {"now": 104, "new": 106}, [], str.upper, 100.0, TEXTS),
    "price_history": (WEEKS, 7.0, "2025-12-12", 100.0, TEXTS),
    "frontier": (PLANS, {"revenue": 90.0, "profit": 10.0}, PLANS[0], TEXTS),
    "forest": (RUNS, TEXTS),
    "index_line": ([{"date": f"2025-{month:02}-05", "index": 0.9 + month / 100} for month in range(1, 13)], TEXTS),
    "calibration_plot": ([(1.0, 2.0, True), (40.0, 30.0, False)], TEXTS),
    "dot_range": ([{"label": "食品饮料/乳制品与冷藏/巴氏杀菌鲜牛奶", "value": -2.0, "low": -3.0, "high": -1.0}], TEXTS),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(set(charts()) - {"share_bar"}))
def test_no_text_of_a_chart_is_cut_or_meets_the_one_beside_it_on_a_phone(name: str) -> None:
    drawn = str(charts()[name](*DRAWN[name]))
    width, height = (float(value) for value in re.search(r'viewBox="0 0 (\S+) (\S+)"', drawn).groups())  # type: ignore[union-attr]
    assert width <= 560.0, "a wider picture would have letters too small to read"
    spans: dict[float, list[tuple[float, float]]] = {}
    for x, y, anchor, text in re.findall(r'<text [^>]*x="([^"]+)" y="([^"]+)" text-anchor="(\w+)">([^<]*)<', drawn):
        long = 0.5 * PHONE * wide(text)
        left = float(x) - {"start": 0.0, "middle": long / 2, "end": long}[anchor]
        assert 0.8 * PHONE <= float(y) <= height - 0.2 * PHONE, text
        assert left >= 0.0 and left + long <= width + PHONE, text
        spans.setdefault(float(y), []).append((left, left + long))
    assert all(one[1] <= other[0] for line in spans.values() for one, other in pairwise(sorted(line)))


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("grocery/fluid-milk", ["grocery/fluid-milk"]),
        ("grocery/refrigerated-juices-and-drinks", ["grocery/refrigerated-", "juices-and-drinks"]),
        ("食品饮料与冷藏/巴氏杀菌鲜牛奶", ["食品饮料与冷藏/", "巴氏杀菌鲜牛奶"]),
        ("as last time (seasonal naive)", ["as last time (seasonal", "naive)"]),
        ("x" * 30, ["x" * 23, "x" * 7]),
        ("a/" + "b" * 60, ["a/" + "b" * 21, "bbbbbbb…bbbbbbbbbbbbbbb"]),
    ],
)
def test_a_long_name_takes_two_lines_before_any_of_it_is_left_out(name: str, lines: list[str]) -> None:
    assert lines_of(name) == lines and all(wide(line) <= FITS for line in lines)
    drawn = str(dot_range([{"label": name, "value": 1.0}, {"label": "b", "value": 2.0}], {"said": "s", "x": "x"}))
    assert f"<title>{name}</title>" in drawn
    heights = [float(y) for y in re.findall(r'<text class="tick" x="222.0" y="([0-9.]+)"', drawn)]
    assert len(heights) == len(lines) + 1 and all(after - before >= 0.9 * PHONE for before, after in pairwise(heights))


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("grocery/fluid-milk", "grocery/fluid-milk"),
        ("grocery/refrigerated-juices-and-drinks", "grocery…ices-and-drinks"),
        ("食品饮料与冷藏/巴氏杀菌鲜牛奶", "食品饮…/巴氏杀菌鲜牛奶"),
    ],
)
def test_a_long_name_keeps_both_ends(name: str, short: str) -> None:
    assert shortened(name) == short and wide(short) <= FITS


SHAPES = {
    "falling": [6.0 - 0.05 * step for step in range(101)],
    "rising": [1.0 + 0.05 * step for step in range(101)],
    "a hill": [6.0 - 0.0022 * (step - 50) ** 2 for step in range(101)],
    "a valley": [0.5 + 0.0022 * (step - 50) ** 2 for step in range(101)],
    "level at the top": [6.0] * 101,
    "high, then low": [6.0 if step < 40 else 0.4 for step in range(101)],
}


@pytest.mark.parametrize("name", ["demand_curve", "profit_curve"])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("words", ["largest change", "最大调价幅度"])
def test_no_curve_runs_through_the_name_of_a_limit(name: str, shape: str, words: str) -> None:
    prices, values = [100.0 + step for step in range(101)], SHAPES[shape]
    limits = [{"name": words, "low": 130.0, "high": 170.0, "binding": True}]
    line = [{"price": x, "units": y, "lo": 0.8 * y, "hi": 1.2 * y} for x, y in zip(prices, values, strict=True)]
    known = [
        {"price": x, "together": y, "together_lo": 0.8 * y, "together_hi": 1.3 * y, "allowed": True}
        for x, y in zip(prices, values, strict=True)
    ]
    drawn = str(
        charts()[name]({"line": line, "seen": []} if name == "demand_curve" else known, {"now": 150, "new": 160}, limits, str, 100.0, TEXTS)
    )
    path = re.search(r'class="curve" d="M([^"]*)"', drawn)
    assert path is not None
    curve = [(float(x), float(y)) for x, y in (point.split() for point in path[1].split("L"))]
    found = re.findall(r'class="limit-name[^"]*" x="([^"]+)" y="([^"]+)" text-anchor="(\w+)">', drawn)
    assert len(found) == 2
    names = [Place(float(x), float(y), anchor, words) for x, y, anchor in found]
    assert not any(crosses(one, curve) for one in names) and not meets(*names)


@pytest.mark.parametrize("name", ["demand_curve", "profit_curve"])
def test_names_of_several_limits_keep_clear_of_the_limit_on_the_other_side(name: str) -> None:
    limits = [{"name": one, "low": 135.0, "high": 165.0, "binding": True} for one in ("largest change", "largest change (2)")]
    line = [{"price": 100.0 + x, "units": 1.0, "lo": 0.8, "hi": 6.0} for x in range(101)]
    known = [{"price": row["price"], "together": 1.0, "together_lo": 0.8, "together_hi": 6.0, "allowed": True} for row in line]
    first = {"line": line, "seen": []} if name == "demand_curve" else known
    drawn = str(charts()[name](first, {"now": 150, "new": 165}, limits, str, 100.0, TEXTS))
    walls = [float(x) for x in re.findall(r'class="limit" x1="([^"]+)"', drawn)]
    found = re.findall(r'class="limit-name[^"]*" x="([^"]+)" y="([^"]+)" text-anchor="(\w+)">([^<]+)<', drawn)
    assert [text for *_, text in found] == ["↓ largest change +1", "↑ largest change +1"]
    for (x, y, anchor, text), other in zip(found, reversed(walls), strict=True):
        left, right = Place(float(x), float(y), anchor, text).sides
        assert not left < other < right


def test_months_of_an_index_are_whole_and_days_where_it_is_short() -> None:
    rows = [{"date": f"2026-{month:02}-01", "index": 1.0 + month / 100} for month in range(1, 13)]
    assert ">2026-01<" in str(charts()["index_line"](rows, {"y": "y", "said": "s"}))
    assert ">2026-01-01<" in str(charts()["index_line"](rows[:3], {"y": "y", "said": "s"}))


def test_a_label_takes_the_first_place_that_is_free_else_the_best() -> None:
    places = [Place(10.0, 20.0, "start", "ab"), Place(10.0, 60.0, "start", "ab")]
    assert free(places, []) == places[0]
    assert free(places, [[(0.0, 16.0), (50.0, 16.0)]]) == places[1]
    assert free(places, [], [places[0]]) == places[1]
    assert free(places, [[(12.0, 0.0), (12.0, 70.0)], [(0.0, 16.0), (50.0, 16.0)]]) == places[1], "the upright line crosses both"
    assert free(places, [[(100.0, 16.0), (150.0, 16.0)]]) == places[0], "it ends before the line begins"


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(2.43, 5.47, (2.0, 6.0)), (0.0, 66.1, (0.0, 80.0)), (5.7, 12.2, (4.0, 14.0)), (0.0, 234.0, (0.0, 250.0)), (3.0, 3.0, (3.0, 3.0))],
)
def test_an_axis_ends_at_round_values(low: float, high: float, expected: tuple[float, float]) -> None:
    assert axes.snapped(low, high) == pytest.approx(expected)
    assert expected[0] <= low and high <= expected[1]


@pytest.mark.parametrize("most", [4, 5, 6])
@pytest.mark.parametrize(
    ("low", "high"), [(-4.31, -0.1), (3.92, 5.47), (8.3, 12.9), (0.0, 0.07), (5.0, 15.0), (-1250.0, 90.0), (99.2, 104.1)]
)
def test_the_marks_of_an_axis_are_round_and_evenly_spaced_from_end_to_end(low: float, high: float, most: int) -> None:
    scale = axes.Scale(*axes.snapped(low, high, most), 0.0, 100.0)
    values = [value for value, _ in axes.ended(scale, most=most)]
    assert (values[0], values[-1]) == (scale.low, scale.high) and scale.low <= low and high <= scale.high
    steps = [after - before for before, after in pairwise(values)]
    assert 1 <= len(steps) <= most and steps == pytest.approx([steps[0]] * len(steps))
    assert f"{steps[0]:.3e}"[:5] in ("1.000", "2.000", "5.000")
    assert [value / steps[0] for value in values] == pytest.approx([round(value / steps[0]) for value in values])


def test_texts_that_would_meet_are_left_out_evenly() -> None:
    assert axes.evenly([(0, 9), (10, 19), (20, 29)]) == [0, 1, 2]
    assert axes.evenly([(0, 12), (10, 22), (20, 32), (30, 42), (40, 52)]) == [0, 2, 4]
    assert axes.evenly([(0, 12), (10, 22), (20, 32), (30, 42)]) == [0, 3]
    assert (axes.evenly([]), axes.evenly([(0, 1)])) == ([], [0])


@pytest.mark.parametrize("name", ["demand_curve", "profit_curve", "frontier", "index_line"])
def test_the_lines_of_a_picture_are_evenly_spaced(name: str) -> None:
    drawn = str(charts()[name](*DRAWN[name]))
    heights = [float(y) for y in re.findall(r'class="grid" x1="[^"]+" x2="[^"]+" y1="([^"]+)"', drawn)]
    apart = [round(before - after) for before, after in pairwise(heights) if before > after]
    assert len(apart) >= 2 and max(apart) - min(apart) <= 1


@pytest.mark.parametrize("edges", [(143.0, 157.0), (125.0, 175.0), (110.0, 190.0), (101.0, 199.0)])
@pytest.mark.parametrize("name", ["demand_curve", "profit_curve"])
def test_two_limits_of_one_name_are_written_apart(name: str, edges: tuple[float, float]) -> None:
    """Bold letters are wider than others, and two names that touch in one line read as one."""
    limits = [{"name": "largest change", "low": edges[0], "high": edges[1], "binding": True}]
    line = [{"price": 100.0 + x, "units": 6.0 - 0.0022 * (x - 50) ** 2, "lo": 0.1, "hi": 7.0} for x in range(101)]
    profits = {"units": "together", "lo": "together_lo", "hi": "together_hi"}
    known = [{"price": row["price"], **{to: row[name] for name, to in profits.items()}, "allowed": True} for row in line]
    first = {"line": line, "seen": []} if name == "demand_curve" else known
    drawn = str(charts()[name](first, {"now": 150, "new": edges[1]}, limits, str, 100.0, TEXTS))
    (x, y, anchor), (to_x, to_y, to_anchor) = re.findall(r'class="limit-name[^"]*" x="([^"]+)" y="([^"]+)" text-anchor="(\w+)">', drawn)
    one, other = Place(float(x), float(y), anchor, "largest change"), Place(float(to_x), float(to_y), to_anchor, "largest change")
    gap = max(one.sides[0] - other.sides[1], other.sides[0] - one.sides[1])
    assert abs(one.y - other.y) >= PHONE or gap >= axes.GAP
    assert one.sides[1] - one.sides[0] >= 0.57 * PHONE * len("largest change")


@pytest.mark.parametrize("name", sorted(set(charts()) - {"share_bar"}))
def test_every_axis_says_its_lowest_and_highest_value(name: str) -> None:
    drawn = str(charts()[name](*DRAWN[name]))
    lines = re.findall(r'<line class="axis" x1="([^"]+)" x2="([^"]+)" y1="([^"]+)" y2="([^"]+)"/>', drawn)
    start, end = (float(value) for value in max(lines, key=lambda one: float(one[1]) - float(one[0]))[:2])
    ticks = {float(x) for x, to, *_ in lines if x == to}
    assert {start, end} <= ticks
    if name not in ("dot_range", "forest", "price_history"):
        below = [float(y) for y in re.findall(r'<line class="grid" x1="[^"]+" x2="[^"]+" y1="([^"]+)"', drawn)]
        assert max(below) == max(float(y) for *_, y, _ in lines)
