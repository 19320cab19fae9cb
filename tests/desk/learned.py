"""What is learned of the very same snapshot under the same settings of the model is learned once for all tests of a process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from unittest.mock import patch

import polars as pl

from pricesmith import engine
from pricesmith.contracts.policy import Policy
from pricesmith.contracts.protocols import DemandModel
from pricesmith.contracts.snapshot import Snapshot

_known: dict[tuple[object, ...], DemandModel] = {}


@contextmanager
def learned_once() -> Iterator[None]:
    """Meanwhile `engine.learn` answers from memory where it can: rules and objectives, which tests change, are nothing that it sees."""
    learn = engine.learn

    def remembered(snapshot: Snapshot, policy: Policy) -> DemandModel:
        key = (repr(policy.model), *(_digest(getattr(snapshot, field.name)) for field in fields(snapshot)))
        if key not in _known:
            _known[key] = learn(snapshot, policy)
        return _known[key]

    with patch.object(engine, "learn", remembered):
        yield


def _digest(value: object) -> object:
    if isinstance(value, pl.DataFrame):
        return tuple(value.schema.items()), tuple(value.hash_rows(seed=1).to_list())
    return repr(value)
