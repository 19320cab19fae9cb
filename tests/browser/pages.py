"""Addresses of every page on a desk, for whoever must see them all."""

from __future__ import annotations

import re
from urllib.parse import quote

from pricesmith.apps.service.routes import every
from pricesmith.flows.desk.reading.ledger import Reading


def addresses(reading: Reading) -> dict[str, str]:
    """Name of each page -> an address that shows it: the newest run, its best change, the shop `web`, a shop that is being connected."""
    run = reading.latest()
    assert run is not None
    best = reading.run(run).decided.sort("profit_change", descending=True, nulls_last=True)["sku"][0]
    known = {"run": run, "sku": quote(str(best), safe=""), "name": "web"}
    pages = [route for route in every() if route.template]
    found = {route.name: re.sub(r"\{(\w+)(?::path)?\}", lambda part: known[part[1]], route.path) for route in pages}
    return found | {"shops.again": "/shops/try?platform=csv_feed", "shops.try": "/shops/try?platform=vendure"}
