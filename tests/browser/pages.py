"""Addresses of every page on a desk, for whoever must see them all."""

from __future__ import annotations

import re

from pricesmith.apps.service.routes import every
from tests.desk.place import Place


def addresses(desk: Place) -> dict[str, str]:
    """Name of each page -> an address that shows it."""
    sku = desk.desk.reading.run(desk.run).decided["sku"][0]
    known = {"run": desk.run, "sku": sku, "name": "web"}
    pages = [route for route in every() if route.template]
    return {route.name: re.sub(r"\{(\w+)\}", lambda part: known[part[1]], route.path) for route in pages}
