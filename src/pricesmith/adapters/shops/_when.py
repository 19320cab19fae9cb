"""Moments on the wire."""

from __future__ import annotations

import datetime as dt


def iso(moment: dt.datetime) -> str:
    """UTC, in seconds, rounded down: a reading that starts there misses nothing."""
    return moment.astimezone(dt.UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")
