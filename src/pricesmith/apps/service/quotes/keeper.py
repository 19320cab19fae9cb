"""The process that reads the ledger for the one that answers, so that no reading delays an answer. It ends with its standard input.

After each try it writes a line of JSON to standard output: see Pulse.
"""

from __future__ import annotations

import datetime as dt
import select
import sys
from pathlib import Path

import msgspec

from pricesmith.contracts.errors import PricesmithError
from pricesmith.flows import wiring
from pricesmith.flows.batch import read_policy
from pricesmith.flows.desk.quotes.quotes_kept import Keeper

EVERY = 1.0
"""Seconds between two readings."""


class Pulse(msgspec.Struct, frozen=True):
    """One try to read the ledger.

    at     when it began
    good   it was read
    fresh  and something new was, which is kept now
    what   why it was not
    """

    at: dt.datetime
    good: bool
    fresh: bool = False
    what: str = ""


def keeper_of(folder: Path) -> Keeper:
    """Opens nothing yet. Raises PolicyError where the shop has no settings."""
    policy = read_policy(folder)
    return Keeper(
        folder,
        wiring.store(),
        opened=lambda: wiring.ledger_of(folder, policy),
        mark=lambda: wiring.ledger_mark(folder, policy),
        now=wiring.clock,
    )


def pulse(keeper: Keeper) -> Pulse:
    """Try once."""
    at = keeper.now()
    try:
        return Pulse(at, good=True, fresh=keeper.refresh())
    except PricesmithError as error:
        return Pulse(at, good=False, what=error.line)
    except Exception as error:  # a fault here must not end what still answers
        return Pulse(at, good=False, what=f"unexpected {type(error).__name__}: {error}")


def main(folder: Path) -> None:
    keeper, encode = keeper_of(folder), msgspec.json.Encoder().encode
    while True:
        sys.stdout.buffer.write(encode(pulse(keeper)) + b"\n")
        sys.stdout.buffer.flush()
        if select.select([sys.stdin], [], [], EVERY)[0]:
            return


if __name__ == "__main__":
    main(Path(sys.argv[1]))
