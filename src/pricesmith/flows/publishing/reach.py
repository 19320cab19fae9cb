"""The shortest way to the ledger of a shop folder, for who stops: it loads no rule, no model and no guard."""

from __future__ import annotations

from pathlib import Path

from pricesmith.contracts.errors import PolicyError, UnknownChoice
from pricesmith.contracts.ledger import Ledger
from pricesmith.flows import shop_toml, wiring


def ledger_of(folder: Path) -> Ledger:
    """The ledger that the environment or shop.toml names. Raises PolicyError where neither says, LedgerError where it cannot be used."""
    named = "" if wiring.ledger_named() else shop_toml.document_of(folder).get("ledger", "")
    if not isinstance(named, str):
        raise PolicyError("the ledger is not named by text", where=f"{folder / 'shop.toml'} $.ledger", hint='ledger = "ledger.db"')
    return wiring.ledger_at(folder, named)


def known_target(folder: Path, target: str) -> None:
    """Raise UnknownChoice, with the names that there are, for a target that shop.toml does not name: a switch on it would stop nothing."""
    shops = shop_toml.document_of(folder).get("shop", {})
    if not isinstance(shops, dict) or target not in shops:
        raise UnknownChoice("shop", target, shops if isinstance(shops, dict) else (), where="shop.toml $.shop")
