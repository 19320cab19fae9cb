"""A question of the page What if: a stored run of a made shop decided again under a limit, and set beside doing nothing."""

from __future__ import annotations

import sys
import tempfile
from itertools import count
from pathlib import Path

from benchmarks.decide import LEARNED, grow
from benchmarks.full_model import make
from benchmarks.support.measure import goal, report, timed
from pricesmith import engine
from pricesmith.contracts.policy import parse_policy
from pricesmith.flows.batch import fit, load
from pricesmith.flows.desk.reading.ledger import Reading
from pricesmith.flows.desk.what_if.answer import what_if
from pricesmith.flows.desk.what_if.question import Asked
from pricesmith.flows.publishing.history.record import Made, record
from pricesmith.flows.publishing.history.runs import Facts
from pricesmith.flows.publishing.office import office
from pricesmith.rules import RULES

CASE = "what_if"
MOST_SECONDS = 2.0
INDEX = '\n[[rule]]\nkind = "index_limit"\nmax_move = 0.01\n'
"""A sum over all prices, which no part of the shop can be decided without."""


def main(products: int = 10_000) -> None:
    for more, name in (("", "limits alone"), (INDEX, "with a limit on the average move")):
        reading = recorded(products, more)
        percents = count(3)

        def question(reading: Reading = reading, percents: count[int] = percents) -> None:
            """Each another one, so that none is answered from memory."""
            asked = Asked(changes=[f"move_limit?percent={next(percents)}", "cost_change?percent=2"])
            while not (found := what_if(reading, asked)).plans:
                assert found.working, found.trouble

        what_if(reading, Asked())
        _, timing = timed(question, repeats=3)
        report(CASE, f"what if, {name}", products, timing)
        task = f"a question about {products:,} products <= {MOST_SECONDS:g} CPU s, {name}"
        goal(CASE, task, f"{timing.cpu:.2f} CPU s", timing.cpu <= MOST_SECONDS)
        _, baseline = timed(lambda reading=reading: what_if(reading, Asked()), repeats=5)  # type: ignore[misc]
        report(CASE, f"the page without a question, {name}", products, baseline)


def recorded(products: int, more: str) -> Reading:
    """A made shop with a run on its ledger, read once."""
    folder = Path(tempfile.mkdtemp())
    make(folder, min(LEARNED, products))
    text = (folder / "shop.toml").read_text(encoding="utf-8") + more
    (folder / "shop.toml").write_text(text, encoding="utf-8")
    learned = fit(load(folder))
    snapshot, model = grow(learned.snapshot, learned.model, max(products // LEARNED, 1))
    policy = parse_policy(text, RULES)
    place = office(folder)
    made = Made(snapshot, policy, text, model, engine.decide(snapshot, model, policy))
    run = record(place.book, made, at=place.now(), code="benchmark", facts=Facts()).run
    reading = Reading(place)
    reading.run(run)
    reading.replayed(run)
    return reading


if __name__ == "__main__":
    main(*(int(size) for size in sys.argv[1:2]))
