"""`pricesmith init`: an example shop folder to start from."""

from __future__ import annotations

from pathlib import Path

import click

from . import options


@click.command(
    name="init",
    short_help="Write an example shop folder with a commented shop.toml.",
    epilog="Example:  pricesmith init myshop && pricesmith price myshop --out prices.csv",
)
@options.folder
def command(folder: Path) -> None:
    """Write an example shop folder into DIR: a small made-up shop and a shop.toml that explains every setting.

    Replace the files in DIR/data by your own. A folder that holds anything already is refused.
    """
    from pricesmith.flows import example

    written = example.write(folder)
    click.echo("\n".join(f"wrote {path}" for path in written))
    click.echo(f"\nNext:  pricesmith check {folder}\n       pricesmith price {folder} --out prices.csv --report report.html")
