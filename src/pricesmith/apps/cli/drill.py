"""`pricesmith drill`: the glitch drill on a shop, dry."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from . import options

if TYPE_CHECKING:
    from pricesmith.flows.drill import Drilled
    from pricesmith.guards.drill import Outcome


@click.command(
    name="drill",
    short_help="Try every known pricing glitch on a shop, dry.",
    epilog="Example:  pricesmith drill myshop",
)
@options.folder
@options.as_of
@options.as_json
def command(folder: Path, as_of: dt.date | None, as_json: bool) -> int:
    """Try every known way to publish wrong prices on the products of the shop in DIR, and print what the last gate would have stopped.

    Nothing is sent anywhere. The thresholds are those of [guards] in shop.toml. Exit status 1 where a wrong price would have reached a
    customer, or where prices as they stand would not.
    """
    from pricesmith.flows import batch, drill

    from .output import print_json

    drilled = drill.run(batch.load(folder), as_of)
    if as_json:
        print_json(document(drilled))
    else:
        click.echo(report(drilled))
    return 0 if all(passed(outcome) for outcome in drilled.outcomes) else 1


def passed(outcome: Outcome) -> bool:
    """Whether a glitch was stopped, and what is right was not."""
    from pricesmith.guards.drill import CONTROL

    return outcome.left == (outcome.tried if outcome.name == CONTROL else 0)


def document(drilled: Drilled) -> dict[str, Any]:
    """The drill as a JSON document."""
    return {
        "products": drilled.products,
        "held_as_they_stand": drilled.held,
        "orders_unseen": list(drilled.blind),
        "glitches": [
            {name: getattr(outcome, name) for name in outcome.__slots__} | {"passed": passed(outcome)} for outcome in drilled.outcomes
        ],
        "passed": all(passed(outcome) for outcome in drilled.outcomes),
    }


def report(drilled: Drilled) -> str:
    """The drill for people."""
    from pricesmith.apps.report.numbers import aligned

    rows = [
        (
            outcome.title,
            f"{outcome.left:,} of {outcome.tried:,}",
            " ".join(outcome.guards),
            why(outcome),
            "ok" if passed(outcome) else "GOT THROUGH",
        )
        for outcome in drilled.outcomes
    ]
    ready = drilled.products - sum(drilled.held.values())
    parts = [f"{ready:,} of {drilled.products:,} products take part; nothing is sent."]
    if drilled.held:
        parts.append("Held as they stand: " + ", ".join(f"{count:,} {code}" for code, count in sorted(drilled.held.items())))
    if drilled.blind:
        parts.append(
            f"No orders are seen at {', '.join(drilled.blind)}: a cut there needs a person behind it (G16), and no rush is noticed."
        )
    parts.append("\n".join(aligned([("glitch", "would leave", "guards", "reason", ""), *rows], left=5)))
    missed = sum(not passed(outcome) for outcome in drilled.outcomes)
    parts.append("Every glitch would have been stopped." if not missed else f"{missed} of {len(rows)} did not go as they should.")
    return "\n\n".join(parts)


def why(outcome: Outcome) -> str:
    """The most frequent reasons, in short."""
    return ", ".join(([f"stopped: {outcome.stop}"] if outcome.stop else []) + list(outcome.codes[:2]))
