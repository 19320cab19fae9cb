"""Another objective."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
import polars as pl

from pricesmith.contracts.policy import Policy

from ._change import Change, field, share


class Objective(Change, frozen=True, kw_only=True, tag="objective"):
    """Prices are chosen for another objective; what `percent` leaves over counts profit."""

    objective: Annotated[Literal["profit", "revenue", "units"], field("objective", "what prices are chosen for")]
    percent: Annotated[float, field("percent", "weight of it, percent; the rest is profit", gt=0.0, le=100.0)] = 100.0

    def policy(self, policy: Policy, items: pl.DataFrame) -> Policy:
        weight = share(self.percent)
        alone = self.objective == "profit" or weight == 1.0
        wanted = self.objective if alone else {"profit": round(1.0 - weight, 12), self.objective: weight}
        whole: Policy = msgspec.structs.replace(policy, objective=wanted)
        return whole


SCENARIO = Objective
