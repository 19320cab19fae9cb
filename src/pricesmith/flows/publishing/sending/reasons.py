"""Why prices did not come into a shop: the commonest reasons with how many prices each is about, from what receipts say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from .waves import ARRIVED

TELLING = (*ARRIVED, "superseded", "called_off", "undone", "replaced", "changed")
"""Fates that say all by themselves."""
SHOWN = 5


class Reason(msgspec.Struct, frozen=True):
    """Prices that met the same. fate: of a receipt, or `waiting` where it is tried again;  code: of a receipt, its guard before a colon.

    detail  the shop's own words about the first of them, "" where there are none
    """

    fate: str
    code: str
    detail: str
    count: int


def reasons(rows: Iterable[Mapping[str, Any]]) -> list[Reason]:
    """The most frequent first. rows: `fate`, `code` (empty where there is no reason), `detail` and perhaps `guard` and `count`."""
    found: dict[tuple[str, str], Reason] = {}
    for row in rows:
        code = ":".join(part for part in (row.get("guard") or "", row["code"] or "") if part)
        if row["fate"] in TELLING or not code:
            continue
        detail = "" if row["fate"] == "held" else str(row["detail"] or "")
        one = found.get((row["fate"], code), Reason(row["fate"], code, detail, 0))
        found[row["fate"], code] = msgspec.structs.replace(one, detail=one.detail or detail, count=one.count + row.get("count", 1))
    return sorted(found.values(), key=lambda one: (-one.count, one.fate, one.code))


def merged(*parts: Iterable[Reason]) -> list[Reason]:
    """Those of several leases together."""
    return reasons(msgspec.structs.asdict(one) for part in parts for one in part)
