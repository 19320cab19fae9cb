"""Long work of the desk: each job is one pricesmith command in a process of its own, so that pages stay quick and the work can be left.

What a job did stands in the ledger; here is only how far it is. At most two run at once, others wait their turn.
"""

from __future__ import annotations

import datetime as dt
import secrets
import subprocess
import sys
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Condition, Thread

from pricesmith.contracts.errors import UnknownChoice, UsageError

AT_ONCE, KEPT, WAITING = 2, 50, 20


@dataclass(frozen=True, slots=True)
class Job:
    """How far a job is.

    words   the command without the program and the folder
    state   `waiting`, `running`, `done`, `failed` or `stopped`
    lines   the last lines that it said: steps, then the result or the error
    """

    name: str
    kind: str
    by: str
    begun: dt.datetime
    words: tuple[str, ...]
    state: str = "waiting"
    lines: tuple[str, ...] = ()
    ended: dt.datetime | None = None


@dataclass(slots=True)
class Jobs:
    """The jobs of one shop folder."""

    folder: Path
    clock: Callable[[], dt.datetime]
    _jobs: OrderedDict[str, Job] = field(default_factory=OrderedDict)
    _running: dict[str, subprocess.Popen[str]] = field(default_factory=dict)
    _change: Condition = field(default_factory=Condition)

    def begin(self, kind: str, words: Sequence[str], by: str) -> Job:
        """Start `pricesmith WORDS`. The same words that wait or run already are not started twice: their job is returned."""
        with self._change:
            for job in self._jobs.values():
                if job.words == tuple(words) and job.state in ("waiting", "running"):
                    return job
            if self.full:
                raise UsageError(f"{WAITING} jobs are waiting already", hint="wait for one to end, or stop one")
            job = Job(secrets.token_hex(6), kind, by, self.clock(), tuple(words))
            self._jobs[job.name] = job
            while len(self._jobs) > KEPT:
                oldest = next((name for name, one in self._jobs.items() if one.ended is not None), None)
                if oldest is None:
                    break
                del self._jobs[oldest]
        Thread(target=self._work, args=(job.name,), daemon=True).start()
        return job

    @property
    def full(self) -> bool:
        """So many wait already that no other is taken."""
        return sum(job.state == "waiting" for job in self.all()) >= WAITING

    def all(self) -> list[Job]:
        """The newest first."""
        with self._change:
            return list(reversed(self._jobs.values()))

    def under_way(self, kind: str) -> str:
        """The newest job of a kind that has not ended, "" where there is none."""
        return next((job.name for job in self.all() if job.kind == kind and job.ended is None), "")

    def one(self, name: str) -> Job:
        with self._change:
            if name not in self._jobs:
                raise UnknownChoice("job", name, list(self._jobs)[-10:])
            return self._jobs[name]

    def wait(self, name: str, seen: Job, seconds: float) -> Job:
        """The job when it is no longer as it was seen, or after that time."""
        with self._change:
            self._change.wait_for(lambda: self._jobs.get(name, seen) != seen, seconds)
            return self._jobs.get(name, seen)

    def stop(self, name: str) -> Job:
        """End a job; what it had done stands in the ledger."""
        with self._change:
            job = self.one(name)
            if job.state == "waiting":
                self._set(name, state="stopped", ended=self.clock())
            elif job.state == "running":
                self._jobs[name] = replace(job, state="stopped")
                self._running[name].terminate()
            return self._jobs[name]

    def close(self) -> None:
        """End every job of this desk; publishing goes on where it was with the next one."""
        for job in self.all():
            if job.ended is None:
                self.stop(job.name)

    def _work(self, name: str) -> None:
        with self._change:
            self._change.wait_for(lambda: len(self._running) < AT_ONCE or self._jobs[name].ended is not None)
            job = self._jobs[name]
            if job.ended is not None:
                return
            try:
                process = _started(job.words, self.folder)
            except OSError as error:
                why = f"the work could not be begun: {error.strerror}"
                self._set(name, state="failed", lines=(why,), ended=self.clock())
                return
            self._running[name] = process
            self._set(name, state="running")
        assert process.stdout is not None
        for line in process.stdout:
            with self._change:
                self._set(name, lines=(*self._jobs[name].lines, line.rstrip("\n"))[-200:])
        status = process.wait()
        with self._change:
            del self._running[name]
            stopped = self._jobs[name].state == "stopped"
            self._set(name, state="stopped" if stopped else "failed" if status else "done", ended=self.clock())

    def _set(self, name: str, **what: object) -> None:
        self._jobs[name] = replace(self._jobs[name], **what)  # type: ignore[arg-type]
        self._change.notify_all()


def _started(words: Sequence[str], folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "pricesmith", *words],
        cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8",
    )  # fmt: skip
