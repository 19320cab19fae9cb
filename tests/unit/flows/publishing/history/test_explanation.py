"""What the ledger keeps as the reason of a price, against the rules."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from pricesmith.flows import batch, example
from pricesmith.flows.publishing.history.explanation import anchors
from pricesmith.rules.apply import fits_alone

SOFT = 'kind = "price_endings"\nhard = false\n'


def test_the_best_price_by_itself_is_one_that_every_rule_lets_through_that_did_not_give_way(tmp_path: Path) -> None:
    example.write(tmp_path / "shop")
    settings = tmp_path / "shop" / "shop.toml"
    settings.write_text(settings.read_text(encoding="utf-8").replace('kind = "price_endings"\n', SOFT, 1), encoding="utf-8")
    priced = batch.price(batch.load(tmp_path / "shop"))
    block = priced.decided.opened()
    best = anchors(priced.decided, block)
    known = np.flatnonzero(np.isfinite(best))
    prices, bounds = best[known, None].astype(np.int64), block.bounds.part(known)
    fits = fits_alone(priced.policy.rules, block.items[known], prices, bounds.low, bounds.high, block.context)[:, :, 0]
    assert known.size > 10 and (fits | block.allowed.dropped[:, known]).all()
    endings = bounds.names.index("price_endings")
    assert set(prices[fits[endings], 0] % 100) <= {99, 49} and fits[endings].sum() > 5
