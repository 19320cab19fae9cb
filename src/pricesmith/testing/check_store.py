"""What every store must keep to: what was saved comes back, all of it, typed, and nothing of what was there before."""

from __future__ import annotations

from pathlib import Path

import polars as pl
from polars.testing import assert_frame_equal

from pricesmith.contracts.errors import DataError
from pricesmith.contracts.protocols import Store
from pricesmith.contracts.tables import INPUT, STAGE

from .fakes import made_rows


def check_store(store: Store, folder: Path) -> None:
    """Raise AssertionError with the promise that a store breaks.

    folder  an empty folder that the store may use
    """
    _check_refusal(store, folder / "nothing")
    tables = {table.name: made_rows(table, 50, seed) for seed, table in enumerate([*INPUT.values(), *STAGE.values()])}
    tables["odd"] = pl.DataFrame({"x": [float("nan"), float("inf"), None, -0.0], "text": ["", None, "Größe 中文", '"a",\n']})
    tables["empty"] = STAGE["cells"].empty()
    for place in (folder / "a", folder / "b" / "deep"):
        store.save(place, tables)
        _same(tables, dict(store.load(place)))
    store.save(folder / "a", {"empty": tables["empty"]})
    _same({"empty": tables["empty"]}, dict(store.load(folder / "a")))
    _same(tables, dict(store.load(folder / "b" / "deep")))


def _same(expected: dict[str, pl.DataFrame], found: dict[str, pl.DataFrame]) -> None:
    assert set(found) == set(expected), "the tables are not those that were saved"
    for name, table in expected.items():
        assert_frame_equal(found[name], table, check_exact=True)


def _check_refusal(store: Store, folder: Path) -> None:
    try:
        store.load(folder)
    except DataError as error:
        assert error.hint, "an error says what to do"
    else:
        raise AssertionError("loading from where nothing was saved must raise DataError")
    for name in ("../outside", "/outside", ""):
        try:
            store.save(folder, {name: pl.DataFrame({"x": [1]})})
        except DataError:
            continue
        raise AssertionError(f"a table named {name!r} must be refused")
