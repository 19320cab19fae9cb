"""The last gate: every guard judges every price about to leave, after every model, rule and human. One guard a file."""

from __future__ import annotations

from pricesmith.contracts.guard import Guard
from pricesmith.contracts.registry import Registry

GUARDS: Registry[Guard] = Registry("pricesmith.guards", "GUARD", "guard")
"""All guards by name. They are always asked, all of them."""
