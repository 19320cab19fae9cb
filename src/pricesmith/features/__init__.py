"""Features: what is known about a row before its day. One family a file; functions named after the columns that they make."""

from __future__ import annotations

from pricesmith.contracts.registry import Registry

from .known import Family

FEATURES: Registry[Family] = Registry("pricesmith.features", "FAMILY", "feature family")
"""Feature families by name; each module of this folder names its family as FAMILY."""
