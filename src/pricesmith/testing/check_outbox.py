"""What every outbox must keep to: of each price the newest version leaves, in one hand at a time, and each intent ends."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import polars as pl

from pricesmith.contracts.ledger import Act, Books, Lease

from ._refused import refused
from .ledger_rows import AT, DAY, applied, intents, made, receipts

MINUTE = dt.timedelta(minutes=1)
ACT = Act(AT, "w", "settled", "web")


def check_outbox(make: Callable[[], Books]) -> None:
    """Raise AssertionError with the promise that an outbox breaks.

    make  opens an empty ledger, a new one each time
    """
    known = (
        _check_order, _check_fence, _check_newest, _check_in_hand, _check_unanswered, _check_never_tried, _check_retry, _check_given_up,
        _check_wrong,
    )  # fmt: skip
    for check in known:
        check(make())


def _take(books: Books, now: dt.datetime = AT, most: int = 10, worker: str = "w", target: str = "web") -> Lease:
    return books.lease(target, worker, now, now + MINUTE, most)


def _taken(lease: Lease) -> list[str]:
    return lease.intents["intent"].to_list()


def _settle(books: Books, lease: Lease, fate: str = "applied", retry_at: dict[str, dt.datetime] | None = None) -> None:
    tables = {"applied": applied(lease)} if fate == "applied" else {}
    books.settle(lease, ACT, receipts(lease, fate), tables, retry_at or {})


def _lost(books: Books, lease: Lease, fate: str = "applied") -> None:
    before = books.read("audit").height
    with refused("an old fence"):
        _settle(books, lease, fate)
    assert books.read("audit").height == before, "what settles with an old fence writes nothing"


def _check_order(books: Books) -> None:
    """The oldest first, at most so many, of one target; what was settled is done."""
    books.append(ACT, {"intents": intents(("c", 1), ("a", 1), ("b", 1))})
    books.append(ACT, {"intents": intents(("a", 2), target="other").with_columns(intent=pl.lit("other"))})
    waiting = books.waiting("web")
    assert waiting.rows() == [(f"{sku}/1", sku, "default", "default", 1, 0, AT) for sku in "cab"], "waiting says what there is"
    first = _take(books, most=2)
    assert _taken(first) == ["c/1", "a/1"] and first.intents["attempt"].to_list() == [0, 0]
    assert first.until == AT + MINUTE and first.intents.drop("attempt").equals(books.read("intents", {"intent": _taken(first)}).drop("seq"))
    second = _take(books, worker="v")
    assert _taken(second) == ["b/1"] and second.fence > first.fence, "what is in hand is not given out again; fences grow"
    assert _take(books).fence == 0 and books.waiting("web").height == 3
    _settle(books, first)
    assert books.waiting("web")["intent"].to_list() == ["b/1"] and books.read("applied").height == 2
    assert _taken(_take(books, AT - MINUTE, target="other")) == [], "an intent is not due before its time"
    assert not books.verify().findings


def _check_fence(books: Books) -> None:
    """Who was late is refused; who was late but not replaced is not."""
    books.append(ACT, {"intents": intents(("a", 1), ("b", 1))})
    late = _take(books, worker="slow")
    taken = _take(books, AT + MINUTE, worker="quick")
    assert _taken(taken) == ["a/1", "b/1"] and taken.fence > late.fence, "a lease ends with its time"
    _lost(books, late)
    _settle(books, taken)
    for lease in (taken, late):
        _lost(books, lease)
    books.append(ACT, {"intents": intents(("a", 2))})
    alone = _take(books)
    books.settle(alone, Act(AT + DAY, "w", "settled", "web"), receipts(alone), {}, {})
    assert books.waiting("web").is_empty(), "a lease that nobody took over settles after its time"


def _check_newest(books: Books) -> None:
    """Of one product only the newest version leaves; older ones end as superseded, also where they come later."""
    books.append(ACT, {"intents": intents(("a", 1), ("b", 1), ("a", 3), ("a", 2), ("c", 1))})
    lease = _take(books, most=2)
    assert _taken(lease) == ["b/1", "a/3"]
    ends = books.read("receipts")
    assert ends.select("intent", "attempt", "fate", "code", "worker").rows() == [("a/1", 1, "superseded", "newer_version", "w")]
    _settle(books, lease)
    assert _taken(_take(books)) == ["c/1"], "a newer version that is done is newer still"
    assert books.read("receipts", {"fate": "superseded"})["intent"].to_list() == ["a/1", "a/2"]
    assert books.read("audit", {"act": "superseded"}).height == 2 and not books.verify().findings


def _check_in_hand(books: Books) -> None:
    """While a price is in one hand, no other version of it is in another."""
    books.append(ACT, {"intents": intents(("a", 1))})
    lease = _take(books)
    books.append(ACT, {"intents": intents(("a", 2), ("b", 1))})
    assert _taken(_take(books, worker="v")) == ["b/1"], "a/2 waits for a/1"
    _settle(books, lease, "unknown", {"a/1": AT})
    assert _taken(_take(books)) == ["a/2"], "a retry gives way to a newer version"
    assert books.read("receipts", {"intent": "a/1"})["fate"].to_list() == ["unknown", "superseded"]


def _check_unanswered(books: Books) -> None:
    """What was sent without an answer keeps newer versions of its product back until it is due; what was not sent does not."""
    books.append(ACT, {"intents": intents(("a", 1), ("b", 1))})
    lease = _take(books)
    sent = receipts(lease, "unknown").filter(pl.col("intent") == "a/1")
    books.settle(
        lease, ACT, sent, {"applied": applied(lease).clear(), "guard_hits": pl.DataFrame()}, dict.fromkeys(_taken(lease), AT + DAY)
    )
    books.append(ACT, {"intents": intents(("a", 2), ("b", 2))})
    assert _taken(_take(books)) == ["b/2"], "a/2 waits until a/1 can be read"
    assert _taken(_take(books, AT + DAY)) == ["a/2", "b/2"]
    ends = books.read("receipts", {"fate": "superseded"})
    assert ends.select("intent", "attempt").rows() == [("b/1", 1), ("a/1", 2)]


def _check_never_tried(books: Books) -> None:
    """What was put back untried does not wait for its time where a newer version is written; what is in a hand, or was tried, does."""
    books.append(ACT, {"intents": intents(("a", 1), ("b", 1))})
    lease = _take(books)
    books.settle(lease, ACT, receipts(lease).clear(), {}, dict.fromkeys(_taken(lease), AT + DAY))
    books.append(ACT, {"intents": intents(("a", 2))})
    assert _taken(_take(books)) == ["a/2"]
    assert books.read("receipts").select("intent", "fate").rows() == [("a/1", "superseded")]
    assert books.waiting("web").select("intent", "due").rows() == [("b/1", AT + DAY), ("a/2", AT)]


def _check_retry(books: Books) -> None:
    """A retry waits for its time, and tries are counted; part of a lease can be settled."""
    books.append(ACT, {"intents": intents(("a", 1), ("b", 1), ("c", 1))})
    lease = _take(books)
    part = Lease(lease.worker, lease.fence, lease.until, lease.intents.filter(pl.col("sku") == "a"))
    _settle(books, part, "unknown", {"a/1": AT + 5 * MINUTE, "b/1": AT + 2 * MINUTE})
    assert _taken(_take(books, AT + MINUTE)) == ["c/1"], "what was not settled stays in hand until its time"
    again = _take(books, AT + 5 * MINUTE)
    books.settle(again, ACT, pl.DataFrame(), {}, {})
    assert dict(again.intents.select("intent", "attempt").iter_rows()) == {"a/1": 1, "b/1": 0, "c/1": 0}
    assert _taken(again) == ["a/1", "b/1", "c/1"]
    _settle(books, again, "dead")
    assert books.waiting("web").is_empty() and books.read("receipts").height == 4


def _check_given_up(books: Books) -> None:
    """Every open intent of a target ends, tried or not and due or not, but not while one is in hand; another target keeps its own."""
    books.append(ACT, {"intents": intents(("a", 1), ("b", 1), ("c", 1))})
    lease = _take(books, most=2)
    with refused("what is in hand"):
        books.give_up("web", ACT, "shop_removed")
    _settle(books, lease, "unknown", {"a/1": AT + DAY, "b/1": AT + DAY})
    assert books.give_up("other", ACT, "shop_removed") == 0
    assert books.give_up("web", ACT, "shop_removed") == 3 and books.waiting("web").is_empty()
    ends = books.read("receipts", {"fate": "superseded"})
    assert ends.select("intent", "attempt", "code").rows() == [
        ("a/1", 2, "shop_removed"),
        ("b/1", 2, "shop_removed"),
        ("c/1", 1, "shop_removed"),
    ]
    assert books.give_up("web", ACT, "shop_removed") == 0 and _take(books, AT + DAY).fence == 0


def _check_wrong(books: Books) -> None:
    """What cannot be is refused, and changes nothing."""
    books.append(ACT, {"intents": intents(("a", 1), ("b", 1))})
    lease = _take(books)
    good = receipts(lease)
    wrong = {
        "a try that is not the next": good.with_columns(attempt=pl.lit(2, pl.Int64)),
        "two receipts of an intent": pl.concat([good, good.with_columns(attempt=pl.lit(2, pl.Int64))]),
        "an intent that is not in hand": good.with_columns(intent=pl.lit("c/1")).head(1),
        "a fate that is none": good.with_columns(fate=pl.lit("lost")),
    }
    for name, frame in wrong.items():
        with refused(name):
            books.settle(lease, ACT, frame, {}, {})
    with refused("receipts among the tables"):
        books.settle(lease, ACT, good, {"receipts": good}, {})
    with refused("a retry of what is not in hand"):
        books.settle(lease, ACT, good, {}, {"c/1": AT})
    with refused("a retry at no known time"):
        books.settle(lease, ACT, good, {}, {"a/1": AT.replace(tzinfo=None)})
    with refused("further rows that cannot be"):
        books.settle(lease, ACT, good, {"applied": made("applied", {"price": -1})}, {})
    for worker, until, most in (("", AT + MINUTE, 1), ("w", AT + MINUTE, 0), ("w", AT, 1)):
        with refused(f"a lease of {most} by {worker!r} until {until}"):
            books.lease("web", worker, AT, until, most)
    assert books.read("receipts").is_empty() and books.read("audit").height == 1 and books.waiting("web").height == 2
    _settle(books, lease)
