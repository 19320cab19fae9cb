"""What may be asked of the desk's What if: one file a kind of change, to the settings, to the world, or to a price."""

from __future__ import annotations

from pricesmith.contracts.registry import Registry

from ._change import Change

__all__ = ["SCENARIOS", "Change"]

SCENARIOS: Registry[type[Change]] = Registry("pricesmith.flows.desk.what_if.scenario", "SCENARIO", "scenario")
"""Kinds of change by name; each module of this folder names its class as SCENARIO."""
