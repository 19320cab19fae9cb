"""Progress of long work on standard error: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

STEPS = {
    "policy": "reading shop.toml",
    "tables": "reading and checking the data",
    "snapshot": "laying out the history",
    "demand": "learning demand",
    "prices": "choosing prices",
    "report": "writing the report",
    "ledger": "writing the run into the ledger",
}
"""Steps of the flows in words; a step that is not here speaks for itself."""

Step = Callable[[str], None]


@contextmanager
def steps(count: int) -> Iterator[Step]:
    """Work of `count` steps: `with steps(2) as step: step("tables"); ...; step("demand"); ...`."""
    if not sys.stderr.isatty():
        yield lambda name: click.echo(f"{STEPS.get(name, name)} ...", err=True)
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("starting", total=count)
        begun = iter([0.0])
        yield lambda name: bar.update(task, description=STEPS.get(name, name), advance=next(begun, 1.0))
