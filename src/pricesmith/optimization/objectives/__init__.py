"""What can be maximised, one file each; every member is linear in units, so it scales with cross effects and with demand draws."""

from __future__ import annotations

from pricesmith.contracts.protocols import Objective
from pricesmith.contracts.registry import Registry

OBJECTIVES: Registry[Objective] = Registry("pricesmith.optimization.objectives", "OBJECTIVE", "objective")
"""Objectives by name."""
