"""`pricesmith keys`: keys with which programs ask the price desk."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import click

from . import options
from .acts import Acts, listed, seen


@click.group(
    name="keys",
    cls=Acts,
    invoke_without_command=True,
    subcommand_metavar="[make|revoke HANDLE]",
    short_help="List, make and revoke keys of programs.",
    epilog="Example:  pricesmith keys myshop make --owner anna --label till --scope quote --days 90",
)
@options.folder
@options.as_json
@click.pass_context
def command(context: click.Context, folder: Path, as_json: bool) -> None:
    """List the API keys of the shop in DIR, the newest first; `make` and `revoke` them. Every act stands in the ledger, no key does."""
    context.obj = folder
    if context.invoked_subcommand is not None:
        return
    from pricesmith.flows import wiring
    from pricesmith.flows.batch import read_policy

    from .output import print_json

    found = wiring.accounts_of(folder, read_policy(folder)).keys.all(None)
    if as_json:
        print_json(found.to_dicts())
        return
    rows = [_row(row, wiring.clock()) for row in found.iter_rows(named=True)]
    header = ["handle", "owner", "label", "scopes", "state", "last seen"]
    click.echo(listed(header, rows) if rows else "there is none yet: `pricesmith keys DIR make --owner NAME --label TEXT --scope quote`")


@command.command(name="make", short_help="Make a key; it is printed once.")
@click.option("--owner", metavar="NAME", required=True, help="Whose key it is; it never may more than this person.")
@click.option("--label", metavar="TEXT", required=True, help="What it is for.")
@click.option("--scope", "scopes", metavar="SCOPE", multiple=True, required=True,
              help="What it may: read, quote, draft, stop, approve or publish; may be given several times.")  # fmt: skip
@click.option("--days", type=click.IntRange(1, 3650), metavar="N", help="Days until it expires; never where left out.")
@options.operator
@click.pass_obj
def make(folder: Path, owner: str, label: str, scopes: tuple[str, ...], days: int | None, by: str) -> None:
    """Print a new key on standard output, this once: only its digest is kept."""
    from pricesmith.flows import wiring
    from pricesmith.flows.desk.people.acts import make_key
    from pricesmith.flows.publishing.office import office

    place = office(folder)
    accounts, at = wiring.accounts_of(folder, place.policy), place.now()
    expires = None if days is None else at + dt.timedelta(days=days)
    handle, key = make_key(accounts, place.book, owner, label, scopes, expires=expires, by=by, at=at)
    click.echo(f"made: key {handle} of {owner}; it is shown this once", err=True)
    click.echo(key)


@command.command(name="revoke", short_help="End a key at once.")
@click.argument("handle", metavar="HANDLE")
@options.operator
@click.pass_obj
def revoke(folder: Path, handle: str, by: str) -> None:
    """End a key at once; HANDLE is the part of it that the list shows. A whole key will do."""
    from pricesmith.contracts.errors import UnknownChoice
    from pricesmith.flows import wiring
    from pricesmith.flows.desk.people.acts import public_part, revoke_key
    from pricesmith.flows.publishing.office import office

    place = office(folder)
    accounts = wiring.accounts_of(folder, place.policy)
    handle = public_part(handle)
    if not revoke_key(accounts, place.book, handle, by=by, at=place.now()):
        live = [row["handle"] for row in accounts.keys.all(None).iter_rows(named=True) if not row["revoked"]]
        raise UnknownChoice("key that still works", handle, live)
    click.echo(f"revoked: {handle}")


def _row(key: dict[str, Any], now: dt.datetime) -> list[str]:
    return [key["handle"], key["owner"], key["label"], " ".join(key["scopes"]), _state(key, now), seen(key["seen_at"])]


def _state(key: dict[str, Any], now: dt.datetime) -> str:
    if key["revoked"]:
        return "revoked"
    if key["expires"] is None:
        return "no end"
    return f"{'ended' if key['expires'] <= now else 'until'} {key['expires']:%Y-%m-%d}"
