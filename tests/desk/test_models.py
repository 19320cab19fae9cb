"""A test of the forecasts is begun from the page, goes on by itself, and its result stands there."""

from __future__ import annotations

import time
from pathlib import Path

import polars as pl
import pytest

from tests.desk.place import place, post

HTML = {"Accept": "text/html"}


@pytest.mark.real
def test_the_forecasts_are_tested_from_the_page(tmp_path: Path) -> None:
    desk = place(tmp_path / "shop")
    sales = desk.folder / "data" / "sales.csv"
    pl.read_csv(sales).filter(pl.col("date") >= "2026-05-05").write_csv(sales)  # one origin is enough here
    client = desk.client("analyst", "ana")
    assert post(client, "/models/test").headers["location"] == "/jobs"
    assert post(client, "/models/test").headers["location"] == "/jobs"
    (job,) = desk.desk.jobs.all()
    assert "disabled" in client.get("/models", headers=HTML).text
    until = time.monotonic() + 180
    while desk.desk.jobs.one(job.name).ended is None and time.monotonic() < until:
        time.sleep(0.2)
    assert desk.desk.jobs.one(job.name).state == "done", desk.desk.jobs.one(job.name).lines
    (told,) = client.get("/models?format=json").json()["tests"]
    assert {"model", "seasonal_naive"} <= {score["label"] for score in told["scores"]}
    came = client.get("/jobs?format=json").json()["jobs"][0]["came"]
    assert came["test"] == told and "Forecasts tested: " in client.get("/jobs", headers=HTML).text
    page = client.get("/models", headers=HTML).text
    assert "as last time (seasonal naive)" in page and page.count("<svg") == 2
    assert post(desk.client("viewer", "vera"), "/models/test").status_code == 403
