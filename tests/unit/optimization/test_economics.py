"""What a unit brings, on figures worked out by hand."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from pricesmith.contracts.economics import (
    break_even,
    kept_price,
    kept_share,
    margin_share,
    net_price,
    net_share,
    shares,
    unit_profit,
    unit_revenue,
)


def test_a_gross_price_with_fees_and_returns() -> None:
    assert net_price(1190, 0.19) == pytest.approx(1000.0)
    assert kept_price(1190, 0.19, 0.10, 0.02) == pytest.approx(880.0)
    kept, net = kept_share(0.19, 0.10, 0.02), net_share(0.19)
    assert unit_profit(1190, kept, 480.0, 0.25) == pytest.approx(0.75 * 400.0)
    assert unit_revenue(1190, net, 0.25) == pytest.approx(750.0)


def test_net_prices_hold_no_tax() -> None:
    assert net_price(1000, 0.0) == 1000.0
    assert kept_price([1000, 2000], 0.0, 0.1, 0.0) == pytest.approx([900.0, 1800.0])


def test_break_even_gives_the_margin_back() -> None:
    price = break_even(0.19, 0.10, 0.02, 480.0, 0.05)
    assert kept_price(price, 0.19, 0.10, 0.02) == pytest.approx(480.0 * 1.05)
    assert break_even(0.0, 0.7, 0.3, 100.0) == np.inf


def test_unknown_costs_stay_unknown() -> None:
    items = pl.DataFrame(
        {
            "tax_rate": [0.0, 0.19],
            "fee_rate": [0.1, 0.0],
            "payment_rate": [0.0, 0.0],
            "landed_cost": [None, 500.0],
            "return_rate": [0.0, 0.5],
        }
    )
    found = shares(items)
    assert np.isnan(found["landed"][0])
    assert found["landed"][1] == 500.0
    assert found["kept"] == pytest.approx([0.9, 1 / 1.19])
    assert np.isnan(unit_profit(1000, found["kept"], found["landed"], found["returned"])[0])


def test_a_margin_is_a_share_of_what_is_kept_and_unknown_where_nothing_is() -> None:
    kept, landed = [1000.0, 1000.0, 1000.0, 0.0, -5.0, np.nan, 1000.0, 1000.0], [250.0, 1500.0, 0.0, 250.0, 250.0, 250.0, np.nan, -1.0]
    known = [0.75, -0.5, 1.0]
    found = margin_share(kept, landed)
    assert found[:3].tolist() == known and np.isnan(found[3:]).all()
