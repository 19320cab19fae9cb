"""The shortest way to the ledger of a shop folder, for who stops: it loads no rule, no model and no guard."""

from __future__ import annotations

import difflib
import itertools
from pathlib import Path
from typing import TYPE_CHECKING

from pricesmith.contracts.errors import DataError, PolicyError, PricesmithError, UnknownChoice, UsageError
from pricesmith.contracts.ledger import Ledger
from pricesmith.contracts.tables import INPUT
from pricesmith.flows import shop_toml, wiring

if TYPE_CHECKING:
    from pricesmith.contracts.protocols import RawTable

NEAR, ALIKE = 5, 2_000
"""Names that are said in place of one that is not there, and names among which they are looked for."""


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
        raise UnknownChoice("shop", target, shops, where="shop.toml $.shop")


def checked(folder: Path, ledger: Ledger, scope: tuple[str, str]) -> bool:
    """Whether a stop of that scope names what there is; nothing is read where everything is stopped.

    False where the names cannot be read, so that the stop is believed: it may never fail for want of data.
    Raises UsageError where nothing is named, UnknownChoice with the nearest names where the shop or product is none of those that are read.
    """
    kind, name = scope
    if kind == "all":
        return True
    if not name.strip():
        what, hint = ("no shop is named", "write its name") if kind == "target" else ("no product is named", "write its SKU")
        raise UsageError(what, hint=hint)
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
    names = set() if loaded is None else {str(name).strip() for name in loaded.frame["sku"].to_list()}
    if sku in names:
        return
    names |= set(ledger.read("decided", {"run": runs}, columns=["sku"])["sku"].to_list()) if runs else set()
    raise _unknown(sku, names, _called(loaded, sku))


def _called(loaded: RawTable | None, text: str) -> list[str]:
    """`SKU (name)` of the products whose name holds every word of the text; at most NEAR."""
    words = text.lower().split()
    if loaded is None or "name" not in loaded.frame.columns or not words:
        return []
    rows = loaded.frame.select("sku", "name").drop_nulls().iter_rows()
    found = (f"{str(sku).strip()} ({name})" for sku, name in rows if all(word in str(name).lower() for word in words))
    return list(itertools.islice(found, NEAR))


def _unknown(sku: str, names: set[str], called: list[str]) -> UnknownChoice:
    """Products of that name, else at most NEAR SKUs that look like it."""
    ordered = sorted(names)
    alike = [name for name in ordered if name[:2].lower() == sku[:2].lower()] or ordered
    near = called or difflib.get_close_matches(sku, alike[:ALIKE], n=NEAR, cutoff=0.3) or ordered[:NEAR]
    found = UnknownChoice("product", sku, (), where="NOT stopped")
    found.hint = f"did you mean {', '.join(near)}?"
    found.args = (found.line,)
    return found
