"""`pricesmith work`: go on with publications that a process left unfinished."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from . import options

if TYPE_CHECKING:
    from pricesmith.flows.publishing.office import Office


@click.command(name="work", short_help="Go on with publications that were cut off.", epilog="Example:  pricesmith work myshop")
@options.folder
@options.as_json
def command(folder: Path, as_json: bool) -> None:
    """Go on with every `publish --wait` of the shop in DIR that a crash or a restart cut off, to its last wave.

    Needs the extra [durable]. In any case it says what still waits to leave, and the command that goes on with it.
    """
    from pricesmith.flows import wiring
    from pricesmith.flows.publishing.office import office
    from pricesmith.flows.publishing.sending.publication import JOB, publication

    from .output import print_json

    place = office(folder)
    with wiring.durable_of(folder, place.policy, {JOB: publication}) as durable:
        done = durable.resume()
    if as_json:
        print_json(done)
    else:
        lines = [f"{key}: {result['fates']}" + (f"; {result['stopped']}" if result["stopped"] else "") for key, result in done.items()]
        waits = waiting(folder, place)
        nothing = "no command that was cut off is known here" if waits else "nothing was cut off"
        click.echo("\n".join([*(lines or [nothing]), *waits]))


def waiting(folder: Path, place: Office) -> list[str]:
    """What still waits to leave, whatever left it so, and how to go on with it."""
    from pricesmith.flows import wiring
    from pricesmith.flows.publishing.sending.still import still_to

    from .recorded import moment

    lines = []
    for target in place.policy.shops:
        for one in still_to(place.book, target):
            what = "undo" if one.undo else "publish"
            again = f"pricesmith {what} {shlex.quote(str(folder))} {one.run} --to {shlex.quote(target)} --live"
            due = f"the first from {moment(one.due)}"
            lines.append(f"{one.count} prices of run {one.run} wait to leave to {target}, {due}; go on with: {again}")
    if lines and not wiring.outlives():
        lines.append("The extra [durable] is not installed: without it a `publish --wait` that was cut off is not gone on with by itself.")
    return lines
