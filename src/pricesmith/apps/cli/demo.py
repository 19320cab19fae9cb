"""`pricesmith demo`: a shop of real data, learned and priced, and the price desk on it."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from . import options
from .serve import PORT

if TYPE_CHECKING:
    from pricesmith.apps.report.content import Content


@click.command(
    name="demo",
    short_help="A real shop, learned and priced, with a report and the price desk.",
    epilog="Example:  pricesmith demo --shop gifts --no-serve",
)
@click.argument("folder", metavar="[DIR]", type=click.Path(path_type=Path), required=False)
@click.option("--shop", type=click.Choice(["grocery", "gifts"]), default="grocery", show_default=True, help="Which bundled data to use.")
@click.option(
    "--port",
    default=None,
    show_default=f"{PORT}, a free one where it is taken",
    type=click.IntRange(0, 65535),
    metavar="PORT",
    help="Of the desk; 0 takes a free one.",
)
@click.option("--no-serve", is_flag=True, help="Stop after the report; do not serve the price desk.")
@options.locale
def command(folder: Path | None, shop: str, port: int | None, no_serve: bool, locale: str | None) -> None:
    """Build a shop from bundled real data in DIR (default: demo-shop), learn demand, set prices, write a report, and open the desk.

    \b
    grocery  400 products of a grocery chain, weekly (The Complete Journey 2.0, CC0)
    gifts    320 products of a gift shop on the web, order lines (UCI Online Retail, CC BY 4.0)
    Both sources have no costs: they are assumed, and labelled so. The run is recorded in DIR, and a file shop is connected to which
    prices can be sent and from which they can be taken back; two made people attest code and settings for it, and are called so.
    """
    from pricesmith.apps.report.summary import summary
    from pricesmith.flows import batch, demo, wiring
    from pricesmith.flows.desk.reading.kept import check_file
    from pricesmith.flows.publishing.shops import demo_shop

    from .check import keep
    from .price import run
    from .progress import steps

    demo_shop.alone()
    place = demo.build(shop, folder or Path("demo-shop" if shop == "grocery" else f"demo-shop-{shop}"))
    report = place / "report.html"
    with steps(7) as step:
        loaded = batch.load(place, None, step, locale=locale)
        content, priced = run(loaded, None, place / "prices.csv", report, step)
        step("ledger")
        demo_shop.open_shop(place, priced, loaded.prepared.tables["competitor_prices"])
        keep(check_file(place), wiring.files_of(place), loaded)
    click.echo(summary(content))
    click.echo(f"\n{next_steps(place, content)}\n\nshop: {place}\nprice list: {place / 'prices.csv'}\nreport: {report}")
    if not no_serve:
        desk(place, report, port)


def desk(place: Path, report: Path, port: int | None) -> None:
    """Serve the price desk until Ctrl-C, opened on Today; without the packages of its pages open the report and say how to get them.

    port  None: the usual one, or a free one where that is taken; one that is named is kept to
    """
    from .serve import lacking, served

    lack = lacking()
    if lack:
        click.echo(f"\nthe price desk needs {lack[0]}: pip install '.[web]' in the clone, then {program()} serve {place}")
        show(report)
    else:
        click.echo("")
        served(place, "localhost", PORT if port is None else port, elsewhere=port is None, browser=True)


def next_steps(place: Path, content: Content) -> str:
    """What to try after the demo, as commands to copy."""
    from pricesmith.apps.report.view import biggest

    largest = biggest(content.decisions, 1)
    told = [("why the move worth most", f"explain {place} {largest['sku'][0]}")] if largest.height else []
    told += [("what the data hold", f"check {place}"), ("how good its forecasts are", f"backtest {place}")]
    told += [("other rules: edit its shop.toml, then", f"price {place} --out {place / 'prices.csv'} --report {place / 'report.html'}")]
    told += [("the price desk of this shop", f"serve {place}"), ("a shop of your own", "init myshop")]
    width = max(len(what) for what, _ in told)
    return "\n".join(["Next", *(f"  {what:<{width}}  {program()} {words}" for what, words in told)])


def program() -> str:
    """The command as it can be typed: by its path where it is not on the search path."""
    return "pricesmith" if shutil.which("pricesmith") else min(sys.argv[0], os.path.relpath(sys.argv[0]), key=len)


def show(report: Path) -> None:
    """Open the report where there is a screen and a browser; nothing else depends on it."""
    import webbrowser

    if not screen() or not webbrowser.open(report.resolve().as_uri()):
        click.echo("no browser was found: open the report yourself", err=True)


def screen() -> bool:
    """Whether a browser would open beside the terminal and not inside it."""
    return sys.platform in ("darwin", "win32") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
