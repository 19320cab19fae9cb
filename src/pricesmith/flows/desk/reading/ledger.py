"""What the desk has read of the ledger so far. History is only added to, so each row is read once and each run is laid out once."""

from __future__ import annotations

import datetime as dt
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import RLock, local
from typing import Any, Generic, TypeVar

import msgspec
import polars as pl

from pricesmith.contracts.errors import UnknownChoice
from pricesmith.contracts.policy import Policy
from pricesmith.contracts.tables import DECISIONS
from pricesmith.flows.batch import read_policy
from pricesmith.flows.desk.runs.sums import Certificate, Total, certificate, total
from pricesmith.flows.publishing.answers.approval import asked_about
from pricesmith.flows.publishing.desk import Memory
from pricesmith.flows.publishing.history import contents
from pricesmith.flows.publishing.history.lately import Lately, lately
from pricesmith.flows.publishing.history.making import made
from pricesmith.flows.publishing.history.rederive import Rederived, policy_of, rederive
from pricesmith.flows.publishing.office import Office
from pricesmith.flows.publishing.sending.foretold import Foretold
from pricesmith.flows.shop_toml import answered, text_of
from pricesmith.rules.together import Together

from .slow import Slow

KEY = list(DECISIONS.key)
NAMED = (
    *("name", "brand", "category", "family", "role", "pack_size", "landed_cost", "cost_assumed", "competitor_price", "on_hand"),
    *("tax_rate", "fee_rate", "payment_rate", "return_rate", "competitor_offers", "last_sale", "list_share", "price_stated"),
    *("competitor_cheapest", "competitor_second", "competitor_average"),
)
RUNS_KEPT, REPLAYED_KEPT, REPLIES_KEPT, ANEW_KEPT, PARTS_KEPT = 6, 2, 64, 6, 4
QUICK = 2_000
"""Products of a run up to which a page may wait for it to be decided again."""
Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Run:
    """A recorded run, laid out for people.

    row       of table RUNS
    policy    the settings under which it was made
    decided   rows of table DECIDED without the explanation, with the columns NAMED of its items and `move` (price / current_price − 1)
    """

    name: str
    row: dict[str, object]
    policy: Policy
    decided: pl.DataFrame

    @property
    def changes(self) -> pl.DataFrame:
        """Rows that people answer and publish: every change; where people set prices, those prices alone."""
        return self.decided.filter(asked_about(str(self.row["kind"])))

    @property
    def as_of(self) -> dt.date:
        return self.row["as_of"]  # type: ignore[return-value]

    @property
    def currency(self) -> str:
        return str(self.row["currency"])


class Shelf(Generic[Made]):
    """The last few things of a kind, each made once while others wait for it; not even a failure holds up another kind."""

    def __init__(self, most: int) -> None:
        self._most, self._lock = most, RLock()
        self._made: OrderedDict[str, Made] = OrderedDict()

    def get(self, name: str, make: Callable[[str], Made]) -> Made:
        with self._lock:
            if name not in self._made:
                self._made[name] = make(name)
                while len(self._made) > self._most:
                    self._made.popitem(last=False)
            self._made.move_to_end(name)
            return self._made[name]

    def holds(self, name: str) -> bool:
        """Whether it is there already, without waiting for what is being made."""
        return name in self._made


class Reading:
    """The ledger and the shop folder of one office; serves all threads of a process."""

    def __init__(self, place: Office) -> None:
        self.place, self.book, self.folder = place, place.book, place.folder
        self._lock, self._memory, self._still = RLock(), Memory(), local()
        self._runs: Shelf[Run] = Shelf(RUNS_KEPT)
        self._replayed: Shelf[Rederived] = Shelf(REPLAYED_KEPT)
        self._replays: Slow[Rederived] = Slow(0)
        self.replies: Slow[Any] = Slow(REPLIES_KEPT)
        self.anew: Slow[Any] = Slow(ANEW_KEPT)
        self.frontiers: Slow[Any] = Slow(REPLIES_KEPT)
        """Costly answers about runs, which never change, by the name of the question: `anew` are runs decided in another way."""
        self.bound: Slow[Together] = Slow(REPLAYED_KEPT)
        """What rules bind over several products at the prices of a run, by its name."""
        self.left: Slow[Any] = Slow(REPLAYED_KEPT)
        """What people left of a run, by its name and what they said; see `whole.left_soon`."""
        self.foreseen: Slow[Foretold] = Slow(PARTS_KEPT * RUNS_KEPT)
        """What guards would do about a run or a part of it, see `foreseen.py`."""
        self.offers: Slow[pl.DataFrame] = Slow(1)
        """Last offers of competitors, by the state of their files."""
        self._shelves: dict[str, Shelf[Any]] = {}
        self._sums: Shelf[tuple[Total, Certificate]] = Shelf(RUNS_KEPT)
        self._policy: tuple[float, Policy] = (_written(place.folder), place.policy)

    def now(self) -> dt.datetime:
        return self.place.now()

    @property
    def policy(self) -> Policy:
        """The settings as they stand in shop.toml now."""
        with self._lock:
            written = _written(self.folder)
            if written != self._policy[0]:
                self._policy = (written, read_policy(self.folder))
            return self._policy[1]

    @property
    def settled(self) -> bool:
        """Whether somebody has said what the shop wants. Raises PolicyError where there is no shop.toml that can be read."""
        return answered(text_of(self.folder))

    def rows(self, table: str) -> pl.DataFrame:
        """All rows of a table in their order, with `seq`. Not for DECIDED and CONTENTS, which are read run by run."""
        seen: dict[str, pl.DataFrame] | None = getattr(self._still, "seen", None)
        if seen is not None and table in seen:
            return seen[table]
        with self._lock:
            found = self._memory.read(self.book, table, {})
        if seen is not None:
            seen[table] = found
        return found

    @contextmanager
    def still(self) -> Iterator[None]:
        """Meanwhile this thread sees each table as it found it first: figures of one page are of one state, and it is asked for once."""
        self._still.seen = {}
        try:
            yield
        finally:
            self._still.seen = None

    def made(self) -> pl.DataFrame:
        """Rows of table RUNS as `making.made` has them, the last one made last."""
        return made(self.rows("runs"), self.rows("audit"))

    def last_made(self, name: str) -> dict[str, Any]:
        """The row of `made` of a run that is there."""
        return self.made().row(by_predicate=pl.col("run") == name, named=True)

    def askers(self, name: str) -> list[str]:
        """Who made a run that is there, first and last: they may not accept its prices. See `approval.answer`."""
        first = self.rows("runs").row(by_predicate=pl.col("run") == name, named=True)
        return list(dict.fromkeys([str(first["by"]), str(self.last_made(name)["by"])]))

    def lately(self, name: str) -> Lately:
        """What of a run's past counts, in any shop."""
        return lately(self.rows("intents"), self.rows("receipts"), self.last_made(name))

    def latest(self) -> str | None:
        """Name of the newest run that prices the whole shop, None where there is none yet. Prices that people set stand beside it."""
        runs = self.made().filter(pl.col("kind") == "price")
        return None if runs.is_empty() else str(runs["run"][-1])

    def run(self, name: str) -> Run:
        """Raises UnknownChoice with the latest runs."""
        return self._runs.get(name, self._laid_out)

    def policy_of(self, name: str) -> Policy:
        """The settings under which a run was made, without laying the run out where nobody did yet."""
        if self._runs.holds(name):
            return self.run(name).policy
        policies: Shelf[Policy] = self.shelf("policies", RUNS_KEPT)
        return policies.get(name, lambda one: policy_of(self.book, one))

    def replayed(self, name: str) -> Rederived:
        """The run decided again from the ledger: its snapshot, curves and limits. Seconds the first time, for large shops."""
        return self._replayed.get(name, lambda one: rederive(self.book, one))

    def shelf(self, kind: str, most: int = 4) -> Shelf[Any]:
        """Where a page keeps the last few things that it made of runs or files and that do not change."""
        with self._lock:
            return self._shelves.setdefault(kind, Shelf(most))

    def sums(self, name: str) -> tuple[Total, Certificate]:
        """What the run adds up to, and its proved gap."""
        return self._sums.get(name, self._summed)

    def _summed(self, name: str) -> tuple[Total, Certificate]:
        again, run = self.replayed(name), self.run(name)
        return total(again.decided, run.currency), certificate(again.decided, run.policy, run.currency)

    def replayed_soon(self, name: str) -> Rederived | None:
        """The same where it is there or quick; else None, and it is being made: ask again in a while. Raises what stopped it then."""
        if self._replayed.holds(name) or self.run(name).decided.height <= QUICK:
            return self.replayed(name)
        return self._replays.ask(name, lambda: self.replayed(name), 0.0)

    def _laid_out(self, name: str) -> Run:
        runs = self.rows("runs").filter(pl.col("run") == name)
        if runs.is_empty():
            raise UnknownChoice("run", name, self.rows("runs")["run"].to_list()[-10:], where="ledger")
        row = runs.row(0, named=True)
        index = msgspec.json.decode(str(row["snapshot"]), type=dict[str, str])
        items = contents.to_tables(self.book, {"items": index["items"]})["items"]
        known = [column for column in NAMED if column in items.columns]
        decided = self.book.read("decided", {"run": [name]}).drop("explanation", "seq")
        table = decided.join(items.select(*KEY, "item", *known), on=KEY, how="left", maintain_order="left")
        move = pl.col("price") / pl.col("current_price") - 1.0
        return Run(name, row, policy_of(self.book, name), table.with_columns(move=move.fill_nan(None)))


def _written(folder: Path) -> float:
    """When shop.toml was last written; 0 where it is gone."""
    try:
        return (folder / "shop.toml").stat().st_mtime
    except FileNotFoundError:
        return 0.0
