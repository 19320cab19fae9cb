"""How many examples a law is tried on: all of them in the long tests, two fifths in the fast ones."""

from __future__ import annotations

from hypothesis import settings

THOROUGH, QUICK = 50, 20
"""Examples of a law that says nothing of its number, in either profile."""

LEAST = 4


def examples(count: int) -> settings:
    """Settings of a law that is tried on so many examples in the long tests."""
    return settings(max_examples=max(LEAST, count * settings().max_examples // THOROUGH))
