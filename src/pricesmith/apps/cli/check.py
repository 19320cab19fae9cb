"""`pricesmith check`: load and validate a shop, print the data report."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from pricesmith.contracts.errors import DataError, PricesmithError

from . import options

if TYPE_CHECKING:
    from pricesmith.flows.batch import Loaded
    from pricesmith.flows.desk.rules.stricter import Stricter
    from pricesmith.preparation.prepared import Prepared

SHOWN, EACH = 20, 5
"""Rows that are shown: in all, and of one fault of a column."""
SET_ALIKE = "Set the rule and the guard alike in shop.toml."


@click.command(
    name="check",
    short_help="Load and validate a shop; print the data report.",
    epilog="Example:  pricesmith check myshop --json > report.json",
)
@options.folder
@click.option("--as-of", callback=options.iso_day, metavar="DATE", help="Tell also which rows a run as of this day ignores.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE.json", help="Keep the JSON document in a file.")
@options.as_json
def command(folder: Path, as_of: dt.date | None, out: Path | None, as_json: bool) -> None:
    """Load and validate the shop in DIR and print the data report.

    Rows that cannot be used are listed with file, line, column, value, reason and what to do, and rules that allow more than a guard
    lets through. Exit status 1 where so many rows of a table are bad that pricing is blocked.
    """
    from pricesmith.flows import batch, wiring

    from .output import print_json

    files = wiring.files_of(folder) if folder.is_dir() else {}
    loaded = batch.told_as_of(batch.load(folder), as_of)
    if out is not None:
        keep(out, files, loaded)
    if as_json:
        print_json(document(loaded))
    else:
        click.echo("\n\n".join([*report(loaded.prepared, loaded.policy.period), *guarded(stricter_of(loaded))]))
    if loaded.prepared.blocked:
        raise blocked(loaded.prepared)


def keep(path: Path, files: dict[str, dict[str, object]], loaded: Loaded) -> None:
    """Write the document into a file, where the price desk reads it.

    files  as `wiring.files_of` found them before they were read
    """
    from pricesmith.flows import wiring

    from .output import as_json_text, write_text

    write_text(path, as_json_text({"files": files, "at": wiring.clock(), **document(loaded)}))


def document(loaded: Loaded) -> dict[str, Any]:
    """The report as a JSON document."""
    from pricesmith.flows.coverage import coverage

    prepared = loaded.prepared
    counts = {
        name: {"rows": count.rows, "accepted": count.accepted, "quarantined": count.quarantined} for name, count in prepared.counts.items()
    }
    return {
        "tables": counts,
        "quarantine": [{**row, "remedy": remedied(row, prepared)} for row in prepared.quarantine.iter_rows(named=True)],
        "warnings": prepared.warnings,
        "blocked": prepared.blocked,
        "coverage": coverage(prepared, loaded.policy.period, tomorrow()),
        "stricter": [msgspec.structs.asdict(one) for one in stricter_of(loaded)],
    }


def stricter_of(loaded: Loaded) -> list[Stricter]:
    """Rules that allow more than a guard lets through, as the page Rules says them."""
    from pricesmith.flows.desk.rules.stricter import stricter
    from pricesmith.flows.shop_toml import text_of

    return stricter(loaded.policy, text_of(loaded.folder))


def guarded(found: list[Stricter]) -> list[str]:
    """The same for people; () where there is nothing to say."""
    from pricesmith.apps.report.numbers import percent
    from pricesmith.apps.web.words import Words

    words = Words("en")
    lines = []
    for one in found:
        key = "ru_stricter_margin" if one.setting == "min_margin" else "ru_stricter_step"
        said = words(key, rule=words.rule(one.rule), guard=words.code("guard", one.guard))
        place = f"[guards] {one.setting}" + (f", line {one.line}" if one.line else "")
        lines.append(f"  {said} {percent(one.limit)} ({place}); {words('ru_stricter_allows')} {percent(one.allows)}")
    return ["\n".join([words("ru_stricter"), *lines, "  " + words("ru_stricter_note"), "  " + SET_ALIKE])] if lines else []


def report(prepared: Prepared, period: str) -> list[str]:
    """The parts of the report for people. period: `day`, `week` or `month`, of a sales row."""
    from pricesmith.apps.report.numbers import aligned

    rows = [
        (name, f"{count.rows:,}", f"{count.accepted:,}", f"{count.quarantined:,}", *days_of(prepared, name, period))
        for name, count in prepared.counts.items()
    ]
    parts = ["\n".join(aligned([("table", "rows", "accepted", "quarantined", "first day", "last day"), *rows]))]
    if prepared.quarantine.height:
        parts.append("Rows set aside\n" + quarantined(prepared))
    by_level = {level: [entry for entry in prepared.warnings if entry["level"] == level] for level in ("blocking", "warning", "info")}
    titles = {"blocking": "Blocks pricing", "warning": "Worth a look", "info": "Good to know"}
    parts += [titles[level] + "\n" + "\n".join(f"  {warned(entry)}" for entry in found) for level, found in by_level.items() if found]
    return parts


def days_of(prepared: Prepared, name: str, period: str) -> tuple[str, str]:
    """The first and the last day that a table tells of, "" where it has no days: a weekly sales row counts to the end of its week."""
    from pricesmith.contracts.snapshot import sold_until
    from pricesmith.flows.coverage import reached

    found = reached(prepared, name)
    if found is None:
        return "", ""
    return str(found["first"]), str(sold_until(found["last"], period if name == "sales" else "day", tomorrow()))


def tomorrow() -> dt.date:
    from pricesmith.flows import wiring

    return wiring.clock().date() + dt.timedelta(days=1)


def quarantined(prepared: Prepared) -> str:
    """The first rows of each fault with what to do about them."""
    import polars as pl

    fault = ["file", "column", "reason"]
    shown = prepared.quarantine.filter(pl.int_range(pl.len()).over(fault) < EACH).head(SHOWN)
    advice = [remedied(row, prepared) for row in shown.iter_rows(named=True)]
    lines = [
        f"  {row['file']}:{row['line']}  {row['column'] or 'row'} = {row['value']!r}  {row['reason']}: {what}".rstrip(": ")
        for row, what in zip(shown.iter_rows(named=True), advice, strict=True)
    ]
    rest = prepared.quarantine.height - shown.height
    return "\n".join([*lines, *([f"  ... and {rest:,} more (--json lists them all)"] if rest > 0 else [])])


def remedied(row: dict[str, Any], prepared: Prepared) -> str:
    from pricesmith.apps.remedies import remedy

    place = prepared.barred.get((row["value"] or "").strip(), "")
    return remedy(row["table"], row["column"], row["value"], row["reason"], place)


def warned(entry: dict[str, Any]) -> str:
    examples = ", ".join(str(example) for example in entry.get("examples", ())[:3])
    places = ", ".join(entry.get("places", ())[:3])
    more = ", ... (--json names all)" if len(entry.get("products", ())) > 3 else ""
    return f"{entry['message']} [{entry['code']}]" + (f" e.g. {examples}{more}" if examples else "") + (f" at {places}" if places else "")


def blocked(prepared: Prepared) -> PricesmithError:
    reasons = [entry["message"] for entry in prepared.warnings if entry["level"] == "blocking"]
    return DataError("; ".join(reasons) or "pricing is blocked")
