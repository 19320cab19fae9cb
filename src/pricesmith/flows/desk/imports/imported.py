"""Which files of a shop folder were written by the guide, so that nobody takes their lines for those of the file that was sent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from pricesmith.flows import wiring
from pricesmith.flows.desk.reading import kept
from pricesmith.flows.desk.reading.drawer import ROOM


class Imported(msgspec.Struct, frozen=True):
    """The name of the file that was sent, and the facts (as `wiring.files_of` gives them) of the one that was written from it."""

    sent: str
    facts: dict[str, Any]


def note(folder: Path, file: str, sent: str) -> None:
    """Remember that a file of the folder was just written from the one that was sent."""
    now = {**_all(folder), file: Imported(sent, wiring.files_of(folder)[file])}
    _path(folder).parent.mkdir(exist_ok=True)
    _path(folder).write_bytes(msgspec.json.encode(now))


def imported(folder: Path, file: str) -> str:
    """The name of the file that was sent; "" where nobody sent one or where it was written anew since."""
    found = _all(folder).get(file)
    return found.sent if found is not None and wiring.files_of(folder).get(file) == found.facts else ""


def _path(folder: Path) -> Path:
    return folder / ROOM / "imported.json"


def _all(folder: Path) -> dict[str, Imported]:
    return kept.read(_path(folder), dict[str, Imported]) or {}
