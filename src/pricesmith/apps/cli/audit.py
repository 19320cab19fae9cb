"""`pricesmith audit`: every act in the ledger, and whether the ledger is as it was written."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from . import options

if TYPE_CHECKING:
    import polars as pl

    from pricesmith.contracts.ledger import Verification

SHOWN = 30


@click.command(
    name="audit",
    short_help="Show every act; --verify checks the ledger.",
    epilog="Example:  pricesmith audit myshop --verify --checkpoints kept/checkpoints.jsonl",
)
@options.folder
@click.option("--verify", is_flag=True, help="Recompute every digest, link and signature.")
@click.option("--checkpoints", type=click.Path(path_type=Path, exists=True, dir_okay=False), metavar="FILE",
              help="Signed checkpoints kept elsewhere; those beside the ledger where left out.")  # fmt: skip
@click.option("--key", metavar="HEX", help="Public key that must have signed them; the ledger's own where left out.")
@click.option("--checkpoint", is_flag=True, help="Sign the head of the chain now, and export it.")
@click.option("--keep", is_flag=True, help="With --verify: keep what was found for the price desk, which shows it.")
@options.as_json
def command(folder: Path, verify: bool, checkpoints: Path | None, key: str | None, checkpoint: bool, keep: bool, as_json: bool) -> None:
    """List the last acts recorded in the ledger of the shop in DIR: who, what, when.

    --verify finds an edit, a deletion, another order, a cut-off end and a ledger that was written anew. For the last two it needs signed
    checkpoints that were kept where nobody could change them. Exit status 1 where anything is wrong.
    """
    from pricesmith.flows.publishing.office import office

    place = office(folder)
    if checkpoint:
        seq = place.book.checkpoint(place.now())
        click.echo(f"checkpoint at act {seq}", err=as_json)
    if not verify:
        _list(place.book.read("audit"), as_json)
        return
    found = place.book.verify(checkpoints.read_bytes() if checkpoints else None, key)
    document = {
        "acts": found.acts, "rows": found.rows, "checkpoints": found.checkpoints, "head": found.head,
        "findings": [{"seq": one.seq, "table": one.table, "code": one.code, "what": one.what} for one in found.findings],
    }  # fmt: skip
    if keep:
        from pricesmith.flows.desk.reading import keeping

        keeping.verified(folder, document)
    _tell(found, document, as_json)


def _list(acts: pl.DataFrame, as_json: bool) -> None:
    """The last acts."""
    from .output import print_json
    from .recorded import moment

    last = acts.tail(SHOWN).iter_rows(named=True)
    lines = [f"{row['seq']:>6}  {moment(row['at'])}  {row['by']}  {row['act']}  {row['subject']}" for row in last]
    print_json(acts.to_dicts()) if as_json else click.echo("\n".join(lines) or "nothing was done yet")


def _tell(found: Verification, document: dict[str, object], as_json: bool) -> None:
    """What verification saw. Raises LedgerError where anything is wrong."""
    from pricesmith.contracts.errors import LedgerError

    from .output import print_json

    if as_json:
        print_json(document)
    elif not found.findings:
        whole = f"{found.acts} acts, {found.rows} rows, {found.checkpoints} signed checkpoints: as they were written"
        click.echo(f"{whole}; head {found.head[:16]}")
    else:
        click.echo("\n".join(f"act {one.seq}  {one.table}  {one.code}: {one.what}" for one in found.findings))
    if found.findings:
        what = f"{len(found.findings)} places are not as they were written"
        raise LedgerError(what, where="ledger", hint="stop publishing, keep a copy, compare with a backup")
