"""What commands keep for the price desk (`--keep`): dry runs, outcomes, and what a verification of the ledger found."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from pricesmith.flows.batch import Loaded, take
from pricesmith.flows.desk.publishing.moved import Under
from pricesmith.flows.publishing.measured.adoption import adoption
from pricesmith.flows.publishing.measured.regrets import REGRETS
from pricesmith.flows.publishing.office import Office
from pricesmith.flows.publishing.sending.preview import Preview
from pricesmith.monitoring.price_index import price_index

from .drawer import put

DRY, OUTCOME, OUTCOMES, VERIFIED = "dry", "outcome", "outcomes", "verified"


def dry_run(place: Office, target: str, found: Preview, since: Under) -> None:
    """What publishing a run to a shop would do. since: what it was made under, before the shop was read."""
    counts = dict(found.rows["verdict"].value_counts().iter_rows())
    document = {"run": found.plan.run, "target": target, "stops": found.stops, "counts": counts, "under": since}
    put(place.folder, DRY, dry_name(found.plan.run, target), document, {"rows": found.rows})


def dry_name(run: str, target: str) -> str:
    return f"{run} {target}"


def outcome(folder: Path, document: Mapping[str, Any]) -> None:
    """What the prices of one run did; the document of `documents.document`."""
    rest = {name: value for name, value in document.items() if name not in ("products", "regret")}
    regret = document["regret"]
    tables = {"products": pl.DataFrame(document["products"], infer_schema_length=None), "proposals": _proposals(regret["proposals"])}
    put(folder, OUTCOME, str(document["run"]), {**rest, "by_answer": regret["by_answer"]}, tables)


def outcomes(place: Office, loaded: Loaded, document: Mapping[str, Any]) -> None:
    """What all runs did; the document of `documents.history`, with the price index over time and what became of the proposals."""
    now, regret = take(loaded), document["regret"]
    index, taken = price_index(now.cells, now.period), adoption(place.book, place.policy)
    rest = {name: value for name, value in document.items() if name != "regret"}
    facts = {**rest, "by_answer": regret["by_answer"], "as_of": now.as_of, "index": index.to_dicts(), "adoption": taken.to_dicts()}
    put(place.folder, OUTCOMES, "all", facts, {"proposals": _proposals(regret["proposals"])})


def verified(folder: Path, document: Mapping[str, Any]) -> None:
    """What `pricesmith audit --verify --json` prints."""
    put(folder, VERIFIED, "ledger", document, {})


def _proposals(rows: list[dict[str, Any]]) -> pl.DataFrame:
    """Rows of REGRETS, prices in major units."""
    return pl.DataFrame(rows, schema={**REGRETS, "proposed": pl.Float64, "other": pl.Float64})
