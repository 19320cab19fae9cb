"""One file a rule: limits before the optimum, verdicts after it."""

from __future__ import annotations

from pricesmith.contracts.registry import Registry
from pricesmith.contracts.rule import Rule

RULES: Registry[type[Rule]] = Registry("pricesmith.rules", "RULE", "rule kind")
"""Rule kinds by name; each module of this folder names its class as RULE."""
