"""`pricesmith certificate`: the signed proof of one price."""

from __future__ import annotations

from pathlib import Path

import click

from . import options


@click.command(
    name="certificate",
    short_help="Write the signed proof of one price.",
    epilog="Example:  pricesmith certificate myshop 20261126-1f0c93ab A001 --out A001.json",
)
@options.folder
@options.run
@click.argument("sku", metavar="SKU")
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE.json", help="File to write; standard output where left out."
)
def command(folder: Path, run: str, sku: str, out: Path | None) -> None:
    """Write what the price of SKU in RUN was made from as signed JSON: inputs, rule slacks, model, code, settings.

    `verify` computes it again.
    """
    import json

    from pricesmith.flows import wiring
    from pricesmith.flows.publishing.answers.approval import run_row
    from pricesmith.flows.publishing.history.certificate import certify
    from pricesmith.flows.publishing.office import office

    from .output import write_text
    from .recorded import keys_of

    place = office(folder)
    run_row(place.book, run)
    keys = keys_of(place.book, run, [sku])
    assert keys
    documents = [certify(place.book, run, key, wiring.signer_of(folder), place.now()) for key in keys]
    text = json.dumps(documents[0] if len(documents) == 1 else documents, ensure_ascii=False, indent=1, sort_keys=True)
    if out is None:
        click.echo(text)
    else:
        write_text(out, text + "\n")
        click.echo(f"certificate: {out}")
