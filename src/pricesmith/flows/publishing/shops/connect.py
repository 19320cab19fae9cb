"""A new shop in shop.toml: its section is tried before it is written, and the prices that stand there are read into the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pricesmith.contracts.publishing import ShopPolicy
from pricesmith.contracts.shop import ShopSource
from pricesmith.flows import wiring
from pricesmith.flows.publishing.office import office
from pricesmith.flows.publishing.sending.reconcile import noted

from .trial import Trial, tried


@dataclass(frozen=True, slots=True)
class Connected:
    """A section that works: what was written, the number of prices that were read, and what they are of.

    pulls  tables of a shop folder can be filled from it
    """

    section: str
    prices: int
    proven: str
    pulls: bool
    trial: Trial


def connect(folder: Path, name: str, settings: ShopPolicy) -> Connected:
    """Write [shop.NAME] into shop.toml, and the shop's prices into the ledger. Where they cannot be read, nothing is written.

    Raises PolicyError where the name is taken, ShopError where the shop cannot be read.
    """
    path = folder / "shop.toml"
    with wiring.alone(folder):
        found = tried(office(folder), name, settings)
        wiring.write_text(path, found.after)
        try:
            noted(found.desk, found.seen)
        except BaseException:
            wiring.write_text(path, found.before)
            raise
    return Connected(found.section, len(found.seen), found.desk.shop.capability.proven, isinstance(found.desk.shop, ShopSource), found)
