"""A desk whose shop is a file that may be written to at once, and what tests ask of it."""

from __future__ import annotations

import csv
from pathlib import Path

import polars as pl
from starlette.testclient import TestClient

from .place import Place, place, post
from .working import at_once

QUIET = """[guards]
canary_minutes = 0
dwell_minutes = 1e-7
index_hour = 0.9
index_day = 0.9
competitor_hours = 99999
stock_hours = 99999
"""
"""Settings under which a test need not wait."""


def feed(folder: Path, guards: str = QUIET) -> Place:
    """A place whose shop has the prices of today, with these settings of the guards."""
    found = at_once(place(folder))
    settings(found, "[guards]\n", guards)
    rows = found.desk.reading.run(found.run).decided.filter(pl.col("current_price") > 0)
    rows.select("sku", price=pl.col("current_price") / 100).write_csv(found.folder / "feed.csv", float_precision=2)
    return found


def settings(desk: Place, before: str, after: str) -> None:
    """Change shop.toml."""
    path = desk.folder / "shop.toml"
    text = path.read_text(encoding="utf-8")
    assert text.count(before) == 1
    path.write_text(text.replace(before, after), encoding="utf-8")


def prices(desk: Place) -> dict[str, int]:
    with (desk.folder / "feed.csv").open(encoding="utf-8", newline="") as file:
        return {row["sku"]: round(100 * float(row["price"])) for row in csv.DictReader(file)}


def told(client: TestClient, address: str) -> dict:  # type: ignore[type-arg]
    answer = client.get(address, headers={"Accept": "application/json"})
    assert answer.status_code == 200, answer.text
    return answer.json()  # type: ignore[no-any-return]


def attested(desk: Place, *clients: TestClient) -> None:
    for client in clients:
        digest = told(client, "/approvals")["attestation"]["digest"]
        assert post(client, "/attest", digest=digest).status_code == 303


def state(client: TestClient, run: str) -> dict:  # type: ignore[type-arg]
    return told(client, f"/runs/{run}")["one"]  # type: ignore[no-any-return]
