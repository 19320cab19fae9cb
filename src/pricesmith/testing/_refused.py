"""What must raise."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pricesmith.contracts.errors import LedgerError


@contextmanager
def refused(promise: str, kind: type[Exception] = LedgerError) -> Iterator[None]:
    """What is done inside must raise."""
    try:
        yield
    except kind:
        return
    raise AssertionError(f"not refused: {promise}")
