"""pricesmith: the open pricing system for e-commerce.

    import pricesmith
    model = pricesmith.learn(snapshot, policy)
    result = pricesmith.decide(snapshot, model, policy)

Names are imported at first use, so `import pricesmith` costs next to nothing.
"""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

_HOMES = {
    "Policy": "pricesmith.contracts.policy",
    "PricesmithError": "pricesmith.contracts.errors",
    "Snapshot": "pricesmith.contracts.snapshot",
    "decide": "pricesmith.engine",
    "learn": "pricesmith.engine",
    "replay": "pricesmith.engine",
}

__all__ = ["Policy", "PricesmithError", "Snapshot", "__version__", "decide", "learn", "replay"]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
