"""Jobs of a test's desk run at once and in this process: the real commands, without the seconds that a fresh interpreter takes."""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from pricesmith.apps.cli import main
from pricesmith.apps.service.ask import Desk
from pricesmith.apps.service.jobs import Job, Jobs
from pricesmith.apps.service.serving import LOOPBACK
from pricesmith.flows import example
from pricesmith.flows.desk.reading.ledger import Reading
from pricesmith.flows.publishing.office import office
from pricesmith.testing.fake_accounts import fake_accounts
from tests.learned import learned_once

from . import came
from .place import Place


class Here(Jobs):
    """Each job is over when it has begun."""

    def begin(self, kind: str, words, by: str) -> Job:  # type: ignore[no-untyped-def]
        name = f"job{len(self._jobs)}"
        said, home = io.StringIO(), Path.cwd()
        os.chdir(self.folder)
        try:
            with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said), contextlib.suppress(SystemExit), learned_once():
                main.main(list(words))
        finally:
            os.chdir(home)
        job = Job(name, kind, by, self.clock(), tuple(words))
        self._jobs[name] = replace(job, state="done", lines=tuple(said.getvalue().splitlines()), ended=self.clock())
        return self._jobs[name]


def at_once(found: Place) -> Place:
    """The same place, whose jobs run at once."""
    desk = found.desk
    return Place(Desk(desk.reading, desk.accounts, Here(found.folder, desk.jobs.clock), desk.secret, desk.hosts), found.folder, found.run)


def priced_early(folder: Path, settings: Callable[[str], str]) -> Place:
    """The example shop priced two months before its last sale, whose jobs run at once. settings: text of shop.toml -> as it is to be"""
    example.write(folder)
    path = folder / "shop.toml"
    path.write_text(settings(path.read_text(encoding="utf-8")), encoding="utf-8")
    run, found = came.priced(folder), office(folder)
    return Place(Desk(Reading(found), fake_accounts(lambda _seconds: None), Here(folder, found.now), b"0" * 32, LOOPBACK), folder, run)
