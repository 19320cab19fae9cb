"""A shop is removed on the page Shops: its settings go, what waits for it is given up, and the ledger keeps all that was."""

from __future__ import annotations

import datetime as dt

import msgspec

from pricesmith.contracts.errors import UnknownChoice
from pricesmith.contracts.ledger import Act
from pricesmith.flows.desk.reading.ledger import Reading
from pricesmith.flows.desk.rules import policy_file
from pricesmith.flows.desk.rules.drafts import digest
from pricesmith.flows.publishing.history.lately import REMOVED
from pricesmith.flows.publishing.shops.shop_section import without_section
from pricesmith.flows.shop_toml import text_of

from .feeds import file_here

GAVE_UP = "gave_up"
"""The act in the ledger."""


class Removal(msgspec.Struct, frozen=True):
    """What removing a shop does.

    waiting  prices that are still to leave or to go back, which are given up;  file: it has one in the folder, which stays
    """

    waiting: int
    file: bool


def removal(reading: Reading, name: str) -> Removal:
    """Raises UnknownChoice for a shop that there is not."""
    known = reading.policy.shops
    if name not in known:
        raise UnknownChoice("shop", name, known)
    return Removal(reading.book.waiting(name).height, file_here(reading, known[name]))


def remove(reading: Reading, name: str, *, by: str, at: dt.datetime) -> int:
    """Returns how many prices were given up. Raises LedgerError where some are being sent right now; nothing is written then.

    Raises UnknownChoice for a shop that there is not, PolicyError where its section cannot be told from the rest of shop.toml.
    """
    removal(reading, name)
    before = text_of(reading.folder)
    after = without_section(before, name)
    policy_file.checked(after)
    count = reading.book.give_up(name, Act(at, by, GAVE_UP, name), REMOVED)
    policy_file.put_into_force(reading, after, digest(before), by=by, why=f"removed shop {name}", at=at)
    return count
