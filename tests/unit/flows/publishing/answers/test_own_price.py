"""What rules over several products bind, where a product of the shop has no price: it is counted apart, and nothing is divided by it."""

from __future__ import annotations

import datetime as dt
import warnings
from pathlib import Path

import numpy as np

from pricesmith import engine
from pricesmith.contracts.policy import parse_policy
from pricesmith.flows.desk.runs.sums import curves_today
from pricesmith.flows.publishing.answers.own_price import bound
from pricesmith.rules import RULES
from tests.shop_folders import taken

POLICY = parse_policy('currency = "EUR"\ntax = "net"\n[[rule]]\nkind = "index_limit"\nmax_move = 0.1\nweights = "revenue"\n', RULES)
DAYS = [dt.date(2025, 1, 1) + dt.timedelta(days=k) for k in range(60)]
SALES = "date,sku,units,price\n" + "".join(f"{day},{sku},{2 + k % 3},{5 + k // 30}\n" for k, day in enumerate(DAYS) for sku in "ab")


def test_a_product_without_a_price_divides_nothing(tmp_path: Path) -> None:
    products = "sku,unit_cost\na,1\nb,2\nnever,2\n"
    snapshot = taken(tmp_path, "2025-03-02", POLICY, products=products, sales=SALES)
    decided = engine.decide(snapshot, engine.learn(snapshot, POLICY), POLICY)
    assert snapshot.items["current_price"].to_list() == [600, 600, None]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        known, curves = bound(decided), curves_today(decided, np.arange(3))
    assert known.context.units_now is not None and known.sums
    np.testing.assert_array_equal(known.context.units_now, decided.opened().curves.base)
    assert np.isfinite(curves.units).all() and (curves.units[:2, 0] > 0).all()
    np.testing.assert_allclose(curves.units[:2, 0], curves.base[:2])
