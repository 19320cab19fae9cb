"""`pricesmith people`: who may use the price desk."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from . import options
from .acts import Acts, listed, seen

ROLE = "viewer, analyst, approver or admin: see docs/accounts.md."


@click.group(
    name="people",
    cls=Acts,
    invoke_without_command=True,
    subcommand_metavar="[add|change NAME]",
    short_help="List, add and change who may use the desk.",
    epilog="Example:  pricesmith people myshop add anna --role approver",
)
@options.folder
@options.as_json
@click.pass_context
def command(context: click.Context, folder: Path, as_json: bool) -> None:
    """List who may use the price desk of the shop in DIR; `add` and `change` them. Every act stands in the ledger, no password does.

    A password is asked for twice, or read from the environment variable PRICESMITH_PASSWORD; never from an option.
    """
    context.obj = folder
    if context.invoked_subcommand is not None:
        return
    from pricesmith.flows import wiring
    from pricesmith.flows.batch import read_policy

    from .output import print_json
    from .recorded import moment

    found = wiring.accounts_of(folder, read_policy(folder)).people.all()
    if as_json:
        print_json(found.to_dicts())
        return
    rows = [
        [row["name"], row["role"], "active" if row["active"] else "inactive", moment(row["made_at"]), seen(row["seen_at"])]
        for row in found.iter_rows(named=True)
    ]
    header = ["name", "role", "state", "added", "last seen"]
    click.echo(listed(header, rows) if rows else "nobody yet: `pricesmith people DIR add NAME --role admin`")


@command.command(name="add", short_help="Add a person.")
@click.argument("name", metavar="NAME")
@click.option("--role", metavar="ROLE", required=True, help=ROLE)
@options.operator
@click.pass_obj
def add(folder: Path, name: str, role: str, by: str) -> None:
    """Add a person with a password of 12 characters or more."""
    from pricesmith.flows import wiring
    from pricesmith.flows.desk.people.acts import add_person, role_of
    from pricesmith.flows.publishing.office import office

    place = office(folder)
    accounts = wiring.accounts_of(folder, place.policy)
    role_of(role)
    add_person(accounts, place.book, name, _password(name), role, by=by, at=place.now())
    click.echo(f"added: {name} as {role}")


@command.command(name="change", short_help="Change a person; ends their sessions.")
@click.argument("name", metavar="NAME")
@click.option("--role", metavar="ROLE", help=ROLE)
@click.option("--active/--inactive", default=None, help="Whether the person and their keys may do anything.")
@click.option("--password", "new_password", is_flag=True, help="Ask for a new password.")
@options.operator
@click.pass_obj
def change(folder: Path, name: str, role: str | None, active: bool | None, new_password: bool, by: str) -> None:
    """Change role, state or password of a person. Their sessions end; one active admin always stays."""
    from pricesmith.flows import wiring
    from pricesmith.flows.desk.people.acts import change_person
    from pricesmith.flows.publishing.office import office

    place = office(folder)
    accounts = wiring.accounts_of(folder, place.policy)
    password = _password(name) if new_password else None
    change_person(accounts, place.book, name, role=role, password=password, active=active, by=by, at=place.now())
    click.echo(f"changed: {name}; sessions of {name} have ended")


def _password(name: str) -> str:
    """From the environment, or typed twice at a terminal."""
    from pricesmith.contracts.errors import UsageError
    from pricesmith.flows import wiring

    given = wiring.password_given()
    if given is not None:
        return given
    if not sys.stdin.isatty():
        raise UsageError("no password is given", hint=f"set {wiring.PASSWORD_VARIABLE}, or run it at a terminal")
    return str(click.prompt(f"Password of {name}", hide_input=True, confirmation_prompt=True, err=True))
