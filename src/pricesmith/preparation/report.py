"""The data report: what looks wrong in tables that are formally right."""

from __future__ import annotations

from pricesmith.contracts.policy import Policy

from .prepared import Prepared, Warning_


def report(prepared: Prepared, policy: Policy) -> list[Warning_]:
    """Warnings about accepted rows, the gravest first."""
    return []
