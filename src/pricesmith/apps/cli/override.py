"""`pricesmith override`: set a price in place of the one decided."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from . import options

if TYPE_CHECKING:
    from pricesmith.apps.web.words import Words
    from pricesmith.contracts.errors import PricesmithError
    from pricesmith.flows.publishing.answers.override import ForbiddenError


@click.command(
    name="override",
    short_help="Set prices in place of those decided, with a reason.",
    epilog='Example:  pricesmith override myshop 20261126-1f0c93ab --set A001=12.99 --by anna --why "flyer says so"',
)
@options.folder
@options.run
@click.option(
    "--set", "prices", multiple=True, required=True, metavar="SKU=PRICE", help="A price in major units; may be given several times."
)
@options.by
@click.option("--why", metavar="TEXT", required=True, help="The reason; stands in the ledger.")
@options.as_json
def command(folder: Path, run: str, prices: tuple[str, ...], by: str, why: str, as_json: bool) -> None:
    """Record a new run like RUN with prices of your own.

    They keep the same hard rules, pass the same guards, and somebody else approves them. Rules over several products count other own
    prices as set, what was rejected or taken back at today's price, and the rest as RUN proposes it. What else they go against (a soft
    rule that holds, how far weak evidence lets a price move) is said as the price desk says it.
    """
    from pricesmith.apps.web import barred
    from pricesmith.apps.web.words import Words
    from pricesmith.contracts.money import format_minor
    from pricesmith.contracts.shop import Key
    from pricesmith.flows.publishing.answers.approval import run_row
    from pricesmith.flows.publishing.answers.override import ForbiddenError, override
    from pricesmith.flows.publishing.office import office

    from .output import print_json
    from .recorded import keys_of, place_of, typed

    place = office(folder)
    run_row(place.book, run)
    wanted: dict[Key, int] = {}
    for text in prices:
        sku, _, amount = text.rpartition("=")
        if not sku:
            raise click.BadParameter(f"{text!r} is not SKU=PRICE, such as A001=12.99", param_hint="--set")
        minor = typed(amount, place.policy.currency, "--set")
        wanted |= dict.fromkeys(keys_of(place.book, run, [sku]) or [], minor)
    words, currency = Words("en"), place.policy.currency
    try:
        made = override(place.book, run, wanted, by=by, why=why, at=place.now(), code=place.code)
    except ForbiddenError as error:
        raise said(words, error, len(wanted)) from None
    for key, names in made.against.items():
        click.echo(f"{place_of(key)}: {barred.against(words, f'{format_minor(wanted[key], currency)} {currency}', names)}", err=True)
    if as_json:
        against = [{**key._asdict(), "against": names} for key, names in made.against.items()]
        print_json({"run": made.run, "parent": run, "prices": len(wanted), "new": made.new, "against": against})
    else:
        told = f"run {made.run}: {len(wanted)} prices set by {by}"
        named = run_row(place.book, made.run)["by"] == by
        click.echo(
            f"{told}; somebody else approves it (`pricesmith approve`)" if named else f"{told}; it is to be approved (`pricesmith approve`)"
        )


def said(words: Words, error: ForbiddenError, count: int) -> PricesmithError:
    """The same error in the words of the price desk."""
    from pricesmith.apps.web import barred
    from pricesmith.contracts.errors import PricesmithError

    from .recorded import place_of

    hint = barred.instead(error.broken, "") if error.broken else error.hint
    if error.key is None:
        what = barred.many(words, count, error.broken)
    elif error.broken:
        what = barred.together(words, error.price, barred.product_said(words, None, error.key), error.broken)
    else:
        what = barred.forbidden(words, error.price, error.verdict.barred) if error.verdict.barred else error.what
    return PricesmithError(what, where=place_of(error.key) if error.key else "", hint=hint)
