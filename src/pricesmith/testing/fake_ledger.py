"""A ledger in memory, for tests and seeded simulations: the protocol Books in plain Python, without a database.

It refuses what the databases refuse, so that a flow that works here works there. Nothing is random: leases, digests and signatures follow
from what was done.

    books = FakeLedger()
    books.append(Act(at, "anna", "stopped", "all"), {"switches": rows})
    books.fail_after = 3     # the fourth write raises LedgerError and changes nothing
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pricesmith.adapters.ledgers.chain import GENESIS, digest_of, link
from pricesmith.adapters.ledgers.checkpoints import judged, parse, signed
from pricesmith.adapters.ledgers.outbox import WAITING, micros, receipts_of, refuse_in_hand, refuse_wrong_tries
from pricesmith.adapters.ledgers.rows import Row, narrowed, restored, wanted_values
from pricesmith.adapters.ledgers.signing import Ed25519Signer
from pricesmith.adapters.ledgers.verify import verified
from pricesmith.adapters.ledgers.write import GIVEN, audited, ready
from pricesmith.contracts.errors import LedgerError, UnknownChoice
from pricesmith.contracts.ledger import INTENTS, LEDGER, Act, Lease, Verification
from pricesmith.contracts.protocols import Tables


@dataclass(slots=True)
class _Waiting:
    """One intent that is not done; times in microseconds since 1970 UTC."""

    row: Row
    attempt: int
    due: int
    fence: int = 0
    until: int = 0

    @property
    def product(self) -> Row:
        return self.row[3:7]

    @property
    def version(self) -> int:
        return int(self.row[7])


class FakeLedger:
    """The protocol Books in memory.

    tables      rows of each table in stored form, with `nr` and `seq` before them
    fail_after  number of writes that still succeed; None: all
    """

    def __init__(self) -> None:
        self.tables: dict[str, list[Row]] = {name: [] for name in LEDGER}
        self.fail_after: int | None = None
        self.signer = Ed25519Signer(Ed25519PrivateKey.from_private_bytes(bytes(32)))
        self._keys: dict[str, set[Row]] = {name: set() for name in LEDGER}
        self._newest: dict[Row, int] = {}
        self._versions: set[Row] = set()
        self._outbox: dict[str, _Waiting] = {}
        self._fence = 0

    def append(self, act: Act, tables: Tables) -> int:
        return self._write(act, ready(tables))

    def read(
        self,
        table: str,
        where: Mapping[str, object | Sequence[object]] | None = None,
        after: int = 0,
        columns: Sequence[str] = (),
    ) -> pl.DataFrame:
        if table not in LEDGER:
            raise UnknownChoice("table of the ledger", table, LEDGER)
        definition = LEDGER[table]
        own = "seq" in definition.by_name
        places = {name: place for place, name in enumerate(definition.by_name, 0 if own else 2)}
        wanted = [(places[name], set(values)) for name, values in wanted_values(definition, where or {}).items()]
        at = list(definition.by_name).index("seq") if own else 1
        rows = [row for row in self.tables[table] if row[at] > after and all(row[place] in values for place, values in wanted)]
        frame = restored(definition, rows if own else [(*row[2:], row[1]) for row in rows], *(() if own else ("seq",)))
        if not columns:
            return frame
        shown = narrowed(definition, (*columns, "seq") if own else columns)
        return frame.select(*shown.by_name, *(() if own else ("seq",)))

    def lease(self, target: str, worker: str, now: dt.datetime, until: dt.datetime, most: int) -> Lease:
        if not (worker and most > 0 and until > now):
            raise LedgerError("a lease needs a worker, a length, and a number of intents", hint="until is later than now")
        at = micros(now)
        held = {one.product for one in self._outbox.values() if one.until > at or (one.attempt and one.due > at)}
        due = [one for one in self._outbox.values() if one.row[3] == target and one.due <= at and one.product not in held]
        taken: list[_Waiting] = []
        old: list[_Waiting] = []
        for one in due:
            if len(taken) == most:
                break
            (old if self._newest[one.product] > one.version else taken).append(one)
        if old:
            receipts = [(one.row[0], one.attempt + 1, at, worker, "superseded", "newer_version", None, None, None) for one in old]
            self._write(Act(now, worker, "superseded", target), {"receipts": receipts})
            for one in old:
                del self._outbox[one.row[0]]
        if not taken:
            return Lease(worker, 0, until, restored(INTENTS, [], "attempt"))
        self._fence += 1
        for one in taken:
            one.fence, one.until = self._fence, micros(until)
        return Lease(worker, self._fence, until, restored(INTENTS, [(*one.row, one.attempt) for one in taken], "attempt"))

    def settle(self, lease: Lease, act: Act, receipts: pl.DataFrame, tables: Tables, retry_at: Mapping[str, dt.datetime]) -> None:
        rows = {**ready(tables, without="receipts"), "receipts": receipts_of(receipts)}
        held = {one.row[0]: one.attempt for one in self._outbox.values() if one.fence == lease.fence}
        tried = refuse_wrong_tries(lease, held, rows["receipts"], retry_at)
        due = {intent: micros(moment) for intent, moment in retry_at.items()}
        self._write(act, rows)
        for intent in tried:
            if intent not in due:
                del self._outbox[intent]
        for intent, moment in due.items():
            self._outbox[intent] = _Waiting(self._outbox[intent].row, tried.get(intent, held[intent]), moment)

    def give_up(self, target: str, act: Act, code: str) -> int:
        open_, now = [one for one in self._outbox.values() if one.row[3] == target], micros(act.at)
        refuse_in_hand(target, now, [one.until for one in open_])
        if open_:
            receipts = [(one.row[0], one.attempt + 1, now, act.by, "superseded", code, None, None, None) for one in open_]
            self._write(act, {"receipts": receipts})
            for one in open_:
                del self._outbox[one.row[0]]
        return len(open_)

    def waiting(self, target: str) -> pl.DataFrame:
        rows = [(one.row[0], *one.row[4:8], one.attempt, one.due) for one in self._outbox.values() if one.row[3] == target]
        frame = pl.DataFrame(rows, schema=WAITING | {"due": pl.Int64()}, orient="row")
        return frame.with_columns(pl.from_epoch("due", "us").dt.replace_time_zone("UTC"))

    def checkpoint(self, at: dt.datetime) -> int:
        if not self.tables["audit"] or any(row[0] == len(self.tables["audit"]) for row in self.tables["checkpoints"]):
            return len(self.tables["audit"])
        last = self.tables["audit"][-1]
        self.tables["checkpoints"].append(signed(last[0], micros(at), last[-1], self.signer))
        return int(last[0])

    def verify(self, exported: bytes | None = None, key: str | None = None) -> Verification:
        heads, findings = judged(self.tables["checkpoints"], parse(exported or b""), key or self.signer.key)
        seen = verified(self.tables["audit"], {name: self.tables[name] for name in GIVEN}, heads)
        return replace(seen, findings=(*seen.findings, *findings))

    def _write(self, act: Act, rows: Mapping[str, list[Row]]) -> int:
        known = self._keys["contents"]
        given = {name: [row for row in values if name != "contents" or row[:1] not in known] for name, values in rows.items()}
        audit = self.tables["audit"]
        seq = len(audit) + 1
        fields = (seq, *audited(act), digest_of(given), audit[-1][-1] if audit else GENESIS)
        self._refuse(given)
        for name, values in given.items():
            self._add(name, seq, values)
        audit.append((*fields, link(fields)))
        return seq

    def _refuse(self, rows: Mapping[str, list[Row]]) -> None:
        """Raise as the databases would, before anything is changed."""
        if self.fail_after is not None:
            if self.fail_after == 0:
                raise LedgerError("cannot be written: this fake was told to fail", hint="nothing was written")
            self.fail_after -= 1
        for name, values in rows.items():
            if not self._keys[name].isdisjoint(_key(name, row) for row in values):
                raise LedgerError("cannot be written: a key stands already", where=name, hint="nothing was written")
        versions = [row[3:8] for row in rows.get("intents", [])]
        if len(set(versions)) < len(versions) or not self._versions.isdisjoint(versions):
            raise LedgerError("cannot be written: this version of a product stands already", where="intents", hint="nothing was written")
        makers = {row[0]: _person(row[2]) for row in (*(row[2:] for row in self.tables["runs"]), *rows.get("runs", []))}
        if any(row[5] == "accept" and makers.get(row[1]) == _person(row[4]) for row in rows.get("verdicts", [])):
            raise LedgerError("cannot be written: who made a run cannot accept it", where="verdicts", hint="nothing was written")
        self._refuse_release(rows.get("switches", []))

    def _refuse_release(self, rows: Sequence[Row]) -> None:
        before = [row[2:] for row in self.tables["switches"]]
        for row in rows:
            if row[5] == "release" and not _asked(before, row):
                what = "cannot be written: a release needs a second person, after another has asked for it"
                raise LedgerError(what, where="switches", hint="nothing was written")
            before.append(row)

    def _add(self, name: str, seq: int, values: Sequence[Row]) -> None:
        for row in values:
            self.tables[name].append((len(self.tables[name]) + 1, seq, *row))
            self._keys[name].add(_key(name, row))
            if name == "intents":
                self._versions.add(row[3:8])
                self._newest[row[3:7]] = max(row[7], self._newest.get(row[3:7], 0))
                self._outbox[row[0]] = _Waiting(row, 0, row[2])
        if name == "intents":
            self._hasten({row[3:7]: row[7] for row in values}, min(row[2] for row in values))

    def _hasten(self, newest: Mapping[Row, int], at: int) -> None:
        """Older versions that were never tried are due to be given up."""
        for one in self._outbox.values():
            if one.version < newest.get(one.product, 0) and not (one.attempt or one.until):
                one.due = min(one.due, at)


def _key(name: str, row: Row) -> Row:
    places = {column: place for place, column in enumerate(LEDGER[name].by_name)}
    return tuple(row[places[column]] for column in LEDGER[name].key)


def _person(name: str) -> str:
    return name.strip(" ").lower()


def _asked(before: Sequence[Row], release: Row) -> bool:
    """Whether another person has asked for this release since the last stop or release."""
    for row in reversed(before):
        if row[3:5] == release[3:5]:
            if row[5] != "release_asked":
                return False
            if _person(row[2]) != _person(release[2]):
                return True
    return False
