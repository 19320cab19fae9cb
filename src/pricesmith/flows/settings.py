"""The settings of a shop folder, for commands that need no model: loading one takes longer than they do."""

from __future__ import annotations

from pathlib import Path

from pricesmith.contracts.policy import Policy, parse_policy
from pricesmith.rules import RULES

from .shop_toml import text_of


def read_settings(folder: Path) -> Policy:
    """shop.toml, checked as a whole but for the name of the model. Raises PolicyError with file, line and place."""
    return parse_policy(text_of(folder), RULES, where=str(folder / "shop.toml"))
