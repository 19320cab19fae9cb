"""`pricesmith price`: decide, write the price list and the report."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from . import options

if TYPE_CHECKING:
    from pricesmith.apps.report.content import Content
    from pricesmith.flows.batch import Loaded, Priced
    from pricesmith.flows.desk.approval.foreseen import Foreseen
    from pricesmith.flows.desk.models.said_against import Covered
    from pricesmith.flows.publishing.history.record import Recorded

    from .progress import Step

SAME = "the same data and settings as before, so the same run"
"""Begins the line on a run that stood in the ledger before."""


@click.command(
    name="price",
    short_help="Decide; write the price list and a report.",
    epilog="Example:  pricesmith price myshop --out prices.csv --report report.html",
)
@options.folder
@options.as_of
@options.model
@options.out("the price list")
@click.option("--report", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE.html", help="Write an HTML report as well.")
@click.option("--by", metavar="NAME", default="pricesmith", show_default=True, help="Who asks; somebody else approves.")
@click.option("--record/--no-record", default=True, show_default=True, help="Write the run into the shop's ledger.")
@options.locale
@options.as_json
def command(
    folder: Path,
    as_of: dt.date | None,
    model: str | None,
    out: Path,
    report: Path | None,
    by: str,
    record: bool,
    locale: str | None,
    as_json: bool,
) -> None:
    """Choose the best lawful price of every active product of the shop in DIR and write the price list.

    Nothing is written where data or policy is wrong. The same folder, date and options give the same file, byte for byte. Of a recorded
    run it is told how many changes a guard would hold when they are published; and what the last backtest says against the model.
    """
    from pricesmith.apps.report.summary import summary
    from pricesmith.flows import batch, wiring
    from pricesmith.flows.desk.models.said_against import said_against

    from . import foretell, tested
    from .output import check_ending, print_json, spare
    from .progress import steps

    check_ending(out)
    spare(folder, out, report)
    with steps(7) as step:
        check_answered(folder)
        files = wiring.files_of(folder) if folder.is_dir() else {}
        loaded = batch.load(folder, model, step, locale=locale)
        content, priced = run(loaded, as_of, out, report, step)
        recorded = remember(loaded, priced, by, step, files) if record else None
    held = foretell.foretell(folder, recorded.run) if recorded else None
    against = said_against(folder, loaded.policy.model.name)
    if as_json:
        print_json({**document(content, out, report), **beside(recorded, held, against)})
        return
    click.echo(summary(content) + f"\n\nprice list: {out}" + (f"\nreport: {report}" if report else ""))
    said = tested.lines(against, folder, content.locale)
    said += [told(recorded, folder)] if recorded else []
    said += foretell.lines(held, folder, recorded.run, content.locale) if recorded and held else []
    if said:
        click.echo("\n".join(said))


def told(recorded: Recorded, folder: Path) -> str:
    """Which run it is, and whether it stood there before."""
    said = f"run: {recorded.run} (`pricesmith runs {folder} {recorded.run}` lists its changes)"
    if recorded.new:
        return said
    answers = "it is asked about anew where answers count no longer" if recorded.again else "its answers stand"
    return f"{said}\n{SAME} {recorded.run}: {answers}"


def check_answered(folder: Path) -> None:
    """Raise PolicyError where the guide of the price desk began the shop and nobody has said yet what it wants."""
    from pricesmith.contracts.errors import PolicyError
    from pricesmith.flows.shop_toml import UNANSWERED, answered, text_of

    if not answered(text_of(folder)):
        raise PolicyError(
            UNANSWERED,
            where=str(folder / "shop.toml"),
            hint=f"answer it in the guide of `pricesmith serve {folder}`, or correct it there and remove the line `# not answered yet`",
        )


def remember(loaded: Loaded, priced: Priced, by: str, step: Step, files: dict[str, dict[str, object]]) -> Recorded:
    """Write the run into the ledger of its shop, and what its check of the data found for the price desk.

    files  as `wiring.files_of` found them before they were read
    """
    from pricesmith.flows import wiring
    from pricesmith.flows.desk.reading.kept import check_file
    from pricesmith.flows.desk.runs.makings import keep_same
    from pricesmith.flows.publishing.office import record_run

    from .check import keep

    step("ledger")
    recorded = record_run(loaded.folder, priced, loaded.prepared.tables["competitor_prices"], by)
    with suppress(OSError):  # the ledger may lie elsewhere and the folder be read only: the desk then checks by itself
        keep(check_file(loaded.folder), files, loaded)
        if not recorded.new and not recorded.again:
            keep_same(loaded.folder, recorded.run, by=by, at=wiring.clock())
    return recorded


def run(loaded: Loaded, as_of: dt.date | None, out: Path, report: Path | None, step: Step) -> tuple[Content, Priced]:
    """Learn, decide, write the price list to `out` and, where asked, the report."""
    from pricesmith.apps.report.gather import gather
    from pricesmith.flows import batch

    from .output import write_table, write_text
    from .pricelist import as_text, price_list

    priced = batch.price(loaded, as_of, step)
    currency = priced.snapshot.currency
    table = price_list(priced.decided.decisions, currency)
    if report is not None:
        step("report")
    content = gather(batch.told_as_of(loaded, as_of).prepared, priced.snapshot, priced.policy, priced.decided, frontier=report is not None)
    page = None
    if report is not None:
        from pricesmith.apps.report.html import render

        page = render(content)
    write_table(out, table if out.suffix.lower() == ".parquet" else as_text(table, currency))
    if report is not None and page is not None:
        write_text(report, page)
    return content, priced


def document(content: Content, out: Path, report: Path | None) -> dict[str, object]:
    """The run in figures, as a JSON document."""
    table, total = content.decisions, content.total
    return {
        "as_of": content.as_of,
        "currency": content.currency,
        "cost_assumed": content.cost_assumed,
        "products": table.height,
        **{action: int((table["action"] == action).sum()) for action in ("change", "keep", "hold")},
        "profit_today": total.today,
        "profit_change": total.change,
        "profit_change_lo": total.low,
        "profit_change_hi": total.high,
        "objective_value": content.certificate.value,
        "objective_bound": content.certificate.bound,
        "gap": content.certificate.gap,
        "warnings": list(content.warnings),
        "out": str(out),
        "report": str(report) if report else None,
    }


def beside(recorded: Recorded | None, held: Foreseen | None, against: Covered | None) -> dict[str, object]:
    """What stands beside the figures of a run in its JSON document: its name, what a guard would hold, what speaks against the model."""
    from msgspec.structs import asdict

    told_held = None if held is None else {"changes": held.changes, "caught": [asdict(row) for row in held.caught]}
    run = recorded and recorded.run
    return {"run": run, "held_when_published": told_held, "said_against_its_forecasts": against and asdict(against)}
