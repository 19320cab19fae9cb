"""`pricesmith pull`: fill the shop folder's tables from a shop."""

from __future__ import annotations

from pathlib import Path

import click

from . import options


@click.command(name="pull", short_help="Fill the shop folder from a shop.", epilog="Example:  pricesmith pull myshop --from main")
@options.folder
@click.option("--from", "name", metavar="NAME", required=True, help="Shop of the section [shop.NAME].")
@click.option("--table", "tables", multiple=True, metavar="TABLE", help="Only this table; may be given several times.")
@options.as_json
def command(folder: Path, name: str, tables: tuple[str, ...], as_json: bool) -> None:
    """Read products, orders, stock and costs from a shop, as far as it has them, into data/<table>/NAME.csv.

    Pulling twice changes nothing. A shop that asks to wait is waited for, at most five minutes at a time.
    """
    from pricesmith.flows.publishing.office import desk, office
    from pricesmith.flows.publishing.shops.pull import pull

    from .output import print_json
    from .progress import steps

    at = desk(office(folder), name)
    with steps(len(tables) or 10) as step:
        rows = pull(folder, at, tables or None, step)
    if as_json:
        print_json(rows)
    else:
        click.echo("\n".join(f"{table}: {count} rows" for table, count in rows.items()) or "the shop has none of these tables")
