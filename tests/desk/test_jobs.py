"""Long work: begun from a page, in the name of who asked, seen while it runs, stopped, and begun again where it failed."""

from __future__ import annotations

import datetime as dt
import re
import time
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from starlette.testclient import TestClient

from pricesmith.apps.cli.publish import worded
from pricesmith.apps.cli.undo import _sent
from pricesmith.apps.service import serving
from pricesmith.apps.service.jobs import Job
from pricesmith.apps.web.pages.jobs import shown
from pricesmith.contracts.shop import Key
from pricesmith.flows.desk.reading.kept import backtest_file
from pricesmith.flows.publishing.answers.override import override
from tests.desk.feed import state
from tests.desk.place import Place, overridden, place, post

pytestmark = pytest.mark.real  # long

SENT = ["publish", "/s", "R1", "--to=web", "--live"]


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
    made = desk.desk.reading.run(rows["run"][-1])
    found = twin["jobs"][0]["came"]
    assert (found["run"], found["changes"], found["prices"]) == (made.name, made.changes.height, made.decided.height)
    assert client.get(f"/api/v1/jobs/{job.name}").json()["came"] == found
    told_of = f'<a href="/runs/{made.name}">'
    assert (
        f"Priced the shop: {told_of}" in page
        and f">{made.changes.height}</data> · prices, one for each product in each store: <data" in page
    )
    chinese = client.get("/jobs", headers={"Accept": "text/html", "Accept-Language": "zh"}).text
    assert f"已为全店定价：{told_of}" in chinese and "调价数：" in chinese


def test_one_person_prices_in_nobodys_name_and_accepts(desk: Place) -> None:
    """Also one who asked before saying so: the settings are others then, and so is the run."""
    client = desk.client("admin", "ana")
    settings = desk.folder / "shop.toml"
    settings.write_text(settings.read_text(encoding="utf-8").replace("draws = 64", "draws = 8"))

    def made() -> str:
        told = post(client, "/jobs/price")
        assert told.status_code == 303
        assert ended(desk, desk.desk.jobs.all()[0].name).state == "done"
        return str(desk.desk.reading.rows("runs")["run"][-1])

    named = made()
    assert post(client, f"/runs/{named}/accept", sure="1").status_code == 422
    assert "alone = true" in client.get("/jobs", headers={"Accept": "text/html"}).text
    settings.write_text(settings.read_text(encoding="utf-8").replace("[approval]", "[approval]\nalone = true"))
    page = client.get("/jobs", headers={"Accept": "text/html"}).text
    assert "One person runs this shop" in page and "Whoever asks for prices" not in page
    unnamed = made()
    assert unnamed != named and desk.desk.reading.rows("runs")["by"].to_list() == ["pricesmith", "ana", "pricesmith"]
    assert post(client, f"/runs/{unnamed}/accept", sure="1").status_code == 303
    assert state(client, unnamed)["verdicts"][0]["holds"]
    page = client.get(f"/runs/{unnamed}", headers={"Accept": "text/html"}).text
    assert "One person runs this shop" in page and "cannot accept them" not in page and "other than who asked" not in page
    assert "recorded as asked for by the program (pricesmith)" in page and "<code>--by</code>" in page and "`" not in page


def test_one_person_sets_a_price_and_accepts_it(desk: Place) -> None:
    client = desk.client("admin", "ana")
    settings = desk.folder / "shop.toml"
    text = settings.read_text(encoding="utf-8").replace("draws = 64", "draws = 8").replace("[approval]", "[approval]\nalone = true")
    settings.write_text(text, encoding="utf-8")
    assert post(client, "/jobs/price").status_code == 303
    assert ended(desk, desk.desk.jobs.all()[0].name).state == "done"
    run = desk.desk.reading.run(str(desk.desk.reading.rows("runs")["run"][-1]))
    row = run.changes.row(0, named=True)
    page = client.get(f"/products/{row['sku']}?run={run.name}", headers={"Accept": "text/html"}).text
    assert "You accept this price afterwards" in page and "A second person approves" not in page
    own = override(desk.desk.reading.book, run.name, {Key(row["sku"], row["channel"], row["region"]): row["price"] - 50},
                   by="ana", why="the customers", at=desk.desk.reading.now(), code=desk.desk.reading.place.code).run  # fmt: skip
    made = desk.desk.reading.rows("runs").filter(pl.col("run") == own).row(0, named=True)
    assert made["by"] == "pricesmith" and '"by":"ana"' in made["facts"].replace(" ", "")
    assert post(client, f"/runs/{own}/accept", sure="1").status_code == 303
    assert state(client, own)["verdicts"][0]["holds"]


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
    came = desk.desk.jobs.one(job.name)
    rows = sum(len(file.read_text(encoding="utf-8").splitlines()) - 1 for file in (desk.folder / "data").glob("*.csv"))
    read = shown(desk.desk, came).came
    assert read is not None and (read.rows, read.aside) == (rows, 0)


AT = dt.datetime(2026, 6, 1, 9, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("kind", "words", "lines", "state", "expected"),
    [
        ("publish", SENT, ["2 applied, 1 held"], "done", ("R1", "web", {"applied": 2, "held": 1})),
        ("publish", SENT, ["2 applied; 7 still to come, the next at 9"], "done", ("R1", "web", {"applied": 2})),
        ("undo", ["undo", *SENT[1:], "--by=a"], ["web: 3 applied; 1 had not left yet"], "done", ("R1", "web", {"applied": 3})),
        ("dry_run", ["publish", "/s", "R1", "--to=web", "--keep"], ["5 sent"], "done", ("R1", "web", {})),
        ("outcome", ["outcome", "/s", "--keep"], [], "done", None),
        ("publish", SENT, ["2 applied"], "failed", None),
        ("price", ["price", "/s"], ["run: R9 (`pricesmith runs /s R9` lists its changes)"], "done", None),
    ],
)  # fmt: skip
def test_work_that_is_done_names_the_run_and_how_many_prices(
    desk: Place, kind: str, words: list[str], lines: list[str], state: str, expected: tuple[str, str, dict[str, int]] | None
) -> None:
    """A run that the ledger does not have is not named."""
    told = shown(desk.desk, Job("j", kind, "ana", AT, tuple(words), state, tuple(lines), AT))
    found = told.came
    assert (found and (found.run, found.to, found.fates)) == expected
    if found is not None:
        assert told.result == ("/runs/R1/dry-run?to=web" if kind == "dry_run" else "/runs/R1#publishing")


@pytest.mark.parametrize(
    ("words", "line", "sent", "open_", "said", "chinese"),
    [
        (SENT, "139 held; 175 still to come, the next at 2026-06-01 09:20 UTC", False, 175, "Nothing was sent", "未发送任何价格"),
        (SENT, "2 applied, 1 held", True, 0, "Prices sent", "已发送价格"),
        (SENT, "7 same", False, 0, "Nothing was sent", "未发送任何价格"),
        (SENT, "3 rejected, 2 unknown", None, 0, "Tried to send prices", "已尝试发送价格"),
        (["undo", *SENT[1:]], "web: 4 dead", None, 0, "Tried to take prices back", "已尝试退回原价"),
        (["undo", *SENT[1:]], "web: 23 same", False, 0, "Nothing was taken back", "未退回任何价格"),
    ],
)
def test_what_became_of_prices_is_said_where_none_was_sent(
    desk: Place, words: list[str], line: str, sent: bool | None, open_: int, said: str, chinese: str
) -> None:
    job = Job("j", words[0], "ana", AT, tuple(words), "done", (line, f"  {worded('G4', 'dwell')}"), AT)
    desk.desk.jobs._jobs["j"] = job
    found = shown(desk.desk, job).came
    assert found is not None and (found.sent, found.open) == (sent, open_)
    assert found.next_at == (dt.datetime(2026, 6, 1, 9, 20, tzinfo=dt.UTC) if open_ else None)
    page = desk.client().get("/jobs", headers={"Accept": "text/html"}).text
    assert said in page and ("done for now" in page) == bool(open_)
    told = desk.client().get("/jobs", headers={"Accept": "text/html", "Accept-Language": "zh"}).text
    assert chinese in told and "still to come" not in told and "dwell" not in told
    of_run = desk.client().get(f"/runs/{desk.run}", headers={"Accept": "text/html"}).text
    assert said not in of_run
    desk.desk.jobs._jobs["j"] = replace(job, words=tuple(desk.run if word == "R1" else word for word in words))
    assert said in desk.client().get(f"/runs/{desk.run}", headers={"Accept": "text/html"}).text


def test_taking_back_tells_them_apart_too(desk: Place) -> None:
    line = "web: " + _sent({"fates": {"applied": 2}, "open": 7, "kept": 1}, 3)
    found = shown(desk.desk, Job("j", "undo", "ana", AT, ("undo", *SENT[1:], "--by=a"), "done", (line,), AT)).came
    assert found is not None and (found.open, found.others, found.fates) == (4, 3, {"applied": 2})


@pytest.mark.parametrize(("others", "own"), [(3, 4), (7, 0), (0, 7)])
def test_what_is_still_to_leave_of_other_runs_is_told_apart(desk: Place, others: int, own: int) -> None:
    lines = (
        "2 applied; 7 still to come, the next at 2026-06-01 09:20 UTC",
        *([f"  of them {others} of other runs of this shop"] if others else []),
    )
    words = tuple(desk.run if word == "R1" else word for word in SENT)
    desk.desk.jobs._jobs["j"] = job = Job("j", "publish", "ana", AT, words, "done", lines, AT)
    found = shown(desk.desk, job).came
    assert found is not None and (found.open, found.others) == (own, others)
    page = desk.client().get(f"/runs/{desk.run}", headers={"Accept": "text/html"}).text
    part = re.search(r'<section id="jobs".*?</section>', page, re.DOTALL)
    assert part and ("still to leave:" in part[0]) is (own > 0) and ("of other runs still to leave" in part[0]) is (others > 0)


def test_a_job_of_own_prices_names_the_run_that_it_made(desk: Place) -> None:
    own = overridden(desk, "ana")
    job = Job("j", "override", "ana", AT, ("override", "/s"), "done", (f"run {own}: 1 prices set by ana; somebody else approves it",), AT)
    found = shown(desk.desk, job).came
    assert found is not None and (found.run, found.changes) == (own, 1)


def test_the_first_prices_are_tested_where_that_is_not_unticked(desk: Place) -> None:
    client = desk.client("analyst", "ana")
    ticked = '<input type="checkbox" name="test" value="1" checked>'
    assert ticked in client.get("/jobs", headers={"Accept": "text/html"}).text
    post(client, "/jobs/price", test="1")
    kinds = sorted(job.kind for job in desk.desk.jobs.all())
    assert kinds == ["backtest", "price"]
    for job in desk.desk.jobs.all():
        desk.desk.jobs.stop(job.name)
        ended(desk, job.name)
    file = backtest_file(desk.folder, desk.desk.reading.now())
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("{}", encoding="utf-8")
    assert ticked not in client.get("/jobs", headers={"Accept": "text/html"}).text


def test_jobs_of_a_desk_that_is_served_by_a_path_from_here_find_its_shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`pricesmith serve myshop`: jobs run inside the folder, where that path leads nowhere."""
    place(tmp_path / "shop")
    monkeypatch.chdir(tmp_path)
    desk = serving.desk_of(Path("shop"))
    assert desk.reading.folder == tmp_path / "shop"
    name = desk.jobs.begin("check", ["check", str(desk.reading.folder)], "anna").name
    until = time.monotonic() + 60.0
    while desk.jobs.one(name).ended is None and time.monotonic() < until:
        time.sleep(0.05)
    assert desk.jobs.one(name).state == "done", desk.jobs.one(name).lines
