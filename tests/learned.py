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

_learn = engine.learn
_known: dict[tuple[object, ...], DemandModel] = {}


def learned(snapshot: Snapshot, policy: Policy) -> DemandModel:
    """What `engine.learn` says, from memory where it said so before; it sees nothing of rules and objectives, which tests change."""
    key = (repr(policy.model), *(_digest(getattr(snapshot, field.name)) for field in fields(snapshot)))
    if key not in _known:
        _known[key] = _learn(snapshot, policy)
    return _known[key]


@contextmanager
def learned_once() -> Iterator[None]:
    """Meanwhile everybody who asks the engine to learn is answered so."""
    with patch.object(engine, "learn", learned):
        yield


def _digest(value: object) -> object:
    if isinstance(value, pl.DataFrame):
        return tuple(value.schema.items()), tuple(value.hash_rows(seed=1).to_list())
    return repr(value)
