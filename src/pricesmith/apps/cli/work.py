"""`pricesmith work`: go on with publications that a process left unfinished."""

from __future__ import annotations

from pathlib import Path

import click

from . import options


@click.command(name="work", short_help="Go on with publications that were cut off.", epilog="Example:  pricesmith work myshop")
@options.folder
@options.as_json
def command(folder: Path, as_json: bool) -> None:
    """Go on with every `publish --wait` of the shop in DIR that a crash or a restart cut off, to its last wave.

    Needs the extra [durable].
    """
    from pricesmith.flows import wiring
    from pricesmith.flows.publishing.office import office
    from pricesmith.flows.publishing.publication import JOB, publication

    from .output import print_json

    with wiring.durable_of(folder, office(folder).policy, {JOB: publication}) as durable:
        done = durable.resume()
    if as_json:
        print_json(done)
    else:
        lines = [f"{key}: {result['fates']}" + (f"; {result['stopped']}" if result["stopped"] else "") for key, result in done.items()]
        click.echo("\n".join(lines) or "nothing was cut off")
