"""The tables of the ledger, which are only ever added to.

Everything that is decided, approved, sent, and seen in a shop stands here, each row under the audit row (`seq`) in whose transaction it was
written. `LEDGER` defines the tables once; the SQL of the migrations is checked against it.
"""

from __future__ import annotations

from .tables import DECISIONS, Column, Table


def _text(name: str, description: str, required: bool = True) -> Column:
    return Column(name, "text", description, required=required)


def _moment(name: str, description: str, required: bool = True) -> Column:
    return Column(name, "moment", description, unit="UTC", required=required)


def _minor(name: str, description: str, required: bool = True, low: float = 0.0) -> Column:
    return Column(name, "minor", description, unit="minor currency units", required=required, low=low)


def _set(name: str, description: str, required: bool = True) -> Column:
    """A price that we set: never zero. A price that was read may be."""
    return _minor(name, description, required, low=1.0)


def _whole(name: str, description: str, required: bool = True) -> Column:
    return Column(name, "integer", description, required=required, low=0.0)


_RUN = _text("run", "run that it belongs to")
_KEY = (_text("sku", "product key"), _text("channel", "sales channel"), _text("region", "price region"))
_AT = _moment("at", "when")
_BY = _text("by", "who")
_TARGET = _text("target", "name of the shop in the policy")

CONTENTS = Table(
    "contents",
    ("content",),
    (
        _text("content", "SHA-256 of the bytes, in hexadecimal"),
        _text("kind", "what it is: `policy`, `snapshot.items`, `model.effects`, ..."),
        Column("bytes", "binary", "the bytes: TOML text, or one Arrow IPC table", required=True),
    ),
    "what runs were made from, each kept once: policies, snapshots, models",
)
RUNS = Table(
    "runs",
    ("run",),
    (
        _RUN,
        _AT,
        _BY,
        Column("as_of", "date", "day of the run", required=True),
        _text("currency", "ISO 4217 code"),
        _text("kind", "`price`, `undo` or `override`"),
        _text("parent", "run that it undoes or overrides", required=False),
        _text("policy", "content id of the shop.toml"),
        _text("snapshot", "content ids of the snapshot's tables, a JSON object"),
        _text("model", "content ids of the model's tables, a JSON object"),
        _text("code", "version of pricesmith, and digest of its source"),
        Column("value", "number", "objective at the prices", required=True),
        Column("bound", "number", "upper bound of the objective", required=True),
        _text("digest", "digest of its decisions: what an approval binds"),
        _text("facts", "what is known beside the prices, a JSON object: freshness of costs, offers, stock; the joint change of profit"),
    ),
    "the runs that made price lists",
)
DECIDED = Table(
    "decided",
    ("run", *DECISIONS.key),
    (
        _RUN,
        *DECISIONS.columns,
        _text("explanation", "why this price, as `explain --json` said it then: a JSON object"),
        Column("cluster", "text", "cluster of the hold-out draw", required=False),
        Column(
            "propensity",
            "fraction",
            "chance with which the cluster's prices could change; 1 without hold-out",
            required=True,
            low=0.0,
            high=1.0,
        ),
    ),
    "every decision of every run, with its explanation as stored",
)
VERDICTS = Table(
    "verdicts",
    ("verdict",),
    (
        _text("verdict", "its key"),
        _RUN,
        _AT,
        _text("requester", "who asked"),
        _text("approver", "who answered; never the requester where a second person is needed"),
        _text("answer", "`accept`, `reject` or `withdraw`"),
        _text("why", "reason given", required=False),
        _text("digest", "digest of exactly what was seen"),
        _moment("expires", "when an acceptance ends"),
        _text("sku", "the product, or `*` for the whole run"),
        _text("channel", "its channel, or `*`"),
        _text("region", "its region, or `*`"),
    ),
    "acceptances, rejections and their withdrawal",
)
INTENTS = Table(
    "intents",
    ("intent",),
    (
        _text("intent", "its key"),
        _RUN,
        _AT,
        _TARGET,
        *_KEY,
        _whole("version", "order of prices of this product on this target: a newer price wins"),
        _set("price", "price to be set; absolute"),
        _minor("previous", "price before, as decided on", required=False),
        _text("currency", "ISO 4217 code"),
        _text("kind", "`publish` or `undo`"),
        _moment("expires", "when it is given up"),
    ),
    "prices that are to leave; the outbox holds their state",
)
RECEIPTS = Table(
    "receipts",
    ("intent", "attempt"),
    (
        _text("intent", "intent that was tried"),
        _whole("attempt", "number of the try"),
        _AT,
        _text("worker", "who tried"),
        _text("fate", "`applied`, `same`, `rejected`, `unknown`, `pending`, `superseded`, `expired`, `held` or `dead`"),
        _text("code", "stable reason, empty where applied"),
        _set("sent", "price sent; null where none was", required=False),
        _minor("read", "price read back; null where none was", required=False),
        _text("detail", "words of the shop, without secrets; of a held price what the guard measured it by, as JSON", required=False),
    ),
    "what became of each try to publish",
)
APPLIED = Table(
    "applied",
    ("target", *DECISIONS.key, "at"),
    (
        _TARGET,
        *_KEY,
        _AT,
        _minor("price", "price from then on, as read in the shop"),
        _text("currency", "ISO 4217 code"),
        _text("cause", "`publish`, `undo`, `found` (first reading) or `drift` (changed by somebody else)"),
        _text("intent", "the intent, where it was ours", required=False),
    ),
    "prices in shops: each row holds from its moment until the next of the same product",
)
GUARD_HITS = Table(
    "guard_hits",
    ("hit",),
    (
        _text("hit", "its key"),
        _AT,
        _text("guard", "`G1` to `G19`"),
        _text("code", "stable reason"),
        _TARGET,
        _text("run", "run", required=False),
        _text("sku", "product; null where the whole channel stops", required=False),
        _text("channel", "sales channel", required=False),
        _text("region", "price region", required=False),
        _minor("price", "price that was caught", required=False),
        Column("stops", "flag", "1 where the channel stopped", required=True),
    ),
    "what the guards caught",
)
SWITCHES = Table(
    "switches",
    ("switch",),
    (
        _text("switch", "its key"),
        _AT,
        _BY,
        _text("scope", "`all`, `target`, or `sku`"),
        _text("name", "name of the target or product, `*` for all"),
        _text("state", "`stop`, `trip` (by a guard), `release_asked` or `release`"),
        _text("why", "reason", required=False),
    ),
    "the kill switch: stopped is what was stopped and not released by a second person",
)
EXCEPTIONS = Table(
    "exceptions",
    ("exception",),
    (
        _text("exception", "its key"),
        _AT,
        *_KEY,
        _set("floor", "lowest price allowed instead"),
        _text("requester", "who asked"),
        _text("approver", "who agreed, another person"),
        _moment("expires", "when it ends"),
        _text("why", "reason"),
    ),
    "floors lowered by two people for a while",
)
SALES_SEEN = Table(
    "sales_seen",
    ("date", *DECISIONS.key),
    (
        Column("date", "date", "day", required=True),
        *_KEY,
        Column("units", "number", "units sold", unit="units", required=True),
        Column("revenue", "number", "net revenue", unit="minor currency units", required=True),
        Column("profit", "number", "kept price less landed cost, summed", unit="minor currency units"),
    ),
    "sales after prices were published: what outcomes are read from",
)
ATTESTED = Table(
    "attested",
    ("digest",),
    (
        _text("digest", "digest of code and settings that may publish"),
        _AT,
        _text("requester", "who asked"),
        _text("approver", "who agreed, another person"),
    ),
    "code and settings that may publish",
)
AUDIT = Table(
    "audit",
    ("seq",),
    (
        _whole("seq", "1, 2, 3, ...: without a gap"),
        _AT,
        _BY,
        _text("act", "what was done: `recorded_run`, `accepted`, `queued`, `settled`, `stopped`, ..."),
        _text("subject", "what it was done to"),
        _text("digest", "of each table written with it `table:rows:SHA-256`, joined by spaces; empty where none was"),
        _text("previous", "chain value of the row before"),
        _text("chain", "SHA-256 over this row and `previous`"),
    ),
    "every act, in a hash chain",
)
CHECKPOINTS = Table(
    "checkpoints",
    ("seq",),
    (
        _whole("seq", "last audit row that it covers"),
        _AT,
        _text("chain", "chain value there"),
        _text("key", "public key"),
        _text("signature", "Ed25519 signature"),
    ),
    "signed heads of the chain, to be kept elsewhere: without them a cut-off end cannot be seen",
)

_ALL = (
    *(CONTENTS, RUNS, DECIDED, VERDICTS, INTENTS, RECEIPTS, APPLIED),
    *(GUARD_HITS, SWITCHES, EXCEPTIONS, SALES_SEEN, ATTESTED, AUDIT, CHECKPOINTS),
)
LEDGER: dict[str, Table] = {table.name: table for table in _ALL}
"""The tables of the ledger, by name. All are append-only; the outbox (who is sending what now) stands beside them."""
