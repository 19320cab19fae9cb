"""The regret ledger: what became of every proposal that somebody answered, valued by what demand turned out to be."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np
import polars as pl

from pricesmith import engine
from pricesmith.contracts.curves import Floats
from pricesmith.contracts.economics import shares, unit_profit
from pricesmith.contracts.ledger import Ledger
from pricesmith.contracts.money import exponent
from pricesmith.contracts.policy import Policy
from pricesmith.contracts.snapshot import Snapshot
from pricesmith.contracts.tables import DECISIONS
from pricesmith.flows.publishing.answers.approval import answers
from pricesmith.flows.publishing.history.came import came
from pricesmith.monitoring.regret import Counted, Learned, better, value
from pricesmith.preparation.times import local_date

from .promise import curves_of
from .sold import sold

KEY = list(DECISIONS.key)
REGRETS = pl.Schema(
    {
        "run": pl.String,
        **dict.fromkeys(KEY, pl.String),
        "answer": pl.String,
        "proposed": pl.Int64,
        "other": pl.Int64,
        "days": pl.Float64,
        "promised": pl.Float64,
        "value": pl.Float64,
        "value_lo": pl.Float64,
        "value_hi": pl.Float64,
        "better": pl.String,
    }
)
"""One row a proposal that was `accepted`, `rejected` or `overridden` and whose days since have sales.

other     price beside which it is valued: the one before where it was accepted, the one that was charged where it was not; minor units
promised  what the run said it would bring, value what it brings by what was learned since, with 90 % bounds; major units a day
"""


def regrets(ledger: Ledger, now: Snapshot, policy: Policy, runs: Sequence[str] | None = None) -> pl.DataFrame:
    """Rows of REGRETS for some runs, all by default. Demand is learned again from everything that is known today."""
    asked = proposals(ledger, policy.timezone, runs)
    return REGRETS.to_frame() if asked.is_empty() else valued(asked, now, policy)


def valued(asked: pl.DataFrame, now: Snapshot, policy: Policy) -> pl.DataFrame:
    """Rows of REGRETS for answered changes; see `proposals`."""
    seen = sold(now, asked, now.as_of).filter(pl.col("days") > 0)
    decided = engine.decide(now, engine.learn(now, policy), policy)
    known = decided.items.filter(pl.col("current_price") > 0).select(*KEY, place="item")
    rows = seen.join(known, on=KEY, maintain_order="left")
    return _valued(rows, decided, 10.0 ** exponent(now.currency)) if rows.height else REGRETS.to_frame()


def proposals(ledger: Ledger, timezone: str, runs: Sequence[str] | None) -> pl.DataFrame:
    """Changes that were answered: `run`, keys, `answer`, `proposed`, `other`, `price` (charged), `since`, `ended`, `promised`."""
    known, arrived = ledger.read("runs"), came(ledger, timezone)
    asked = known.filter((pl.col("kind") == "price") & (pl.lit(runs is None) | pl.col("run").is_in(list(runs or ()))))
    found = [_of_run(ledger, row, known, arrived, timezone) for row in asked.iter_rows(named=True)]
    return pl.concat(found) if found else pl.DataFrame()


def _of_run(ledger: Ledger, run: dict[str, object], known: pl.DataFrame, arrived: pl.DataFrame, timezone: str) -> pl.DataFrame:
    name = str(run["run"])
    changes = ledger.read("decided", {"run": [name], "action": ["change"]}, columns=[*KEY, "price", "current_price", "profit_change"])
    asked = changes.select(
        *KEY, run=pl.lit(name), proposed="price", before="current_price", promised=pl.col("profit_change").fill_null(0.0)
    ).filter(pl.col("before") > 0)
    instead = known.filter((pl.col("kind") == "override") & (pl.col("parent") == name))["run"].to_list()
    other = arrived.filter(pl.col("run").is_in(instead)).unique(KEY, keep="last", maintain_order=True)
    taken = arrived.filter(pl.col("run") == name)
    accepted = asked.join(taken.select(*KEY, "since", "ended"), on=KEY, maintain_order="left").with_columns(
        answer=pl.lit("accepted"), other="before", price="proposed"
    )
    rest = asked.join(accepted, on=KEY, how="anti", maintain_order="left")
    overridden = rest.join(other.select(*KEY, "price", "since", "ended"), on=KEY, maintain_order="left").with_columns(
        answer=pl.lit("overridden"), other="price"
    )
    at = run["at"]
    assert isinstance(at, dt.datetime)
    rest = rest.join(overridden, on=KEY, how="anti", maintain_order="left")
    said = answers(ledger.read("verdicts", {"run": [name]}), name, str(run["digest"]), at, rest)
    rejected = rest.join(said.filter("rejected").select(KEY), on=KEY, how="semi", maintain_order="left").with_columns(
        answer=pl.lit("rejected"),
        other="before",
        price="before",
        since=pl.lit(_day(at, timezone) + dt.timedelta(days=1)),
    )
    later = arrived.filter(pl.col("at") > at).group_by(KEY).agg(ended=pl.col("since").min() - dt.timedelta(days=1))
    rejected = rejected.join(later, on=KEY, how="left", maintain_order="left")
    columns = ["run", *KEY, "answer", "proposed", "other", "price", "since", "ended", "promised"]
    return pl.concat([part.select(columns) for part in (accepted, overridden, rejected)])


def _day(at: dt.datetime, timezone: str) -> dt.date:
    day: dt.date = pl.select(local_date(pl.lit(at).cast(pl.Datetime("us", "UTC")), timezone)).item()
    return day


def _valued(rows: pl.DataFrame, decided: engine.Decided, major: float) -> pl.DataFrame:
    """Rows of REGRETS; major: minor units of one major unit."""
    curves, place = curves_of(decided), rows["place"].to_numpy()
    items = decided.items[rows["place"]]
    share = shares(items)
    learned = Learned(
        items["current_price"].to_numpy().astype(np.float64), curves.draws[place], curves.form[place], curves.saturation[place]
    )

    def priced(name: str) -> tuple[Floats, Floats]:
        price = rows[name].to_numpy().astype(np.float64)
        return price, unit_profit(price, share["kept"], share["landed"], share["returned"])

    seen = Counted(rows["sold"].to_numpy(), rows["days"].to_numpy(), curves.dispersion)
    mean, low, high = value(seen, rows["price"].to_numpy().astype(np.float64), priced("proposed"), priced("other"), learned)
    table = rows.with_columns(
        value=pl.Series(mean / major), value_lo=pl.Series(low / major), value_hi=pl.Series(high / major), better=better(low, high)
    )
    return table.filter(pl.col("value").is_finite()).select(REGRETS.names()).cast(REGRETS).sort("run", *KEY)
