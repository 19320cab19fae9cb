"""A test of the forecasts is begun from the page, goes on by itself, and its result stands there."""

from __future__ import annotations

import datetime as dt
import time
from pathlib import Path

import msgspec
import polars as pl
import pytest

from pricesmith.flows.desk.reading import kept
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


@pytest.mark.parametrize(
    ("bias", "english", "chinese"),
    [(0.03, "3 % above", "偏高 3%"), (-0.0314, "3.1 % below", "偏低 3.1%"), (0.0, "even", "持平")],
)
def test_a_bias_says_which_way_the_forecasts_are_off(tmp_path: Path, bias: float, english: str, chinese: str) -> None:
    desk = place(tmp_path / "shop")
    scores = {"wape": 0.4, "bias": bias, "pinball": 0.2, "coverage90": 0.9, "slope": 1.0}
    absent = {"lightgbm": {"absent": "not installed"}}
    document = {
        "at": "2026-06-01T00:00:00Z",
        "last": "2026-05-31",
        "name": "response",
        **scores,
        "rows": 9,
        "folds": [{}],
        "baselines": absent,
    }
    file = kept.backtest_file(desk.folder, dt.datetime(2026, 6, 1, tzinfo=dt.UTC))
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(msgspec.json.encode(document))
    page = desk.client().get("/models", headers=HTML).text
    assert 'data-label="Forecasts in all, against what was sold">' + english + "</td>" in page.replace("\u00a0", " ")
    assert "pip install &#39;.[boosting]&#39; in the clone" in page
    told = desk.client().get("/models", headers={**HTML, "Accept-Language": "zh"}).text
    assert f'（偏差）">{chinese}</td>' in told


@pytest.mark.parametrize(
    ("language", "heading", "meaning"),
    [
        ("en", "Four in five products between", "which tells how they differ, not how surely the dot is known"),
        ("zh", "五分之四的商品介于", "表示商品之间的差异，而非圆点估计的准确程度"),
    ],
)
def test_how_products_differ_is_not_called_an_interval(tmp_path: Path, language: str, heading: str, meaning: str) -> None:
    page = place(tmp_path / "shop").client("viewer", "vera").get("/models", headers={**HTML, "Accept-Language": language}).text
    assert f'<th scope="col" class="n">{heading}</th>' in page and meaning in page
