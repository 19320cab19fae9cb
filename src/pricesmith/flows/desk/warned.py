"""What is to be known of a run's prices before many of them are accepted at once: the same as Today and the page of the run say."""

from __future__ import annotations

import msgspec

from pricesmith.preparation.list_share import doubted

from .caution import Borrowed, borrowed
from .in_force import Behind, behind
from .reading import Reading, Run
from .said_against import Covered, covered


class Warned(msgspec.Struct, frozen=True):
    """behind    whether a newer run or other rules overtook it
    covered   what the last test of its model says against it
    doubted   products whose price here is likely that of small orders alone; see `preparation.list_share`
    borrowed  of its changes those that rest mostly on similar products;  changes: all of them
    """

    behind: Behind
    covered: Covered | None
    doubted: int
    borrowed: Borrowed
    changes: int


def warned(reading: Reading, run: Run) -> Warned:
    rests = borrowed(run.changes, run.policy.rules)
    return Warned(behind(reading, run.name), covered(reading, run), doubted(run.decided).height, rests, run.changes.height)
