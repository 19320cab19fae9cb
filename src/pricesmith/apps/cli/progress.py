"""Progress of long work on standard error: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

import click

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID


class Step(Protocol):
    """Called at the start of each step with its name."""

    def __call__(self, name: str) -> None: ...


@contextmanager
def steps(count: int) -> Iterator[Step]:
    """Work of `count` named steps: `with steps(2) as step: step("reading"); ...; step("learning"); ...`."""
    if not sys.stderr.isatty():
        yield lambda name: click.echo(f"{name} ...", err=True)
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        yield _Ticker(bar, bar.add_task("starting", total=count))


class _Ticker:
    """Moves the bar on by one at each step but the first."""

    def __init__(self, bar: Bar, task: TaskID) -> None:
        self.bar, self.task, self.started = bar, task, False

    def __call__(self, name: str) -> None:
        self.bar.update(self.task, description=name, advance=1 if self.started else 0)
        self.started = True
