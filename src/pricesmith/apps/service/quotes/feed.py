"""Brings new prices into the table that answers: starts the keeper, hears it, and loads what it kept, all beside the answering."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from pricesmith.contracts.protocols import Store
from pricesmith.contracts.publishing import GuardPolicy
from pricesmith.flows.desk.quotes.quotes_kept import load

from .answer import Answers
from .keeper import Pulse
from .table import grow, table_of

AGAIN = 2.0
"""Seconds after which a keeper that ended is started again."""
_PULSE = msgspec.json.Decoder(Pulse)


@dataclass(slots=True)
class Feed:
    """say: writes a line for the operator, when the ledger is lost and when it is back."""

    folder: Path
    store: Store
    guards: GuardPolicy
    answers: Answers
    say: Callable[[str], None]
    _lost: bool = False

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self._one_keeper()
            await asyncio.sleep(AGAIN)

    async def take(self) -> bool:
        """Load what is kept, and answer from it; whether there was anything."""
        kept = await asyncio.to_thread(load, self.store, self.folder)
        if kept is None:
            return False
        table, fresh = await asyncio.to_thread(table_of, kept, self.guards, self.answers.table)
        for _ in grow(table.places, fresh):
            await asyncio.sleep(0)
        self.answers.table = table
        return True

    async def hear(self, pulse: Pulse) -> None:
        if not pulse.good:
            if not self._lost:
                self.say(f"the ledger cannot be read, prices are answered as last known: {pulse.what}")
            self._lost = True
            return
        if (pulse.fresh or self.answers.table is None) and not await self.take():
            return
        if self._lost:
            self.say("the ledger is read again")
        self._lost = False
        self.answers.heard, self.answers.read_at = self.answers.steady(), pulse.at

    async def _one_keeper(self) -> None:
        pipe = asyncio.subprocess.PIPE
        words = (sys.executable, "-m", "pricesmith.apps.service.quotes.keeper", str(self.folder))
        child = await asyncio.create_subprocess_exec(*words, stdin=pipe, stdout=pipe, env=dict(os.environ))
        assert child.stdout is not None and child.stdin is not None
        try:
            while line := await child.stdout.readline():
                await self.hear(_PULSE.decode(line))
        except msgspec.MsgspecError:
            self.say("the keeper of prices said what cannot be understood; it is started again")
        finally:
            child.stdin.close()
            if child.returncode is None:
                child.terminate()
                await child.wait()
