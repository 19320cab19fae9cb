"""What Today says of the last run: whether what decides prices was changed since."""

from __future__ import annotations

import dataclasses
import datetime as dt
import html
import os
import re
import time
from pathlib import Path

import polars as pl
import pytest

from pricesmith.demand import MODELS
from pricesmith.flows import batch
from pricesmith.flows.desk.data.page import Checked, State, state, table
from pricesmith.flows.desk.reading.ledger import Reading
from pricesmith.flows.desk.today.ages import SALES_DAYS, Age, last_row, sold
from pricesmith.flows.desk.today.page import today
from pricesmith.flows.publishing.office import record_run
from tests.desk.place import Place, place

DAY = dt.date(2026, 8, 2)
"""The day before that of the run that is there: the same day would give the same run."""
AT = dt.datetime(2026, 8, 3, 9, tzinfo=dt.UTC)


def since(desk: Place) -> bool:
    reading = desk.desk.reading
    return today(reading, reading.now()).rules_since


def write(desk: Place, text: str) -> None:
    """As by hand, and later than what is there."""
    path = desk.folder / "shop.toml"
    later = path.stat().st_mtime + 5
    path.write_text(text, encoding="utf-8")
    os.utime(path, (later, later))


def test_a_model_chosen_for_one_run_changes_no_rule(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(MODELS.members, "mine", MODELS["response"])
    desk = place(tmp_path / "shop")
    loaded = batch.load(desk.folder, model="mine")
    record_run(desk.folder, batch.price(loaded, DAY), loaded.prepared.tables["competitor_prices"], "anna")
    before = (desk.folder / "shop.toml").read_text(encoding="utf-8")
    assert desk.desk.reading.latest() != desk.run and not since(desk)
    write(desk, before.replace('name = "response"', 'name = "mine"'))
    assert not since(desk), "the run was made under what the settings say now"
    write(desk, before.replace("\nseed = 0", "\nseed = 7"))
    assert since(desk)
    write(desk, before.replace("max_step = 0.15", "max_step = 0.14"))
    assert not since(desk), "a guard decides no price"
    write(desk, before + "\n[[fees]]\npayment_rate = 0.02\n")
    assert since(desk), "what channels take decides prices"
    write(desk, before + '\n[[rule]]\nkind = "min_change"\nstep = 0.01\n')
    assert since(desk)


def test_the_last_sale_of_a_weekly_shop_reaches_to_the_end_of_its_week(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = place(tmp_path / "shop")
    snapshot = desk.desk.reading.replayed(desk.run).snapshot
    start, end = sold(last_row(snapshot), AT)
    assert start == end == snapshot.as_of - dt.timedelta(days=1), "a day's row tells of one day"
    week = last_row(dataclasses.replace(snapshot, period="week"))
    assert sold(week, AT + dt.timedelta(days=30)) == (start, start + dt.timedelta(days=6)), "also where the run is of the next day"
    assert sold(week, dt.datetime.combine(start + dt.timedelta(days=2), dt.time(9), dt.UTC))[1] == start + dt.timedelta(days=2)
    monkeypatch.setattr("pricesmith.flows.desk.today.page.last_row", lambda _snapshot: week)
    client = desk.client("viewer")
    told = client.get("/", headers={"Accept": "application/json"}).json()
    assert (told["last_sale"], told["last_sale_end"]) == (str(start), str(start + dt.timedelta(days=6)))
    page = client.get("/", headers={"Accept": "text/html"}).text
    assert f'<time datetime="{start}">{start}</time> … <time datetime="{start + dt.timedelta(days=6)}">' in page


def test_the_page_of_the_data_says_to_which_day_weekly_sales_reach(tmp_path: Path) -> None:
    desk = place(tmp_path / "shop")
    reading = desk.desk.reading
    day = dt.date(2026, 5, 25)
    counts = {"rows": 1, "accepted": 1, "quarantined": 0}
    reach = {"first": "2026-01-05", "last": str(day)}
    known = state(reading)
    checked = Checked({}, AT, {"sales": counts}, [], [], False, {"reach": {"sales": reach}})
    now = State(known.files, checked, known.asides)
    text = (reading.folder / "shop.toml").read_text(encoding="utf-8")
    write(desk, re.sub(r'(?m)^period = "day"', 'period = "week"', text))
    assert reading.policy.period == "week"
    assert table(reading, now, "sales", AT).until == day + dt.timedelta(days=6)
    early = dt.datetime.combine(day + dt.timedelta(days=2), dt.time(9), dt.UTC)
    assert table(reading, now, "sales", early).until == day + dt.timedelta(days=2), "a week that is not over reaches to today"


@pytest.mark.parametrize(("days", "old"), [(SALES_DAYS, False), (SALES_DAYS + 1, True)])
def test_old_sales_are_an_alarm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, days: int, old: bool) -> None:
    desk = place(tmp_path / "shop")
    last = desk.desk.reading.now().date() - dt.timedelta(days=days)
    monkeypatch.setattr("pricesmith.flows.desk.today.page.last_row", lambda _snapshot: (last, "day"))
    client = desk.client("viewer")
    told = client.get("/", headers={"Accept": "application/json"}).json()
    assert [(one["code"], one["what"], one["count"]) for one in told["alarms"]] == ([("old", "sales", 1)] if old else [])
    for language, none, rests in (
        ("en", "None in the last 24 hours.", "these prices rest on old data"),
        ("zh", "过去 24 小时内没有警报。", "这些价格基于旧数据"),
    ):
        page = client.get("/", headers={"Accept": "text/html", "Accept-Language": language}).text
        part = page.partition('<ul class="alarms">')[2].partition("</ul>")[0]
        assert (none in page) == (not old)
        assert [str(last) in part, rests in part, 'href="/start?table=sales#upload"' in part] == [old] * 3


def test_costs_too_old_for_the_gate_are_an_alarm(tmp_path: Path) -> None:
    desk = place(tmp_path / "shop")
    reading = desk.desk.reading
    limit = reading.policy.guards.cost_hours
    assert [one.what for one in today(reading, reading.now()).alarms if one.what == "cost"] == []
    later = today(reading, reading.now() + dt.timedelta(hours=limit + 1))
    cost = next(one for one in later.ages if one.what == "cost")
    assert [(one.code, one.at) for one in later.alarms if one.what == "cost"] == [("old", cost.at)]


def test_what_becomes_of_revenue_and_units_stands_beside_the_profit(tmp_path: Path) -> None:
    desk = place(tmp_path / "shop")
    reading = desk.desk.reading
    worth, decided = today(reading, reading.now()).worth, reading.run(desk.run).decided
    for now, then, share, name in ((*worth.revenue, "expected_revenue"), (*worth.units, "expected_units")):
        assert then == pytest.approx(decided[name].sum()) and share == pytest.approx(then / now - 1.0) and share != 0.0
    shown = desk.client("viewer").get("/", headers={"Accept": "text/html", "Accept-Language": "en"}).text
    line = re.sub(r"<[^>]*>", "", shown.partition('id="sales">')[2].partition("</p>")[0])
    assert line.startswith("Revenue after tax and returns") and "units a day" in line and line.count("%") == 2


@pytest.mark.parametrize(("language", "words"), [("en", "In seven such days:"), ("zh", "按此计算，七天合计：")])
def test_what_the_prices_bring_in_a_week_stands_beside_the_day(tmp_path: Path, language: str, words: str) -> None:
    client = place(tmp_path / "shop").client()
    worth = client.get("/", headers={"Accept": "application/json"}).json()["worth"]
    day = [worth[name] for name in ("profit_change", "profit_change_lo", "profit_change_hi")]
    assert worth["week"] == pytest.approx([7.0 * one for one in day])
    page = client.get("/", headers={"Accept": "text/html", "Accept-Language": language}).text
    line = re.sub(r"<[^>]+>", "", page.partition('<p id="week">')[2].partition("</p>")[0])
    assert words in line and f"{7.0 * day[0]:,.2f}" in line


@pytest.mark.parametrize(("days", "old"), [(SALES_DAYS, False), (SALES_DAYS + 1, True)])
def test_how_old_competitors_prices_are_is_told_by_their_rows(tmp_path: Path, days: int, old: bool) -> None:
    desk = place(tmp_path / "shop")
    reading, path = desk.desk.reading, desk.folder / "data" / "competitor_prices.csv"
    last = reading.now().date() - dt.timedelta(days=days)
    offers = pl.read_csv(path, infer_schema=False).unique(["sku", "competitor"], keep="last", maintain_order=True)
    offers.with_columns(observed_at=pl.lit(f"{last}T10:00:00Z")).write_csv(path)
    until = time.monotonic() + 30
    while (known := kind(reading)).seen is None and time.monotonic() < until:
        time.sleep(0.05)
    assert (known.seen, known.seen_old) == (last, old)
    told = desk.client("viewer").get("/", headers={"Accept": "application/json"}).json()["ages"]
    assert [(one["seen"], one["seen_old"]) for one in told if one["what"] == "competitor"] == [(str(last), old)]
    assert all(one["seen"] is None for one in told if one["what"] != "competitor")
    for language, said, rests in (
        ("en", "Competitors' prices last observed on", "these prices rest on old data"),
        ("zh", "竞品价格最后观测于", "这些价格基于旧数据"),
    ):
        page = desk.client("viewer").get("/", headers={"Accept": "text/html", "Accept-Language": language}).text
        line = next(one for one in page.splitlines() if f'<time datetime="{last}">{last}</time>' in one)
        assert said in html.unescape(line) and [rests in line, 'class="bad"' in line] == [old] * 2
    path.write_text(",".join(offers.columns) + "\n", encoding="utf-8")
    assert kind(reading).seen is None


def kind(reading: Reading) -> Age:
    (found,) = [one for one in today(reading, reading.now()).ages if one.what == "competitor"]
    return found
