"""A desk in memory for tests: a ledger, a shop, a clock, and a recorded run on a made shop."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import msgspec
import numpy as np

from pricesmith.contracts.ledger import Books
from pricesmith.contracts.policy import Policy, policy_from
from pricesmith.contracts.shop import Key
from pricesmith.contracts.snapshot import Snapshot
from pricesmith.engine import decide
from pricesmith.flows.publishing.desk import Desk
from pricesmith.flows.publishing.history.facts import Facts
from pricesmith.flows.publishing.history.record import MACHINE, Made, record
from pricesmith.rules import RULES
from pricesmith.testing.fake_ledger import FakeLedger
from pricesmith.testing.fake_shop import FakeShop, VirtualClock
from pricesmith.testing.fakes import made_snapshot
from tests.learned import learned

START = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
TEXT = """
currency = "EUR"
[model]
draws = 16
[guards]
canary_minutes = 0
dwell_minutes = 0.001
index_hour = 0.9
index_day = 0.9
[[rule]]
kind = "margin_floor"
min_margin = 0.05
[[rule]]
kind = "max_change"
step = 0.08
"""


def policy(**sections: object) -> Policy:
    """The policy of TEXT with a shop `main`; further sections replace its own."""
    import tomllib

    document = tomllib.loads(TEXT)
    shop = {"platform": "fake", "channel": "web", "region": "DE"}
    return policy_from({**document, "shop": {"main": shop}, **sections}, RULES)


@dataclass(slots=True)
class Place:
    """Everything that a test looks at."""

    desk: Desk
    shop: FakeShop
    book: Books
    clock: VirtualClock
    run: str
    made: Made

    def again(self) -> Desk:
        """The desk after a restart."""
        old = self.desk
        return Desk(old.target, old.shop, old.book, old.policy, old.settings, old.now, np.random.default_rng(7), old.code, old.worker)


def _made(settings: Policy, snapshot: Snapshot) -> Made:
    model = learned(snapshot, settings)
    return Made(snapshot, settings, TEXT, model, decide(snapshot, model, settings))


_known: dict[tuple[str, int, int], Made] = {}


def _made_once(settings: Policy, seed: int, products: int) -> Made:
    """The same made shop is priced once under the same policy for all tests of a process; nothing of it can be changed."""
    key = repr(settings), seed, products
    if key not in _known:
        _known[key] = _made(settings, made_snapshot(seed, products=products, days=150))
    return _known[key]


def place(
    settings: Policy | None = None,
    seed: int = 2,
    products: int = 10,
    book: Books | None = None,
    snapshot: Snapshot | None = None,
    by: str = MACHINE,
) -> Place:
    """A shop whose prices stand as the run found them, read for the first time an hour before.

    book      where it is recorded; a ledger in memory where left out
    snapshot  the shop as of the run; a made one where left out
    by        who asked for the run
    """
    from pricesmith.flows.publishing.answers.attest import attest
    from pricesmith.flows.publishing.sending.reconcile import reconcile

    settings = settings or policy()
    made = _made(settings, snapshot) if snapshot else _made_once(settings, seed, products)
    decided = made.decided
    clock, book = VirtualClock(START), FakeLedger() if book is None else book
    keys = decided.decisions.select("sku", "channel", "region", "current_price").iter_rows()
    prices = {Key(*row[:3]): row[3] for row in keys if row[3]}
    shop = FakeShop(prices, np.random.default_rng(1), clock)
    target = settings.shops["main"]
    some = next(iter(prices))
    target = msgspec.structs.replace(target, channel=some.channel, region=some.region)
    desk = Desk("main", shop, book, settings, target, clock, np.random.default_rng(3), "made", "one")
    attest(book, "made", asked_by="anna", by="ben", at=clock())
    reconcile(desk)
    clock.sleep(3600.0)
    now = clock()
    recorded = record(book, made, at=now, by=by, code="made", facts=Facts(cost_at=now, competitor_at=now, stock_at=now))
    return Place(desk, shop, book, clock, recorded.run, made)
