"""Send what is due: lease -> read -> skip what equals -> every guard -> write -> read back -> settle. One call is one lease.

A crash at any point loses nothing: the lease runs out, another worker reads the shop first and finds what arrived. A timeout is not a
failure; the price is read until it is seen, or until what was sent can no longer arrive.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from pricesmith.contracts.errors import ShopBusy, ShopError
from pricesmith.contracts.ledger import RECEIPTS, Act, Lease
from pricesmith.contracts.shop import Key, Writing, Written
from pricesmith.contracts.tables import DECISIONS
from pricesmith.flows.publishing.answers.attest import attested
from pricesmith.flows.publishing.desk import Desk
from pricesmith.flows.publishing.history import readings

from . import orders, patience
from .gate import Gated, judge, stop_reason
from .reasons import Reason, reasons
from .undo import foreign

KEY = list(DECISIONS.key)
CALLS = 4
"""Calls' worth of prices in one lease, at least LEAST."""
LEAST = 400
Row = Mapping[str, object]
UNATTESTED = "this code and these settings are not attested"
ATTEST = "attest them: `pricesmith attest DIR --by NAME` says whether a second person is needed"


@dataclass(frozen=True, slots=True)
class Done:
    """What one lease came to: number of intents by fate, why the channel is stopped, until when the shop asked to be left alone, number
    of those that the gate lets wait by `GUARD code`, and why prices did not come."""

    fates: Mapping[str, int] = field(default_factory=dict)
    stopped: str = ""
    until: dt.datetime | None = None
    waits: Mapping[str, int] = field(default_factory=dict)
    reasons: Sequence[Reason] = ()

    @property
    def worked(self) -> int:
        return sum(self.fates.values())


@dataclass(slots=True)
class Settling:
    """Receipts of one lease in the making, which intents are tried again, when, and until when the shop asked to be left alone."""

    lease: Lease
    rows: list[dict[str, object]] = field(default_factory=list)
    retry: dict[str, dt.datetime] = field(default_factory=dict)
    until: dt.datetime | None = None

    def note(self, intent: Row, at: dt.datetime, fate: str, code: str = "", **more: object) -> None:
        """The intent ends here."""
        row = {"intent": intent["intent"], "attempt": int(str(intent["attempt"])) + 1, "at": at, "worker": self.lease.worker}
        self.rows.append({**row, "fate": fate, "code": code, "sent": None, "read": None, "detail": None, **more})

    def again(self, intent: Row, at: dt.datetime, wait: float, fate: str, code: str, **more: object) -> None:
        """The intent was tried and is tried again."""
        self.note(intent, at, fate, code, **more)
        self.wait(intent, at + dt.timedelta(seconds=wait))

    def wait(self, intent: Row, due: dt.datetime) -> None:
        """The intent was not tried; its time comes later."""
        self.retry[str(intent["intent"])] = due


def step(desk: Desk) -> Done:
    """Work on one lease. Raises LedgerError where the ledger cannot be used; nothing is sent then."""
    now = desk.now()
    reason = stop_reason(desk) or unattested(desk)
    if reason:
        return Done(stopped=reason)
    until = patience.asked_to_wait(desk)
    if until is not None:
        return Done(until=until)
    send_by = now + dt.timedelta(seconds=desk.policy.publish.lease_seconds)
    ends = send_by + dt.timedelta(seconds=desk.policy.publish.doubt_seconds)
    lease = desk.book.lease(desk.target, desk.worker, now, ends, max(CALLS * desk.shop.capability.batch, LEAST))
    if lease.intents.is_empty():
        return Done()
    settling = Settling(lease)
    try:
        orders.read(desk)
        seen = readings.table(desk.shop.prices([Key(*row) for row in lease.intents.select(KEY).iter_rows()]))
    except ShopError as error:
        _later(desk, settling, lease.intents, error)
        return _settled(desk, settling, {})
    placed = lease.intents.join(seen, on=KEY, how="left", maintain_order="left")
    going, same = _sorted_out(desk, settling, placed)
    news = readings.news(desk.read("applied"), desk.target, seen, now, same)
    gated = judge(desk, going, news)
    _note_gate(desk, settling, gated)
    tried = _send(desk, settling, gated.leaving, send_by)
    after = _read_back(desk, settling, tried, news)
    done = _settled(desk, settling, {"applied": pl.concat([news, after]), "guard_hits": gated.hits, "switches": gated.switches}, gated.stop)
    return replace(done, waits=Counter(f"{guard} {code}".strip() for guard, code in gated.waiting.select("guard", "code").iter_rows()))


def unattested(desk: Desk) -> str:
    """Why this worker may not even take a price; "" where it may. Code and settings that nobody agreed to send nothing."""
    if attested(desk.read("attested"), desk.code):
        return ""
    return UNATTESTED


def _sorted_out(desk: Desk, settling: Settling, placed: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Intents that must be sent, and those whose price stands in the shop already (with `sent`); the others end here."""
    now = desk.now()
    lost = pl.col("read").is_null()
    other = pl.col("read").is_not_null() & (pl.col("currency") != pl.col("currency_right"))
    placed = placed.with_columns(foreign=foreign(placed, desk.read("intents"), desk.read("receipts")))
    old = pl.col("expires") <= now
    tired = pl.col("attempt") >= desk.policy.publish.attempts
    same = ~lost & ~other & (pl.col("read") == pl.col("price"))
    ends = {"same": (same, "same", ""), "expired": (old, "expired", "expired"), "dead": (tired, "dead", "attempts"),
            "lost": (lost, "rejected", "not_in_shop"), "other": (other, "rejected", "currency"),
            "foreign": (pl.col("foreign"), "superseded", "not_ours")}  # fmt: skip
    rest, equal = placed, placed.clear()
    for name, (test, fate, code) in ends.items():
        ending, rest = rest.filter(test), rest.filter(~test)
        equal = ending if name == "same" else equal
        for intent in ending.iter_rows(named=True):
            settling.note(intent, now, fate, code, read=intent["read"])
    return rest.drop("foreign"), equal.drop("foreign").with_columns(sent=pl.col("price"))


def _note_gate(desk: Desk, settling: Settling, gated: Gated) -> None:
    now = desk.now()
    for intent in gated.waiting.iter_rows(named=True):
        settling.wait(intent, intent["due"])
    for intent in gated.held.iter_rows(named=True):
        settling.note(intent, now, "held", f"{intent['guard']}:{intent['code']}", read=intent["read"], detail=intent["measured"])


def _send(desk: Desk, settling: Settling, leaving: pl.DataFrame, send_by: dt.datetime) -> pl.DataFrame:
    """Write call by call, the kill switch asked before each; what a worker sent has arrived before its lease ends, or never does.

    Returns the intents that may have arrived, with `fate`, `code`, `detail`, `sent`.
    """
    size = desk.shop.capability.batch
    parts = []
    for start in range(0, leaving.height, size):
        part = leaving.slice(start, size)
        busy = patience.asked_to_wait(desk)
        if busy or stop_reason(desk) or desk.now() > send_by:
            settling.until = busy
            for intent in leaving.slice(start).iter_rows(named=True):
                settling.wait(intent, busy or desk.now() + dt.timedelta(seconds=desk.policy.publish.lease_seconds))
            break
        try:
            answers = desk.shop.write([_writing(row) for row in part.iter_rows(named=True)])
        except ShopBusy as error:
            _later(desk, settling, leaving.slice(start), error)
            break
        except ShopError as error:
            answers = [Written(Key(*row), "unknown", "error", error.what) for row in part.select(KEY).iter_rows()]
        parts.append(_answered(part, answers))
    sent = pl.concat(parts) if parts else _answered(leaving.clear(), [])
    refused = sent.filter(pl.col("fate") == "rejected")
    for intent in refused.iter_rows(named=True):
        settling.note(intent, desk.now(), "rejected", str(intent["code"]) or "refused", sent=intent["price"], detail=intent["detail"])
    return sent.filter(pl.col("fate") != "rejected")


def _writing(row: Row) -> Writing:
    price = row["price"]
    assert isinstance(price, int)
    return Writing(Key(str(row["sku"]), str(row["channel"]), str(row["region"])), price, str(row["currency"]), str(row["handle"]))


def _answered(part: pl.DataFrame, answers: Sequence[Written]) -> pl.DataFrame:
    """Each intent with its answer; one that the shop did not mention is unknown."""
    schema = {**dict.fromkeys(KEY, pl.String()), "fate": pl.String(), "code": pl.String(), "detail": pl.String()}
    rows = [(*answer.key, answer.fate, answer.code, answer.detail) for answer in answers]
    table = pl.DataFrame(rows, schema=schema, orient="row").unique(KEY, keep="last", maintain_order=True)
    joined = part.drop("code", "guard", strict=False).join(table, on=KEY, how="left", maintain_order="left")
    return joined.with_columns(
        pl.col("fate").fill_null("unknown"), pl.col("code").fill_null("no_answer"), pl.col("detail").fill_null(""), sent=pl.col("price")
    )


def _read_back(desk: Desk, settling: Settling, tried: pl.DataFrame, news: pl.DataFrame) -> pl.DataFrame:
    """Read what was sent; only what is seen in the shop is applied. Returns rows of table APPLIED."""
    if tried.is_empty():
        return news.clear()
    try:
        _refuse_early(desk, settling)
        seen = readings.table(desk.shop.prices([Key(*row) for row in tried.select(KEY).iter_rows()]))
    except ShopError as error:
        _leave_alone(settling, error, desk.now())
        seen = readings.table({})
    now = desk.now()
    for intent in tried.drop("read").join(seen.select(*KEY, "read"), on=KEY, how="left", maintain_order="left").iter_rows(named=True):
        figures = {"sent": intent["sent"], "read": intent["read"], "detail": intent["detail"] or None}
        if intent["read"] == intent["price"]:
            settling.note(intent, now, "applied", **figures)
        elif intent["fate"] in ("unknown", "pending"):
            settling.again(
                intent, now, desk.policy.publish.doubt_seconds, str(intent["fate"]), intent["code"] or str(intent["fate"]), **figures
            )
        else:
            code = "unread" if intent["read"] is None else "mismatch"
            settling.again(intent, now, _backoff(desk, intent), "unknown", code, **figures)
    return readings.news(pl.concat([desk.read("applied").drop("seq"), news]), desk.target, seen, now, tried)


def _leave_alone(settling: Settling, error: ShopError, now: dt.datetime) -> None:
    """Keep until when a busy shop wants no call, of any worker."""
    if isinstance(error, ShopBusy) and error.wait is not None:
        settling.until = max(settling.until or now, now + dt.timedelta(seconds=error.wait))


def _refuse_early(desk: Desk, settling: Settling) -> None:
    """What was sent before the shop asked to wait is read when the wait is over."""
    if settling.until is not None and desk.now() < settling.until:
        raise ShopBusy("the shop asked to wait")


def _later(desk: Desk, settling: Settling, intents: pl.DataFrame, error: ShopError) -> None:
    """The shop could not be asked: nothing was sent. A shop that names a wait is asked no earlier."""
    now = desk.now()
    _leave_alone(settling, error, now)
    for intent in intents.iter_rows(named=True):
        wait = error.wait if isinstance(error, ShopBusy) and error.wait is not None else _backoff(desk, intent)
        if isinstance(error, ShopBusy):
            settling.wait(intent, now + dt.timedelta(seconds=wait))
        else:
            settling.again(intent, now, wait, "unknown", "unreachable", detail=error.what)


def _backoff(desk: Desk, intent: Row) -> float:
    """Seconds: doubling with each try, between half and all of it, so that workers do not return together."""
    longest = min(900.0, 5.0 * 2.0 ** min(int(str(intent["attempt"])), 10))
    return longest * (0.5 + 0.5 * float(desk.rng.random()))


def _settled(desk: Desk, settling: Settling, tables: Mapping[str, pl.DataFrame], stop: str = "") -> Done:
    receipts = pl.DataFrame(settling.rows, schema=RECEIPTS.schema)
    now = desk.now()
    done = Act(now, desk.worker, "settled", f"{desk.target}: {receipts.height} prices")
    act = done if settling.until is None else Act(now, desk.worker, patience.ACT, patience.subject(desk.target, settling.until))
    desk.book.settle(settling.lease, act, receipts, tables, settling.retry)
    fates = Counter(str(row["fate"]) for row in settling.rows)
    waits = sum(intent not in {str(row["intent"]) for row in settling.rows} for intent in settling.retry)
    return Done({**fates, **({"waiting": waits} if waits else {})}, stop, settling.until, reasons=reasons(settling.rows))
