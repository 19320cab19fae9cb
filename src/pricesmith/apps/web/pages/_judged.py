"""Puts into the banner after an answer what it left out, and whether what is then accepted, or left, breaks a rule over several
products."""

from __future__ import annotations

from typing import Any

import polars as pl

from pricesmith.apps.service.ask import Ask
from pricesmith.apps.web.barred import breaks, left, unjudged
from pricesmith.apps.web.second import whys
from pricesmith.contracts.money import format_minor
from pricesmith.flows.desk.approval.accepted import judged
from pricesmith.flows.desk.approval.another import another
from pricesmith.flows.desk.approval.contradicted import Contradicted, left_aside
from pricesmith.flows.desk.approval.foreseen import foreseen


def left_out(ask: Ask, said: str, count: int) -> dict[str, str]:
    """Facts of the act that gave the answer, in words, empty where nothing was left out. count: changes that were."""
    return {"left_out": ask.words("said_left_out", count=count)} if count > 0 and said != "withdraw" else {}


def set_aside(ask: Ask, count: int) -> dict[str, str]:
    """The same for what an acceptance left aside because a guard would hold it."""
    return {"spared": ask.words("said_aside", count=count)} if count else {}


def to_be_held(ask: Ask, said: str, run: str, keys: pl.DataFrame) -> dict[str, str]:
    """The same for what is accepted although a guard is foreseen to hold it, empty where that is not known.

    keys  of the changes that were meant
    """
    if said != "accept":
        return {}
    found = foreseen(ask.reading, ask.reading.run(run), ask.at, keys)
    whys = ask.words("semicolon").join(ask.words.held(one.guard, one.code) for one in found.caught)
    return {"to_be_held": ask.words("said_held", count=f"{found.changes:,}", why=whys)} if found.changes else {}


def waits_for_another(ask: Ask, said: str, run: str, keys: pl.DataFrame | None) -> dict[str, Any]:
    """The same for what is accepted and needs another person still: `second` in words, `another` as a number; to be asked afterwards.

    keys  of the changes that were meant, all of the run where None
    """
    if said != "accept":
        return {}
    found, words = another(ask.reading, ask.reading.run(run), ask.at, keys), ask.words
    if not found.changes:
        return {}
    does = words("said_another_name" if ask.desk.open_ else "said_another_do")
    smaller = words("said_another_smaller") if "large_move" in found.whys else ""
    told = words("said_another", count=f"{found.changes:,}", whys=whys(words, found))
    return {"second": " ".join(part for part in (told, does, smaller) if part), "another": found.changes}


def beside_own(ask: Ask, said: str, run: str, keys: pl.DataFrame | None, *, singly: bool) -> tuple[dict[str, str], int]:
    """The same for changes in whose place a person set another price, and how many of them are left aside: named singly none are.

    keys  of the changes that were meant, all of the run where None. To be asked before the answer is given
    """
    found = left_aside(ask.reading, ask.reading.run(run), ask.at, keys) if said == "accept" else Contradicted()
    if not found.changes:
        return {}, 0
    first, currency = found.rows[0], ask.reading.run(run).currency
    prices = {"price": format_minor(first.price, currency), "own": format_minor(first.own, currency)}
    key = "said_set_beside" if not singly else "said_contradicts" if first.later else "said_contradicts_here"
    told = {"count": f"{found.changes:,}", "product": first.name or first.sku, "run": first.run, "by": ask.words.who(first.by)}
    return {"contradicts": ask.words(key, **told, **prices)}, 0 if singly else found.changes


def breaks_of(ask: Ask, run: str) -> dict[str, str]:
    """Facts of the act that gave the answer, in words, empty where no rule is broken.

    breaks    the first rule that what is now accepted breaks;  rest: that all that is left would break once it is accepted
    unjudged  in their place where that is not known: that it is being worked out, or why it could not be
    """
    found = judged(ask.reading, ask.reading.run(run), ask.at)
    if found.failed is not None:
        return {"unjudged": unjudged(ask.words, found.failed.what, found.failed.where, found.failed.hint)}
    told = {"breaks": breaks(ask.words, found.broken[:1])} if found.broken else {}
    told |= {"rest": left(ask.words, found.left[:1])} if found.left else {}
    return told or ({"unjudged": ask.words("part_working")} if found.working else {})
