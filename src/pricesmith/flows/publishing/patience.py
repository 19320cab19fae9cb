"""A shop that asks to wait is left alone by every worker: until when stands in the audit, so a restart or a second process knows it."""

from __future__ import annotations

import datetime as dt

import polars as pl

TABLE, ACT = "audit", "shop_busy"
WHERE = {"act": [ACT]}
_UNTIL = " until "


def subject(target: str, moment: dt.datetime) -> str:
    """How the act names target and moment."""
    return f"{target}{_UNTIL}{moment.isoformat()}"


def until(acts: pl.DataFrame, target: str, now: dt.datetime) -> dt.datetime | None:
    """The latest moment, still ahead, until which the shop of a target wants no call; None where it may be asked.

    acts  rows of table AUDIT whose act is ACT
    """
    asked = acts.filter(pl.col("subject").str.starts_with(target + _UNTIL))["subject"]
    moments = [dt.datetime.fromisoformat(text.rpartition(_UNTIL)[2]) for text in asked.tail(RECENT)]
    return max((moment for moment in moments if moment > now), default=None)


RECENT = 20
"""Acts looked at: workers that were busy at once."""
