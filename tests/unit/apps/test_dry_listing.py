"""Which changes of a dry run the command lists first."""

from __future__ import annotations

import polars as pl

from pricesmith.apps.cli.publish import SHOWN, _first


def test_what_would_be_sent_and_moves_most_comes_first() -> None:
    rows = pl.DataFrame(
        {
            "sku": [f"s{number:02}" for number in range(30)],
            "channel": "default",
            "region": "default",
            "read": [100] * 29 + [None],
            "price": [100 + number for number in range(30)],
            "verdict": ["same", "held", "send"] * 10,
        }
    )
    found = _first(rows)
    assert found.height == SHOWN
    assert found["verdict"].to_list() == ["send"] * 10 + ["held"] * 10
    assert found["sku"].to_list()[:3] == ["s29", "s26", "s23"] and found["sku"].to_list()[10:12] == ["s28", "s25"]
