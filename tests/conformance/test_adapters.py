"""Every source and every store keeps its promises."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from pathlib import Path

import polars as pl
import pytest

from pricesmith.adapters.sources.folder import FolderSource
from pricesmith.adapters.stores.arrow import ArrowStore
from pricesmith.testing.check_source import check_source
from pricesmith.testing.check_store import check_store


def write(frame: pl.DataFrame, path: Path, ending: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if ending == "csv":
        frame.write_csv(path, datetime_format="%Y-%m-%dT%H:%M:%S%z")
    else:
        frame.write_parquet(path)


@pytest.mark.parametrize("ending", ["csv", "parquet"])
@pytest.mark.parametrize("files", [1, 3])
def test_folder(ending: str, files: int, tmp_path: Path) -> None:
    number = count()

    def make(tables: Mapping[str, pl.DataFrame]) -> FolderSource:
        shop = tmp_path / f"shop-{next(number)}"
        for name, frame in tables.items():
            if files == 1:
                write(frame, shop / "data" / f"{name}.{ending}", ending)
            else:
                size = -(-max(frame.height, 1) // files)
                for part in range(files):
                    write(frame.slice(part * size, size), shop / "data" / name / f"part-{part}.{ending}", ending)
        return FolderSource(shop)

    check_source(make)


def test_arrow_store(tmp_path: Path) -> None:
    check_store(ArrowStore(), tmp_path)
