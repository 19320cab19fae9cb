"""Changes of a run whose very price another run brings already: it stands in the shop, or is approved there and on its way."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import polars as pl

from pricesmith.contracts.publishing import ShopPolicy
from pricesmith.contracts.tables import DECISIONS
from pricesmith.flows.publishing.history.lately import standing
from pricesmith.flows.publishing.sending.waves import ARRIVED

KEY = list(DECISIONS.key)
SHOP = ["target", *KEY]
SCHEMA = {**dict.fromkeys([*KEY, "carrier"], pl.String()), "since": pl.Datetime("us", "UTC"), "there": pl.Boolean()}
Answers = Callable[[str], pl.DataFrame]
"""Run -> keys of its changes with `needs`, `agreed` and `rejected`."""


def carried(
    book: Mapping[str, pl.DataFrame], run: str, changes: pl.DataFrame, shops: Mapping[str, ShopPolicy], answers: Answers
) -> pl.DataFrame:
    """Columns SCHEMA of those changes of a run: the run that brings the price, since when it was asked for, and whether it stands there.

    book     rows of the tables `intents`, `receipts` and `applied`
    changes  keys and `price` of changes of the run
    At every shop that takes the product the last of what was asked for is that price, of another run: it stands there, or enough people
    stand behind it. What ended without arriving, was taken back, or was changed by somebody else since, brings nothing.
    """
    last = standing(book["intents"], book["receipts"]).sort("version").group_by(SHOP, maintain_order=True).last()
    seen = book["applied"].group_by(SHOP, maintain_order=True).agg(seen=pl.col("price").last())
    wanted = changes.select(*KEY, wanted=pl.col("price").cast(pl.Int64))
    asked = last.join(seen, on=SHOP, how="left", maintain_order="left").join(wanted, on=KEY, maintain_order="left")
    there = pl.col("fate").is_in(ARRIVED).fill_null(False)
    brings = (pl.col("kind") == "publish") & (pl.col("run") != run) & (pl.col("price") == pl.col("wanted"))
    found = asked.filter(brings & (~there | (pl.col("seen") == pl.col("price")))).with_columns(there=there)
    found = found.filter(pl.col("target").is_in(list(shops)))
    if found.is_empty():
        return pl.DataFrame(schema=SCHEMA)
    told = [_approved(part, answers(str(name))) for (name,), part in found.group_by("run", maintain_order=True)]
    counted = pl.concat(told).group_by(KEY, maintain_order=True).agg(
        pl.len(), carrier=pl.col("run").last(), since=pl.col("at").max(), there=pl.col("there").all()
    )  # fmt: skip
    places = [(shop.channel, shop.region) for shop in shops.values()]
    takes = pl.DataFrame(places, schema=dict.fromkeys(KEY[1:], pl.String()), orient="row").group_by(KEY[1:]).agg(shops=pl.len())
    whole = counted.join(takes, on=KEY[1:], maintain_order="left").filter(pl.col("len") == pl.col("shops"))
    return whole.select(list(SCHEMA)).cast(SCHEMA)  # type: ignore[arg-type]


def _approved(part: pl.DataFrame, said: pl.DataFrame) -> pl.DataFrame:
    """Of prices of a run those that arrived, and those that enough people stand behind, so that they leave."""
    enough = (pl.col("agreed") >= pl.col("needs")) & ~pl.col("rejected")
    behind = said.select(*KEY, enough=enough)
    return part.join(behind, on=KEY, how="left", maintain_order="left").filter(pl.col("there") | pl.col("enough").fill_null(False))
