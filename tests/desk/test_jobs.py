"""Long work: begun from a page, in the name of who asked, seen while it runs, stopped, and begun again where it failed."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from pricesmith.apps.service.jobs import Job
from tests.desk.place import Place, place, post


@pytest.fixture
def desk(tmp_path: Path) -> Place:
    return place(tmp_path / "shop")


def ended(desk: Place, name: str, seconds: float = 90.0) -> Job:
    until = time.monotonic() + seconds
    while (job := desk.desk.jobs.one(name)).ended is None and time.monotonic() < until:
        time.sleep(0.1)
    return job


def test_prices_are_made_in_the_name_of_who_asked(desk: Place) -> None:
    client = desk.client("analyst", "ana")
    (desk.folder / "shop.toml").write_text((desk.folder / "shop.toml").read_text(encoding="utf-8").replace("draws = 64", "draws = 8"))
    assert '<a href="/jobs">Jobs</a>' in client.get("/", headers={"Accept": "text/html"}).text
    told = post(client, "/jobs/price")
    assert (told.status_code, told.headers["location"]) == (303, "/jobs")
    (job,) = desk.desk.jobs.all()
    assert 'id="work"' in client.get("/jobs", headers={"Accept": "text/html"}).text
    assert ended(desk, job.name).state == "done"
    rows = desk.desk.reading.rows("runs")
    assert rows["by"].to_list() == ["pricesmith", "ana"]
    assert (desk.folder / "prices.csv").exists()
    page = client.get("/jobs", headers={"Accept": "text/html"}).text
    assert "See the result" in page and "data-live" not in page
    twin = client.get("/jobs?format=json").json()
    assert (twin["open"], twin["jobs"][0]["step"], twin["jobs"][0]["by"]) == (0, 6, "ana")


def test_what_failed_says_why_and_can_be_begun_again(desk: Place) -> None:
    client = desk.client("analyst", "ana")
    (desk.folder / "data" / "sales.csv").write_text("date;sku\n1;2\n", encoding="utf-8")
    post(client, "/jobs/price")
    (job,) = desk.desk.jobs.all()
    failed = ended(desk, job.name)
    assert failed.state == "failed"
    page = client.get("/jobs", headers={"Accept": "text/html"}).text
    assert "error: data/sales.csv" in page and "Once more" in page
    chinese = client.get("/jobs", headers={"Accept": "text/html", "Accept-Language": "zh"}).text
    assert "正在读取 shop.toml" in chinese
    assert post(client, "/jobs/again", job=job.name).status_code == 303
    assert len(desk.desk.jobs.all()) == 2
    post(client, "/jobs/stop", job=desk.desk.jobs.all()[0].name)
    assert ended(desk, desk.desk.jobs.all()[0].name).state in ("stopped", "failed")


def test_a_viewer_begins_nothing(desk: Place) -> None:
    client = desk.client("viewer", "vera")
    assert post(client, "/jobs/price").status_code == 403
    assert desk.desk.jobs.all() == []


def test_only_what_may_be_drafted_is_begun_again(desk: Place) -> None:
    client: TestClient = desk.client()
    job = desk.desk.jobs.begin("publish", ["--help"], "ana")
    assert ended(desk, job.name).state == "done"
    assert post(client, "/jobs/again", job=job.name).status_code == 403


def test_the_stream_ends_with_the_work(desk: Place) -> None:
    job = desk.desk.jobs.begin("check", ["check", str(desk.folder)], "ana")
    found = desk.client().get("/jobs/live").text.split("\n\n")
    assert found[-2:] == ["data: end", ""] and "data: more" in found
    assert desk.desk.jobs.one(job.name).ended is not None
