"""The shortest way to the ledger of a shop folder, for who stops: it loads no rule, no model and no guard."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from pricesmith.contracts.errors import DataError, PolicyError, PricesmithError, UnknownChoice, UsageError
from pricesmith.contracts.ledger import Ledger
from pricesmith.contracts.tables import INPUT
from pricesmith.flows import shop_toml, wiring
from pricesmith.flows.near import unknown_product
from pricesmith.flows.publishing.sending.switch import named

NOT_STOPPED = "NOT stopped"
"""What is said first of all where a stop is refused."""


def ledger_of(folder: Path) -> Ledger:
    """The ledger that the environment or shop.toml names. Raises PolicyError where neither says, LedgerError where it cannot be used."""
    named = "" if wiring.ledger_named() else shop_toml.document_of(folder).get("ledger", "")
    if not isinstance(named, str):
        raise PolicyError("the ledger is not named by text", where=f"{folder / 'shop.toml'} $.ledger", hint='ledger = "ledger.db"')
    return wiring.ledger_at(folder, named)


def known_target(folder: Path, target: str) -> None:
    """Raise UnknownChoice, with the names that there are, for a target that shop.toml does not name: a switch on it would stop nothing.

    Raises PolicyError where it names none, or cannot be read.
    """
    shops = shop_toml.document_of(folder).get("shop", {})
    if not isinstance(shops, dict) or not shops:
        raise PolicyError("no shop is known yet", where="shop.toml $.shop")
    if target not in shops:
        raise UnknownChoice("shop", target, shops, where=NOT_STOPPED)


def checked(folder: Path, ledger: Ledger, scope: tuple[str, str]) -> bool:
    """Whether a stop of that scope names what there is; nothing is read where everything is stopped.

    False where the names cannot be read, so that the stop is believed: it may never fail for want of data.
    Raises UsageError where nothing is named, UnknownChoice with the nearest names where the shop or product is none of those that are read.
    """
    kind, name = scope
    if kind == "all":
        return True
    named(scope, where=NOT_STOPPED)
    try:
        if kind == "target":
            known_target(folder, name)
        else:
            known_product(folder, ledger, name)
    except (UnknownChoice, UsageError):
        raise
    except (PricesmithError, OSError):
        return False
    return True


def known_product(folder: Path, ledger: Ledger, sku: str) -> None:
    """Raise UnknownChoice for a product of which no price was ever to leave, and that neither the newest run nor table PRODUCTS has.

    Raises DataError where there is neither of them.
    """
    runs = ledger.read("runs", {"kind": ["price"]}, columns=["run"])["run"].to_list()[-1:]
    if runs and ledger.read("decided", {"run": runs, "sku": [sku]}, columns=["sku"]).height:
        return
    if ledger.read("intents", {"sku": [sku]}, columns=["sku"]).height:
        return
    loaded = wiring.source_of(folder).read(INPUT["products"])
    if not runs and loaded is None:
        raise DataError("no product is known yet", where="products")
    products = _texts(pl.DataFrame(schema={"sku": pl.String}) if loaded is None else loaded.frame)
    if sku in products["sku"]:
        return
    decided = ledger.read("decided", {"run": runs}, columns=["sku"]) if runs else products.head(0).select("sku")
    raise unknown_product(pl.concat([products, decided], how="diagonal"), sku, where=NOT_STOPPED)


def _texts(frame: pl.DataFrame) -> pl.DataFrame:
    """`sku`, and `name` where there is one, as text: a file may have numbers there."""
    named = [name for name in ("sku", "name") if name in frame.columns]
    return frame.select(pl.col(named).cast(pl.String).str.strip_chars()).drop_nulls("sku")
