"""What the changes of a run bring together, and their single effects added up: two figures, each named where it is shown."""

from __future__ import annotations

import json
import re
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from pricesmith.apps.cli import runs
from pricesmith.apps.cli.main import group
from pricesmith.flows.publishing.history import overview
from tests.desk.place import Place, overridden, place

JSON, HTML = {"Accept": "application/json"}, {"Accept": "text/html"}


@pytest.fixture
def desk(tmp_path: Path) -> Place:
    return place(tmp_path / "shop")


@pytest.mark.parametrize(
    ("language", "added", "together"), [("en", "added up", "together they change"), ("zh", "逐项合计", "联合利润影响")]
)
def test_a_run_shows_what_today_says_and_names_a_sum_of_single_effects(desk: Place, language: str, added: str, together: str) -> None:
    own, client = overridden(desk, "anna"), desk.client("approver", "carl")
    joint = client.get("/", headers=JSON).json()["worth"]["profit_change"]
    listed = {one["run"]: one for one in client.get("/approvals", headers=JSON).json()["all"]["runs"]}
    whole, one = listed[desk.run], listed[own]
    assert whole["joint"] == pytest.approx(joint) and whole["profit_change"] != pytest.approx(joint, abs=0.01) and one["joint"] is None
    page = client.get("/approvals", headers={**HTML, "Accept-Language": language}).text
    rows = {run: page[page.index(f'href="/runs/{run}"') :].partition("</tr>")[0] for run in listed}
    assert f'<data value="{whole["joint"]}">' in rows[desk.run] and added not in rows[desk.run]
    assert f'<data value="{one["profit_change"]}">' in rows[own] and added in rows[own]
    for run, row in listed.items():
        text = client.get(f"/runs/{run}", headers={**HTML, "Accept-Language": language}).text
        head = text[text.index('<p class="over">') :].partition("</p>")[0]
        shown = [float(value) for value in re.findall(r'<data value="(-?[\d.]+)">', head)]
        told = any(value == pytest.approx(row["joint"], rel=1e-12) for value in shown) if row["joint"] is not None else False
        assert row["profit_change"] in shown and (together in head) == told == (run == desk.run)


def test_the_list_of_runs_says_what_their_summaries_said(desk: Place) -> None:
    own = overridden(desk, "anna")
    found = overview.runs(desk.desk.reading.book)
    joint = desk.desk.reading.sums(desk.run)[0].change
    assert found.select("run", "joint").rows() == [(desk.run, pytest.approx(joint)), (own, None)]
    lines = runs._listed(found).splitlines()
    assert "profit a day  single effects" in lines[0] and lines[-1] == runs.TOGETHER
    sums = found["single_effects"].to_list()
    told = json.loads(CliRunner().invoke(group, ["runs", str(desk.folder), "--json"]).stdout)
    assert told[-1]["single_effects"] == pytest.approx(sums[0])
    assert f"{joint:.2f}  {sums[0]:>14.2f}" in lines[1] and re.search(rf"–\s+{sums[1]:.2f}", lines[2].replace("−", "-"))


def test_a_run_recorded_before_the_joint_effect_was_kept_still_lists_its_single_effects() -> None:
    facts = pl.DataFrame({"facts": ['{"model":""}', '{"joint":null}', '{"joint":12.5}']})
    assert facts.select(overview.JOINT.alias("joint"))["joint"].to_list() == [None, None, 12.5]
