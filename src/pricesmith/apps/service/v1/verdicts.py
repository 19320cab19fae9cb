"""Answers of people to proposed prices."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from pricesmith.apps.service.ask import Ask
from pricesmith.apps.service.route import Route
from pricesmith.flows.desk.approval.accepted import Judged, judged
from pricesmith.flows.desk.approval.foreseen import Foreseen
from pricesmith.flows.desk.approval.leaving import accepted
from pricesmith.flows.publishing.answers.answering import answer

from ._key import Item


class GivenAnswer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An answer to a run: to the products, or to all of it where they are left out (null). A rejection needs a reason. An acceptance of all
    leaves out what somebody rejected, and that in whose place a person set another price: who names a product accepts it all the same.

    withdraw  takes back what the same person answered before
    """

    answer: Literal["accept", "reject", "withdraw"]
    products: Annotated[list[Item], msgspec.Meta(min_length=1, max_length=10_000)] | None = None
    why: Annotated[str, msgspec.Meta(max_length=2000)] = ""


class Answered(msgspec.Struct, frozen=True):
    """count: changes that the answer covers.

    held    of what is accepted of the run by now and was not sent yet, what guards would hold, and whether they would stop the channel, if
            all of it were published together: an answer of a program takes what it names, also what would be held
    judged  whether what is now accepted of the run, by itself, keeps the rules over several products, and whether all that is left of it
            would once it is accepted; the answer stands either way, and
            where that is still being worked out the run says it in a while
    """

    run: str
    answer: str
    count: int
    held: Foreseen
    judged: Judged


def verdict(ask: Ask) -> Answered:
    given: GivenAnswer = ask.given
    keys = None if given.products is None else [one.key for one in given.products]
    place, run = ask.reading, ask.path["run"]
    count = answer(place.book, run, given.answer, by=ask.who.name, at=ask.at, policy=place.policy, why=given.why or None, keys=keys)
    laid = place.run(run)
    return Answered(run, given.answer, count, accepted(place, laid, ask.at), judged(place, laid, ask.at))


ROUTES = (Route("api.verdict", "POST", "/api/v1/runs/{run}/verdicts", "approve", verdict, GivenAnswer, Answered),)
