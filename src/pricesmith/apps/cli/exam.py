"""`pricesmith exam`: simulated shops with known truth."""

from __future__ import annotations

from typing import Any

import click

from . import options


@click.command(
    name="exam",
    short_help="Simulated shops with known truth, marked.",
    epilog="Example:  pricesmith exam --kind plain --seed 7 --products 100 --days 200",
)
@click.option("--kind", "kinds", multiple=True, metavar="NAME", help="Kind of shop; may be given several times. Default: every kind.")
@click.option("--seed", "seeds", type=int, multiple=True, metavar="N", help="Seed; may be given several times. Default: 0 and 1.")
@click.option("--products", type=click.IntRange(2, 100_000), default=300, show_default=True, help="Products of each shop.")
@click.option("--days", type=click.IntRange(60, 5_000), default=540, show_default=True, help="Days of history.")
@options.as_json
def command(kinds: tuple[str, ...], seeds: tuple[int, ...], products: int, days: int, as_json: bool) -> None:
    """Price simulated shops from their files alone and mark the result by the truth that the files do not show.

    captured 0 is today's prices, 1 the best lawful prices with the truth known.
    """
    from pricesmith.contracts.errors import UnknownChoice
    from pricesmith.flows import exam
    from pricesmith.simulation.world import KINDS

    from .output import print_json
    from .progress import steps

    for kind in kinds:
        if kind not in KINDS:
            raise UnknownChoice("kind of shop", kind, KINDS, where="--kind")
    chosen, drawn = kinds or tuple(KINDS), seeds or (0, 1)
    with steps(len(chosen) * len(drawn)) as step:
        entries = exam.run_exam(chosen, drawn, products, days, step)
    if as_json:
        print_json(entries)
    else:
        click.echo("\n".join(table(exam.means(entries), captured_by_baselines(entries))))


def captured_by_baselines(entries: list[dict[str, Any]]) -> dict[str, dict[str, float]]:
    """Kind -> baseline -> mean captured share over its shops."""
    kinds = list(dict.fromkeys(entry["kind"] for entry in entries))
    shares = {kind: [entry["baselines"] for entry in entries if entry["kind"] == kind] for kind in kinds}
    return {
        kind: {name: sum(shop[name]["captured"] or 0.0 for shop in shops) / len(shops) for name in shops[0]}
        for kind, shops in shares.items()
    }


def table(means: list[dict[str, Any]], baselines: dict[str, dict[str, float]]) -> list[str]:
    """One line a kind: means over its shops, and what the baselines capture."""
    from pricesmith.apps.report.numbers import aligned, plain

    rows = [{**row, **{f"by {name}": share for name, share in baselines[row["kind"]].items()}} for row in means]
    cells = [[plain(cell, 3) if isinstance(cell, float) else "-" if cell is None else str(cell) for cell in row.values()] for row in rows]
    return aligned([[name.replace("_", " ") for name in rows[0]], *cells])
