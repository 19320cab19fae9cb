"""Addresses of pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from pricesmith.contracts.shop import placed


def address(row: Mapping[str, Any], run: str = "") -> str:
    """Where a product is shown: its place only where that has a name of its own, the run only where it is not the newest."""
    asked = {"channel": row["channel"], "region": row["region"]} if placed(row["channel"], row["region"]) else {}
    asked = asked | ({"run": run} if run else {})
    return f"/products/{quote(row['sku'])}" + (f"?{urlencode(asked)}" if asked else "")
