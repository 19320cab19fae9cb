"""Shops: where prices go and data come from. One vendor a file or folder; all calls leave through `_caller.py`."""

from __future__ import annotations

from pricesmith.contracts.registry import Registry
from pricesmith.contracts.shop import Platform

SHOPS: Registry[Platform] = Registry("pricesmith.adapters.shops", "SHOP", "platform")
"""All platforms by name; `[shop.NAME] platform` chooses one."""
