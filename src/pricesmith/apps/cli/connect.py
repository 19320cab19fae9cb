"""`pricesmith connect`: a new shop to publish to and to pull from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from . import options

if TYPE_CHECKING:
    from pricesmith.flows.publishing.shops.trial import Trial


@click.command(
    name="connect",
    short_help="Add a shop to publish to and to pull from.",
    epilog="Example:  pricesmith connect myshop main --platform vendure --url https://shop.example/admin-api",
)
@options.folder
@click.argument("name", metavar="NAME")
@click.option("--platform", metavar="PLATFORM", required=True, help="Kind of shop: vendure, medusa, woocommerce, shopify, csv_feed, ...")
@click.option("--url", metavar="URL", default="", help="Address of its API; a file for feeds.")
@click.option("--channel", metavar="NAME", default="default", show_default=True, help="Channel of the price list that goes there.")
@click.option("--region", metavar="NAME", default="default", show_default=True, help="Region of the price list that goes there.")
@click.option("--currency", metavar="CODE", default="", help="Currency of its prices; the shop's own where left out.")
@click.option("--tax", type=click.Choice(["gross", "net"]), help="Whether its prices contain tax; as the shop's own where left out.")
@click.option("--option", "more", multiple=True, metavar="NAME=VALUE", help="What only this platform knows; may be given several times.")
def command(
    folder: Path,
    name: str,
    platform: str,
    url: str,
    channel: str,
    region: str,
    currency: str,
    tax: Literal["gross", "net"] | None,
    more: tuple[str, ...],
) -> None:
    """Write the section [shop.NAME] into shop.toml after reading the shop's prices; where they cannot be read nothing is written.

    The secret is read from the environment (PRICESMITH_SECRET_<NAME>) or the keyring; it is never written anywhere.
    """
    from pricesmith.contracts.publishing import ShopPolicy
    from pricesmith.flows.publishing.shops.connect import connect

    settings = ShopPolicy(
        platform=platform,
        url=url,
        channel=channel,
        region=region,
        currency=currency,
        tax=tax or "",
        options=dict(map(_pair, more)),
    )
    found = connect(folder, name, settings)
    click.echo(f"{found.section}\n{found.prices} prices were read{_known(found.trial)}")
    if found.pulls:
        click.echo(f"`pricesmith pull {folder} --from {name}` fills data/")
    if found.proven == "contract":
        click.echo(f"note: {platform} was tested against its published contract only, not against a running shop", err=True)


def _known(trial: Trial) -> str:
    """How many of our products have a price there, and why the others have none."""
    from pricesmith.apps.web.words import Words

    if trial.products is None:
        return ""
    words = Words("en")
    lines = [f": {trial.found} of the {trial.products} products of this shop were found, {trial.products - trial.found} are unknown there"]
    lines += [f"  {one.count:>6} {words.code('cn_missing', one.code)}, such as {'; '.join(one.examples)}" for one in trial.missing]
    lines += [f"  {trial.others:>6} prices there are of no product here, such as {', '.join(trial.examples)}"] if trial.others else []
    return "\n".join(lines)


def _pair(text: str) -> tuple[str, str]:
    name, found, value = text.partition("=")
    if not found or not name:
        raise click.BadParameter(f"{text!r} is not NAME=VALUE", param_hint="--option")
    return name, value
