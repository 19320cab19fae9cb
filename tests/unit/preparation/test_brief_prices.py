"""Current prices that were charged on the last day or two of sale alone are told of, and only those."""

from __future__ import annotations

from pathlib import Path

import pytest

from pricesmith.apps.report.words import Words
from tests.unit.preparation.test_stated import ago, shop

PRODUCTS = "sku,unit_cost\na,2\nb,2\n"


def told(tmp_path: Path, days: list[float], products: str = PRODUCTS, promo: str = "", period: str = "day", step: int = 1) -> list[str]:
    """Products that are told of, where a was sold at these prices, the last one first, and b at 9 always."""
    rows = [f"{ago(step * back)},a,2,{price},{promo if back < 2 else ''}," for back, price in enumerate(days)]
    rows += [f"{ago(step * back)},b,2,9,," for back in range(len(days))]
    warnings = shop(tmp_path / "s", products, "sales", rows, period=period).prepared.warnings
    return [sku for one in warnings if one["code"] == "price_brief" for sku in one["products"]]


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ([7.0, *[9.0] * 20], ["a"]),
        ([7.0, 7.0, *[9.0] * 20], ["a"]),
        ([7.0, 7.0, 7.0, *[9.0] * 20], []),
        ([8.3, *[9.0] * 20], []),
        ([11.0, *[9.0] * 20], []),
        ([7.0, *[9.0] * 4], []),
        ([7.0, 9.0, 5.0, 8.0, 6.5, 10.0, 9.0, 5.5, 8.0, 11.0], []),
        ([9.0] * 20, []),
    ],
)
def test_a_price_of_a_day_or_two_well_below_those_of_before(tmp_path: Path, days: list[float], expected: list[str]) -> None:
    assert told(tmp_path, days) == expected


def test_a_promotion_and_a_stated_price_are_no_such_prices(tmp_path: Path) -> None:
    assert told(tmp_path / "promo", [7.0, *[9.0] * 20], promo="1") == []
    assert told(tmp_path / "stated", [7.0, *[9.0] * 20], products="sku,unit_cost,price\na,2,7\nb,2,9\n") == []


def test_weeks_have_no_days(tmp_path: Path) -> None:
    assert told(tmp_path, [7.0, *[9.0] * 20], period="week", step=7) == []


def test_it_is_said_in_either_language(tmp_path: Path) -> None:
    rows = [f"{ago(back)},a,2,{7 if back == 0 else 9},," for back in range(20)]
    (one,) = (w for w in shop(tmp_path / "s", PRODUCTS, "sales", rows).prepared.warnings if w["code"] == "price_brief")
    assert one["message"].startswith("sales: 1 products have had their current price on their last days of sale alone (2 at most)")
    assert "仅见于最近的销售日（至多 2 天）" in Words("zh").warning(one["code"], one["message"])
