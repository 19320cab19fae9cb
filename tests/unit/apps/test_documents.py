"""The page of JSON documents against the documents themselves: every field that is printed is described, and none that is gone."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import pricesmith
from pricesmith.apps.cli import main
from pricesmith.apps.cli.documents import TITLES, document
from pricesmith.flows import example

AS_OF = "2026-06-01"
KEPT = ("G012", "G013", "G014", "K000", "K001", "K002")
SOURCE = Path(pricesmith.__file__).parent


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some of the example shop, with a line that cannot be read, and a rule that allows more than a guard."""
    folder = tmp_path_factory.mktemp("documents") / "shop"
    for file in example.write(folder):
        if file.suffix == ".csv" and "sku" in (table := pl.read_csv(file, infer_schema=False)).columns:
            table.filter(pl.col("sku").is_in(KEPT)).write_csv(file)
    with (folder / "data" / "sales.csv").open("a", encoding="utf-8") as file:
        file.write("2026-02-30,G012,1,9.99,0,9.99\n")
    toml = folder / "shop.toml"
    toml.write_text(
        toml.read_text(encoding="utf-8").replace("max_step = 0.15", "max_step = 0.05").replace('boosting = "auto"', 'boosting = "never"'),
        encoding="utf-8",
    )
    return folder


@pytest.fixture(scope="module")
def documents(shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """Every document of TITLES, printed by the command itself."""
    place = tmp_path_factory.mktemp("documents_out")
    calls: dict[str, tuple[object, ...]] = {
        "check": ("check", shop),
        "fit": ("fit", shop, "--as-of", AS_OF),
        "features": ("features", shop, "--as-of", AS_OF),
        "price": ("price", shop, "--as-of", AS_OF, "--out", place / "prices.csv"),
        "explain": ("explain", shop, "G012", "--as-of", AS_OF),
        "backtest": ("backtest", shop, "--folds", "1"),
        "exam": ("exam", "--kind", "plain", "--seed", "1", "--products", "12", "--days", "90"),
        "runs": ("runs", shop),
    }
    with pytest.MonkeyPatch.context() as patch:
        found: dict[str, Any] = {}
        for name, words in calls.items():
            found[name] = said(patch, *words)
        run = found["price"]["run"]
        found["run"] = said(patch, "runs", shop, run)
        prices = pl.read_csv(place / "prices.csv").select("sku", price="current_price")
        prices.write_csv(shop / "feed.csv", float_precision=2)
        spoken(patch, "connect", shop, "till", "--platform", "csv_feed", "--url", "feed.csv")
        found["approve"] = said(patch, "approve", shop, run, "--by", "anna")
        found["publish"] = said(patch, "publish", shop, run, "--to", "till")
        found["override"] = said(patch, "override", shop, run, "--set", "G012=16.49", "--by", "ben", "--why", "so")
        yield found


def said(patch: pytest.MonkeyPatch, *words: object) -> Any:
    """What a command prints with --json."""
    return json.loads(spoken(patch, *words, "--json"))


def spoken(patch: pytest.MonkeyPatch, *words: object) -> str:
    out = io.StringIO()
    patch.setattr("sys.stdout", out)
    with pytest.raises(SystemExit) as ended:
        main.main([*map(str, words)])
    patch.undo()
    assert ended.value.code == 0
    return out.getvalue()


def paths(value: Any, path: str = "") -> Iterator[str]:
    """The fields of a document, as the page names them; an empty list, an empty group and null end theirs."""
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            yield from paths(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list) and value:
        for inner in value:
            yield from paths(inner, f"{path}[]")
    else:
        yield path + ("[]" if isinstance(value, list) else "")


@cache
def named() -> frozenset[str]:
    """Every word of the program's own code."""
    files = (path for path in SOURCE.rglob("*.py") if "documents.py" not in path.name)
    return frozenset(word for path in files for word in re.findall(r"\w+", path.read_text(encoding="utf-8")))


def describes(field: str, path: str, empty: bool) -> bool:
    """Whether a line of the page is about a field. empty: the field holds nothing, so a line about what it could hold is about it."""
    pattern = re.escape(field).replace(r"\*", "[^.]+")
    return re.fullmatch(pattern, path) is not None or (
        empty and re.match(rf"{re.escape(path.removesuffix('[]'))}(\[\]|\.|$)", field) is not None
    )


def holds(value: Any, path: str) -> bool:
    """Whether something other than null, an empty list or an empty group stands at a path."""
    found = [value]
    for part in filter(None, re.split(r"\.|(?=\[\])", path)):
        found = [inner for one in found if one for inner in (one if part == "[]" else [one.get(part)])]
    return any(one not in (None, [], {}) for one in found)


@pytest.mark.parametrize("name", TITLES)
def test_every_field_that_is_printed_is_described(documents: dict[str, Any], name: str) -> None:
    fields = document(name).fields
    seen = set(paths(documents[name]))
    assert len(seen) > 4
    left = sorted(path for path in seen if not any(describes(field, path, not holds(documents[name], path)) for field in fields))
    assert left == []


@pytest.mark.parametrize("name", TITLES)
def test_no_field_is_described_that_the_program_does_not_name(name: str) -> None:
    names = {re.sub(r"_(lo|hi|gain|gain_lo|gain_hi)$", "", part) for field in document(name).fields for part in re.findall(r"\w+", field)}
    assert sorted(names - named()) == []


def test_a_field_that_is_not_described_is_found() -> None:
    assert set(paths({"a": [{"b": 1}], "c": [], "d": None, "e": {}})) == {"a[].b", "c[]", "d", "e"}
    assert describes("a[].*", "a[].b", False) and not describes("a[].b", "a[].c", False)
    assert describes("c[].x", "c[]", True) and describes("d.x", "d", True) and not describes("d.x", "d", False)
    assert holds({"a": [{"b": 0}]}, "a[].b") and not holds({"a": [{"b": None}]}, "a[].b") and not holds({"c": []}, "c[]")
