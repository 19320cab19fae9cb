"""Build example shops: `python -m examples.build NAME DIR [--whole]`, or `all` for every set (one folder each under DIR)."""

from __future__ import annotations

import argparse
import importlib
from pathlib import Path

from .shop import Shop

NAMES = ("oj", "frat", "completejourney", "uci_online_retail", "ta_feng", "stallion", "polish_scanner", "avocado", "tuna", "olist")


def build(name: str, *, whole: bool = False) -> Shop:
    """The example shop of that name; `whole` lifts the cap on products and stores."""
    shop: Shop = importlib.import_module(f"{__package__}.{name}").build(whole)
    return shop


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m examples.build", description="Write a real public data set as a shop folder.")
    parser.add_argument("name", choices=[*NAMES, "all"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--whole", action="store_true", help="all products and stores instead of a sample")
    options = parser.parse_args(arguments)
    for name in NAMES if options.name == "all" else (options.name,):
        shop = build(name, whole=options.whole)
        folder = options.folder / name if options.name == "all" else options.folder
        shop.write(folder)
        print(f"{name}: {shop.tables['products'].height} products, {shop.tables['sales'].height} sales rows -> {folder}")


if __name__ == "__main__":
    main()
