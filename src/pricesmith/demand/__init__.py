"""Demand: cells -> model -> curves. One model a file; each names its class as MODEL."""

from __future__ import annotations

from pricesmith.contracts.protocols import DemandModel
from pricesmith.contracts.registry import Registry

MODELS: Registry[type[DemandModel]] = Registry("pricesmith.demand", "MODEL", "model")
"""Demand models by name."""
