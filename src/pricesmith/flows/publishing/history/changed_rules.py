"""Whether a run was made under other rules than the prices that stand: then its changes need the people that [approval] asks for that."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec
import polars as pl

from pricesmith.contracts.ledger import Ledger
from pricesmith.flows.publishing.sending.waves import ARRIVED

from . import contents
from .lately import standing
from .next_price import PLACE


def rules_changed(
    ledger: Ledger, found: Mapping[str, object], runs: pl.DataFrame, intents: pl.DataFrame, receipts: pl.DataFrame, targets: Iterable[str]
) -> bool:
    """True where rules, guards or approval differ from those of the last run of which a price stands, in any of the targets.

    Where none stands in a target, the last one of which a price stands anywhere is meant; where none does, every earlier run.
    Prices of the run itself that were asked for since it was made are left out, as if they were not: they are what people are asked about.

    found              row of `making.made` of the run;  runs: rows of table RUNS
    intents, receipts  rows of these tables, of all targets
    """
    own = (pl.col("run") == pl.lit(found["run"])) & (pl.col("seq") > pl.lit(found["seq"]))
    others = intents.filter(~own)
    asked = others.filter(pl.col("kind") == "publish")
    anywhere = _last_standing(asked, others, receipts)
    lasts = {_last_standing(asked.filter(pl.col("target") == name), others, receipts) or anywhere for name in targets}
    earlier = runs.filter(pl.col("seq") < pl.lit(found["seq"]))
    meant = pl.concat([earlier if name is None else runs.filter(pl.col("run") == name) for name in lasts] or [runs.clear()])
    before = set(meant["policy"]) - {str(found["policy"])}
    if not before:
        return False
    texts = contents.read(ledger, [str(found["policy"]), *sorted(before)])
    return len({strictness(text) for text in texts.values()}) > 1


def _last_standing(asked: pl.DataFrame, intents: pl.DataFrame, receipts: pl.DataFrame) -> str | None:
    """The run that was asked for last of those of which a price stands; None where none stands.

    asked  those of the intents that are prices which count
    """
    newest = asked.group_by("run").agg(pl.col("seq").max()).sort("seq", descending=True)
    for name in newest["run"]:
        meant = asked.filter(pl.col("run") == name)
        places = intents.join(meant, on=PLACE, how="semi")
        there = standing(places, receipts.join(places, on="intent", how="semi", maintain_order="left"))
        last = there.filter(pl.col("fate").is_in(ARRIVED)).sort("version").group_by(PLACE).last()
        if not last.join(meant, on="intent", how="semi").is_empty():
            return str(name)
    return None


def strictness(text: bytes) -> bytes:
    """The parts of a shop.toml that bound prices, in a form in which equal parts are equal bytes."""
    import tomllib

    document = tomllib.loads(text.decode())
    return msgspec.json.encode({part: document.get(part) for part in ("rule", "guards", "approval")}, order="deterministic")
