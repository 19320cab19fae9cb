"""Is everything as it was written? Recomputes every digest and link from the rows that stand there, and compares with signed heads.

One pass: audit rows and the rows of every table are read in their order and merged by `seq`, so that memory does not grow with the ledger.
"""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from pricesmith.contracts.ledger import Finding, Verification

from .chain import GENESIS, encode, link, parts, table_digest
from .checkpoints import Checkpoint
from .rows import Row

Group = tuple[int, str, str]
"""seq, table, and digest of the rows of that table under that seq."""


@dataclass(slots=True)
class _Walk:
    """What was seen so far."""

    findings: list[Finding] = field(default_factory=list)
    rows: int = 0

    def report(self, seq: int, table: str, code: str, what: str) -> None:
        self.findings.append(Finding(seq, table, code, what))


def verified(audit: Iterable[Row], tables: Mapping[str, Iterable[Row]], heads: Iterable[Checkpoint]) -> Verification:
    """Verify a ledger.

    audit   rows of AUDIT in the order of seq
    tables  rows of every other table in the order of `nr`: nr, seq, values
    heads   checkpoints whose signatures hold
    """
    walk = _Walk()
    groups = heapq.merge(*(_groups(name, rows, walk) for name, rows in sorted(tables.items())))
    waiting = list(heads)
    wanted = {head.seq for head in waiting}
    seen: dict[int, str] = {}
    chain, last, acts = GENESIS, 0, 0
    group = next(groups, None)
    for row in audit:
        seq, digest = row[0], row[5]
        _link(walk, row, last, chain)
        found: list[Group] = []
        while group is not None and group[0] <= seq:
            found.append(group)
            group = next(groups, None)
        if " ".join(part[2] for part in found) != digest or (found and found[0][0] < seq):
            _compare(walk, seq, digest, found)
        last, chain, acts = seq, row[7], acts + 1
        if seq in wanted:
            seen[seq] = chain
    while group is not None:
        walk.report(group[0], group[1], "added", "rows stand there without an audit row")
        group = next(groups, None)
    _compare_heads(walk, waiting, seen, last)
    return Verification(acts, walk.rows, len(waiting), chain, tuple(walk.findings))


def _groups(table: str, rows: Iterable[Row], walk: _Walk) -> Iterator[Group]:
    """Digest of the rows of each act; missing and misplaced rows are reported on the way."""
    expected, current, count, sha = 1, 0, 0, hashlib.sha256()
    for row in rows:
        number, seq = row[0], row[1]
        if number != expected:
            walk.report(seq, table, "missing", f"row {expected} is not there; row {number} follows")
        expected = number + 1
        if seq != current:
            if count:
                yield current, table, table_digest(table, count, sha)
            if seq < current:
                walk.report(seq, table, "misplaced", f"row {number} stands after rows of audit row {current}")
            current, count, sha = seq, 0, hashlib.sha256()
        sha.update(encode(row[2:]))
        count += 1
        walk.rows += 1
    if count:
        yield current, table, table_digest(table, count, sha)


def _link(walk: _Walk, row: Row, last: int, chain: str) -> None:
    seq = row[0]
    if seq != last + 1:
        walk.report(seq, "audit", "gap", f"audit row {last + 1} is not there; {seq} follows")
    if row[6] != chain:
        walk.report(seq, "audit", "chain", "does not follow the audit row before it")
    if link(row[:7]) != row[7]:
        walk.report(seq, "audit", "edited", "its chain value is not that of its fields")


def _compare(walk: _Walk, seq: int, digest: str, found: list[Group]) -> None:
    """Name the tables that are not as the audit row says."""
    for other, table, _ in found:
        if other < seq:
            walk.report(other, table, "added", "rows stand under an audit row that has none of them")
    there = parts(" ".join(part for other, _, part in found if other == seq))
    written = parts(digest)
    for table in sorted({*there, *written}):
        was, now = written.get(table, (0, "")), there.get(table, (0, ""))
        if was != now:
            code = "missing" if now[0] < was[0] else "added" if now[0] > was[0] else "edited"
            walk.report(seq, table, code, f"{was[0]} rows were written, {now[0]} stand there, and their digest differs")


def _compare_heads(walk: _Walk, heads: list[Checkpoint], seen: Mapping[int, str], last: int) -> None:
    for head in heads:
        if head.seq > last:
            walk.report(head.seq, "audit", "truncated", f"audit row {head.seq} was signed, and the ledger ends at {last}")
        elif seen.get(head.seq) != head.chain:
            walk.report(head.seq, "audit", "rewritten", "the chain is not the one that was signed here")
