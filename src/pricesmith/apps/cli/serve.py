"""`pricesmith serve`: the price desk, pages and API."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path

import click

from pricesmith.contracts.errors import UsageError

from . import options

PORT = 8600
"""Of the desk where none is named."""


@click.command(name="serve", short_help="The price desk: pages and API.", epilog="Example:  pricesmith serve myshop --port 8080")
@options.folder
@click.option("--host", default="localhost", show_default=True, metavar="HOST", help="Where to listen.")
@click.option("--port", default=PORT, show_default=True, type=click.IntRange(0, 65535), metavar="PORT", help="0 takes a free one.")
@click.option("--allow-host", multiple=True, metavar="NAME", help="A further name of this desk, as behind a proxy.")
@click.option("--behind-proxy", is_flag=True, help="Believe a proxy on this machine about address and TLS.")
@click.option("--new", is_flag=True, help="Make the folder, where it is not there yet, and a shop in it.")
@click.option("--open/--no-open", "browser", default=False, help="Open the first page in the browser.")
def command(folder: Path, host: str, port: int, allow_host: tuple[str, ...], behind_proxy: bool, new: bool, browser: bool) -> None:
    """Serve the pages and the API of the shop in DIR until Ctrl-C. In an empty folder, or one that --new makes, a guide makes the shop."""
    if not new:
        there(folder)
    lack = lacking()
    if lack:
        raise UsageError(f"the price desk needs {lack[0]}, which is not installed", hint="pip install '.[web]' in the clone")
    served(folder, host, port, names=allow_host, behind_proxy=behind_proxy, browser=browser)


def there(folder: Path) -> None:
    """Raise UsageError, with the names of shops beside it that look like it, for a folder that is not there."""
    if folder.exists():
        return
    beside = folder.parent.iterdir() if folder.parent.is_dir() else ()
    shops = sorted(one.name for one in beside if (one / "shop.toml").is_file())
    near = [str(folder.parent / name) for name in difflib.get_close_matches(folder.name, shops, n=3, cutoff=0.4)]
    asked = f"did you mean {', '.join(near)}? " if near else ""
    raise UsageError(f"there is no folder {folder}", hint=f"{asked}--new makes a new shop there")


def lacking() -> list[str]:
    """Packages of the pages that are not installed."""
    from importlib.util import find_spec

    return [name for name in ("uvicorn", "starlette", "argon2", "python_multipart") if find_spec(name) is None]


def served(
    folder: Path,
    host: str,
    port: int,
    *,
    names: Sequence[str] = (),
    behind_proxy: bool = False,
    browser: bool = False,
    elsewhere: bool = False,
) -> None:
    """Serve until Ctrl-C.

    elsewhere  take a free port where that one is taken
    """
    from pricesmith.apps.service.serving import serve

    try:
        serve(
            folder, host, port, names=names, behind_proxy=behind_proxy, elsewhere=elsewhere, ready=lambda address: _ready(address, browser)
        )
    except KeyboardInterrupt:
        click.echo("\nthe price desk has ended")


def _ready(address: str, browser: bool) -> None:
    click.echo(f"the price desk is at {address} (Ctrl-C ends it)")
    if browser:
        import webbrowser

        from .demo import screen

        if not screen() or not webbrowser.open(address):
            click.echo("no browser was found: open the address yourself", err=True)
