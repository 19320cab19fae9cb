"""What is done to many prices at once is confirmed by a tick beside the words that say how many."""

from __future__ import annotations

from pricesmith.contracts.errors import UsageError


def confirmed(sure: bool) -> None:
    """Raises UsageError where the box was not ticked."""
    if not sure:
        raise UsageError("this was not confirmed", hint="tick the box that says what will happen")
