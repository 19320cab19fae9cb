"""pricesmith: the open pricing system for e-commerce.

    import pricesmith
    shop = pricesmith.load("myshop")
    model = pricesmith.learn(shop.snapshot, shop.policy)
    result = pricesmith.decide(shop.snapshot, model, shop.policy)

Names are imported at first use, so `import pricesmith` costs next to nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pricesmith.contracts.errors import PricesmithError
    from pricesmith.contracts.policy import Policy
    from pricesmith.contracts.snapshot import Snapshot
    from pricesmith.engine import Decided, decide, learn, replay
    from pricesmith.flows.script import Elasticity, Shop, demand_curve, elasticity, load

__version__ = "0.1.0"

_HOMES = {
    "Decided": "pricesmith.engine",
    "Elasticity": "pricesmith.flows.script",
    "Policy": "pricesmith.contracts.policy",
    "PricesmithError": "pricesmith.contracts.errors",
    "Shop": "pricesmith.flows.script",
    "Snapshot": "pricesmith.contracts.snapshot",
    "decide": "pricesmith.engine",
    "demand_curve": "pricesmith.flows.script",
    "elasticity": "pricesmith.flows.script",
    "learn": "pricesmith.engine",
    "load": "pricesmith.flows.script",
    "replay": "pricesmith.engine",
}

__all__ = [
    "Decided",
    "Elasticity",
    "Policy",
    "PricesmithError",
    "Shop",
    "Snapshot",
    "__version__",
    "decide",
    "demand_curve",
    "elasticity",
    "learn",
    "load",
    "replay",
]

if not TYPE_CHECKING:  # a type checker that saw this would take every name, misspelt ones too, for Any

    def __getattr__(name: str) -> object:
        if name in _HOMES:
            return getattr(importlib.import_module(_HOMES[name]), name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
