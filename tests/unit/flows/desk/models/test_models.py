"""The page Models: evidence and elasticities as in the price list, versions side by side, and tests of the forecasts as they were kept."""

from __future__ import annotations

import datetime as dt
import html
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from pricesmith.apps.service.jobs import Jobs
from pricesmith.apps.web.charts.dot_range import dot_range
from pricesmith.contracts.errors import UnknownChoice
from pricesmith.demand.response import ResponseModel
from pricesmith.flows import batch
from pricesmith.flows.desk.models import page
from pricesmith.flows.desk.models.page import Wanted, categories, models
from pricesmith.flows.desk.product.kin import related
from pricesmith.flows.desk.reading import kept
from pricesmith.flows.publishing.office import record_run
from tests.desk.place import Place, place, post


def gain(value: float, low: float, high: float) -> dict[str, float]:
    """What the model gains on another method, as a backtest keeps it."""
    return {"pinball_gain": value, "pinball_gain_lo": low, "pinball_gain_hi": high}


SCORES = {"wape": 0.5, "bias": -0.01, "pinball": 0.12, "coverage90": 0.9, "slope": 1.1}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Place:
    found = place(tmp_path_factory.mktemp("models") / "shop")
    loaded = batch.load(found.folder)
    day = batch.last_day(loaded.prepared)
    record_run(found.folder, batch.price(loaded, day.replace(day=1)), loaded.prepared.tables["competitor_prices"], "ana")
    return found


@pytest.mark.parametrize("told", [{}, {"form": "logit", "first_stage_f": None}])
def test_a_model_that_tells_less_has_its_page_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: dict[str, object]) -> None:
    """One of an earlier version, or of somebody's own."""
    shop = place(tmp_path / "shop")
    monkeypatch.setattr(ResponseModel, "report", lambda _self, _snapshot: told)
    page = shop.client("viewer").get(f"/models?run={shop.run}", headers={"Accept": "text/html"})
    assert page.status_code == 200 and ("logit" in page.text) == bool(told), page.text[-500:]


@pytest.mark.parametrize(
    ("biased", "said"), [(0, "Costs were not needed, or could not serve"), (1, "costs moved prices too little to rest on instead")]
)
def test_a_model_says_that_its_elasticities_are_likely_too_near_zero(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, biased: int, said: str
) -> None:
    shop = place(tmp_path / "shop")
    told = {"first_stage_f": 4.0, "endogeneity_t": 8.0, "pass_through": 0.2, "instrumented": 0, "biased": biased}
    monkeypatch.setattr(ResponseModel, "report", lambda _self, _snapshot: told)
    assert said in shop.client("viewer").get(f"/models?run={shop.run}", headers={"Accept": "text/html"}).text


def test_the_model_of_a_run_says_what_it_learned(desk: Place) -> None:
    reading = desk.desk.reading
    found = models(reading, Wanted(run=desk.run))
    decided = reading.run(desk.run).decided
    assert sum(found.evidence.values()) == decided.height == sum(one.products for one in found.categories)
    assert found.ready and found.report["fit"]["rows"] > 0 and "elasticity_by_category" not in found.report
    one = found.categories[0]
    own = decided.filter(pl.col("category") == one.category)["elasticity"]
    assert one.value == pytest.approx(own.median())
    assert one.low <= one.value <= one.high and one.other is None
    assert not found.shifts and [version.run for version in found.versions][-1] == desk.run


def test_two_versions_stand_side_by_side(desk: Place) -> None:
    reading = desk.desk.reading
    newest = reading.latest()
    assert newest is not None
    found = models(reading, Wanted(against=desk.run))
    assert found.run == newest and found.compared == 24
    assert all(one.other is not None for one in found.categories)
    sizes = [abs(one.change) for one in found.shifts]
    assert len(sizes) == 10 and sizes == sorted(sizes, reverse=True) and sizes[0] > 0
    first = found.shifts[0]
    now, then = (reading.run(run).decided.filter(pl.col("sku") == first.sku)["elasticity"][0] for run in (newest, desk.run))
    assert (first.after, first.before) == (now, then) and first.change == pytest.approx(now - then)
    with pytest.raises(UnknownChoice):
        models(reading, Wanted(against="none"))


@contextmanager
def last_test(desk: Place, **more: object) -> Iterator[None]:
    """The newest test of the shop's model that is kept says this."""
    file = kept.backtest_file(desk.folder, desk.desk.reading.now().replace(hour=23, minute=59, second=59))
    file.parent.mkdir(parents=True, exist_ok=True)
    said = {"at": "2026-03-02T08:00:00+00:00", "last": "2026-03-01", "name": "response", "rows": 50, "folds": [{}], "baselines": {}}
    file.write_text(json.dumps({**said, **SCORES, **more}), encoding="utf-8")
    try:
        yield
    finally:
        file.unlink()


def test_tests_are_kept_and_shown_the_newest_first(desk: Place) -> None:
    reading = desk.desk.reading
    assert models(reading, Wanted()).tests == []
    for hour, loss in ((8, 0.3), (9, 0.2)):
        file = kept.backtest_file(desk.folder, reading.now().replace(hour=hour))
        file.parent.mkdir(parents=True, exist_ok=True)
        baselines = {"seasonal_naive": {**SCORES, "pinball": 0.4, **gain(0.5, 0.4, 0.6)}, "lightgbm": {"absent": "not installed"}}
        told = {"at": f"2026-03-02T0{hour}:00:00+00:00", "last": "2026-03-01", "name": "response", "rows": 50, "folds": [{}, {}]}
        file.write_text(json.dumps({**told, **SCORES, "pinball": loss, "baselines": baselines}), encoding="utf-8")
    (file.parent / "broken.json").write_text("{", encoding="utf-8")
    found = models(reading, Wanted()).tests
    assert [one.scores[0].pinball for one in found] == [0.2, 0.3]
    assert [score.label for score in found[0].scores] == ["model", "seasonal_naive"]
    assert (found[0].origins, found[0].asked, found[0].fewer, found[0].lost) == (2, 0, [], False)
    first = found[0]
    assert (first.absent, first.verdict, first.best, first.covers) == (["lightgbm"], "better", "seasonal_naive", "")
    assert first.gain == (0.5, 0.4, 0.6)
    shown = desk.client("analyst").get("/models", headers={"Accept": "text/html", "Accept-Language": "en"}).text
    told = "loss is 50\u00a0% (90 % interval: 40\u00a0% to 60\u00a0%) below that of the best other method, as last time (seasonal naive)."
    assert told in shown
    assert "LightGBM was not tried" in shown


def test_a_test_says_why_it_started_less_often_and_where_it_forecast_worse_than_nothing(desk: Place) -> None:
    about = {"period": "month", "origins_asked": 4, "origins_fewer": ["short_history"], "horizon_for_all": 2}
    with last_test(desk, about=about, wape=1.32):
        first = models(desk.desk.reading, Wanted()).tests[0]
        assert (first.origins, first.asked, first.fewer, first.room, first.lost) == (1, 4, ["short_history"], 2, True)
        shown = desk.client("analyst").get("/models", headers={"Accept": "text/html", "Accept-Language": "en"}).text
        assert "of 4 that were asked for. At least half of the history lies before the first one" in shown
        assert "pricesmith backtest --horizon 2" in shown
        assert "forecasts of 0 would have had 1" in shown and "(WAPE 1.32)" in shown


@pytest.mark.parametrize(("language", "words"), [("en", "over the 28 days after each origin"), ("zh", "在各起点之后的 28 天内")])
def test_a_test_says_how_often_the_ranges_beside_prices_held(desk: Place, language: str, words: str) -> None:
    """It is those that Today and the products vouch with, not the intervals of forecasts of single days."""
    with last_test(desk, ranges={"coverage90": 0.62, "rows": 1240, "days": 28}):
        shown = desk.client("analyst").get("/models", headers={"Accept": "text/html", "Accept-Language": language}).text
        assert words in shown and "1,240" in shown and "62" in shown
        covered = desk.client("analyst").get("/", headers={"Accept": "application/json"}).json()["covered"]
        assert (covered["kind"], covered["share"], covered["days"]) == ("few", 0.62, 28)
        today = desk.client("analyst").get("/", headers={"Accept": "text/html", "Accept-Language": language}).text
        assert ("products&#39; sales over 28 days" if language == "en" else "商品（28 天销量）") in today


@pytest.mark.parametrize(
    ("gained", "coverage", "verdict", "covers"),
    [
        ((-0.1, -0.2, -0.05), 0.9, "worse", ""),
        ((0.0, -0.1, 0.1), 0.84, "level", "few"),
        ((0.2, 0.1, 0.3), 0.96, "better", "many"),
        (None, None, "", ""),
    ],
)
def test_a_test_ends_in_a_verdict(gained: tuple[float, float, float] | None, coverage: float | None, verdict: str, covers: str) -> None:
    at = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
    other = {**SCORES, **(gain(*gained) if gained else {})}
    own = page.Kept(at, at.date(), "response", 0.5, 0.0, 0.1, coverage, 1.0, 50, [{}], {"seasonal_naive": other})
    found = page.test(own)
    assert (found.verdict, found.covers) == (verdict, covers)


def test_families_that_act_are_counted_and_said(desk: Place) -> None:
    reading = desk.desk.reading
    found = models(reading, Wanted(run=desk.run))
    decided = reading.replayed(desk.run).decided
    sizes = np.bincount(family[family >= 0]) if ((family := decided.shop.demand.family) >= 0).any() else np.zeros(0)
    assert (found.report["families"], found.report["families_products"]) == ((sizes > 1).sum(), sizes[sizes > 1].sum())
    assert found.report["families"] > 0 and related(decided, int(np.flatnonzero(family >= 0)[0]), 1000, "EUR")
    shown = desk.client("analyst").get(f"/models?run={desk.run}", headers={"Accept": "text/html", "Accept-Language": "en"}).text
    assert "Groups of related products" in shown


@pytest.mark.real  # long
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_model_whose_first_test_is_under_way_is_being_tested(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str) -> None:
    monkeypatch.setattr(Jobs, "_work", lambda *_: None)
    found = place(tmp_path / "shop")
    client, headers = found.client("admin"), {"Accept": "text/html", "Accept-Language": language}
    sku = found.desk.reading.run(found.run).changes["sku"][0]
    assert 'name="test"' in client.get("/", headers=headers).text
    assert post(client, "/models/test").status_code == 303
    (job,) = found.desk.jobs.all()
    said = {"en": "is being tested on this shop's own past", "zh": "正在用本店历史数据检验"}[language]
    for address in ("/", f"/products/{sku}", "/what-if"):
        line = html.unescape(client.get(address, headers=headers).text.partition('id="covered"')[2].partition("</p>")[0])
        assert said in line and f'href="/jobs#job-{job.name}"' in line
        twin = client.get(address, headers={"Accept": "application/json"}).json()["covered"]
        assert (twin["kind"], twin["job"]) == ("testing", job.name)
    assert f'id="job-{job.name}"' in client.get("/jobs", headers=headers).text
    assert 'name="test"' not in client.get("/", headers=headers).text, "a run does not begin another test"


UNTESTED: dict[str, Any] = {
    "kind": "untested",
    "share": None,
    "period": "day",
    "worse": "",
    "loss": [0.0, 0.0, 0.0],
    "answer": None,
    "answered": "",
    "small": False,
    "misses": None,
    "days": 0,
    "starts": 0,
    "asked": 0,
    "currency": "",
    "revenue": None,
    "money": None,
    "job": "",
    "tested": "",
    "since": "",
    "sums": None,
}
"""What a page says of a model that was never tested."""


@pytest.mark.real  # long
@pytest.mark.parametrize(
    ("coverage", "told", "kind"),
    [
        (0.84, "too narrow: they covered 84\u00a0% of the weeks", "few"),
        (0.9, "found the 90 % ranges right (85 % to 95 % counts as that): they covered 90\u00a0% of the weeks", "right"),
        (0.97, "wider than need be", "many"),
    ],
)
def test_wherever_ranges_are_read_stands_what_the_last_test_of_the_model_found_of_them(
    tmp_path: Path, coverage: float, told: str, kind: str
) -> None:
    found = place(tmp_path / "shop")
    client, headers = found.client("viewer"), {"Accept": "text/html", "Accept-Language": "en"}
    sku = found.desk.reading.run(found.run).changes["sku"][0]
    pages = ("/", f"/products/{sku}", "/what-if")
    for address in pages:
        assert "was not tested on this shop" in client.get(address, headers=headers).text
        twin = client.get(address, headers={"Accept": "application/json"}).json()["covered"]
        assert twin == UNTESTED
    for hour, name, share in ((8, "response", 0.5), (9, "response", coverage), (10, "other", 0.3)):
        file = kept.backtest_file(found.folder, found.desk.reading.now().replace(hour=hour))
        file.parent.mkdir(parents=True, exist_ok=True)
        said = {"at": "2026-03-02T08:00:00+00:00", "last": "2026-03-01", "name": name, "rows": 50, "folds": [{}], "baselines": {}}
        said["about"] = {"period": "week", "origins_asked": 4}
        file.write_text(json.dumps({**said, **SCORES, "coverage90": share}), encoding="utf-8")
    shown = client.get("/", headers=headers).text
    every = shown + client.get("/models", headers=headers).text
    assert told in shown and "of the days" not in every and "of the weeks" in shown
    for address in pages[1:]:
        shown = client.get(address, headers=headers).text
        line = shown[shown.index('id="covered"') :].partition("</p>")[0]
        assert told in line and 'href="/models"' in line
        assert "Its starting points: 1 of 4." in line
        twin = client.get(address, headers={"Accept": "application/json"}).json()["covered"]
        assert {name: twin[name] for name in ("kind", "share", "period", "worse")} == {
            "kind": kind, "share": coverage, "period": "week", "worse": "",
        }  # fmt: skip
        other = client.get(address, headers={"Accept": "text/html", "Accept-Language": "zh"}).text
        assert "本模型最近一次检验" in other and "起始时点：1/4。" in other


def test_a_first_test_that_ended_without_a_result_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Jobs, "_work", lambda *_: None)
    found = place(tmp_path / "shop")
    client = found.client("admin")
    post(client, "/models/test")
    (job,) = found.desk.jobs.all()
    found.desk.jobs.stop(job.name)
    for language, said in (("en", "ended without a result"), ("zh", "检验已结束，但没有结果")):
        shown = client.get("/", headers={"Accept": "text/html", "Accept-Language": language}).text
        line = html.unescape(shown.partition('id="covered"')[2].partition("</p>")[0])
        assert said in line and f'href="/jobs#job-{job.name}"' in line
    twin = client.get("/", headers={"Accept": "application/json"}).json()["covered"]
    assert (twin["kind"], twin["job"]) == ("ended", job.name)


def test_a_product_without_a_category_has_a_line(desk: Place) -> None:
    rows = desk.desk.reading.run(desk.run).decided.with_columns(category=pl.lit(None, pl.String))
    (one,) = categories(rows, None)
    assert one.category == "" and one.products == rows.height


def test_the_chart_draws_each_row_and_escapes_names() -> None:
    rows = [
        {"label": "<b>a</b>", "value": -2.0, "low": -3.0, "high": -1.0, "other": -2.5},
        {"label": "c" * 60, "value": -1.0, "main": True},
    ]
    drawn = dot_range(rows, {"said": 'what "it" says', "x": "elasticity"})
    assert drawn.count("<circle") == 3 and drawn.count('class="span"') == 1
    assert "<b>" not in drawn and 'aria-label="what &#34;it&#34; says"' in drawn
    assert "…" in drawn


def test_rows_without_a_sale_are_told_apart_from_the_rows_of_the_files(tmp_path: Path) -> None:
    desk = place(tmp_path / "shop")
    found = models(desk.desk.reading, Wanted())
    cells = desk.desk.reading.replayed(desk.run).snapshot.cells
    assert found.period == "day" and 0 < found.report["unsold"] == cells.filter(pl.col("units") == 0).height < found.report["fit"]["rows"]
    for language, said in (("en", "Rows without a sale:"), ("zh", "其中无销售的行数：")):
        text = desk.client().get("/models", headers={"Accept": "text/html", "Accept-Language": language}).text
        assert f'<data value="{found.report["unsold"]}"' in text.partition(said)[2][:40]


@pytest.mark.real  # long
@pytest.mark.parametrize(
    ("language", "told"),
    [
        (
            "en",
            "Do not trust these prices yet: the last test of this model forecast worse than",
        ),
        ("zh", "暂勿依赖这些价格"),
    ],
)
def test_a_model_that_forecast_worse_than_a_simple_method_is_not_to_be_trusted_wherever_its_prices_are_read(
    tmp_path: Path, language: str, told: str
) -> None:
    found = place(tmp_path / "shop")
    client, headers = found.client("viewer"), {"Accept": "text/html", "Accept-Language": language}
    sku = found.desk.reading.run(found.run).changes["sku"][0]
    pages = ("/", f"/products/{sku}", "/what-if", f"/runs/{found.run}", "/prices/every")
    said = {"at": "2026-03-02T08:00:00+00:00", "last": "2026-03-01", "name": "response", "rows": 50, "folds": [{}]}
    file = kept.backtest_file(found.folder, found.desk.reading.now())
    file.parent.mkdir(parents=True, exist_ok=True)
    for gained, shown in (((0.09, 0.02, 0.15), False), ((-0.09, -0.2, 0.03), False), ((-0.09, -0.15, -0.02), True)):
        baselines = {"seasonal_naive": {**SCORES, **gain(*gained)}}
        file.write_text(json.dumps({**said, **SCORES, "baselines": baselines}), encoding="utf-8")
        for address in pages:
            text = client.get(address, headers=headers).text
            assert ((told in text) and ('id="mistrust"' in text)) == shown, (address, gained)
            assert ('id="covered"' in text) == (address in pages[:3])
    loss = client.get("/", headers={"Accept": "application/json"}).json()["covered"]["loss"]
    assert loss == pytest.approx([0.09, 0.02, 0.15])


def test_a_test_that_is_older_than_the_sales_says_so_beside_what_it_says_against_the_model(tmp_path: Path) -> None:
    found = place(tmp_path / "shop")
    client, headers = found.client("viewer"), {"Accept": "text/html", "Accept-Language": "en"}
    now = dt.datetime.now(dt.UTC)
    said = {"last": "2026-03-01", "name": "response", "rows": 50, "folds": [{}], **SCORES, "baselines": {}}
    file = kept.backtest_file(found.folder, now)
    file.parent.mkdir(parents=True, exist_ok=True)
    for hours, share, shown in ((-1, 0.5, True), (1, 0.5, False), (-1, SCORES["coverage90"], False)):
        at = (now + dt.timedelta(hours=hours)).isoformat()
        file.write_text(json.dumps({**said, "at": at, "coverage90": share}), encoding="utf-8")
        part = client.get("/", headers=headers).text.partition('id="since"')
        told = client.get("/", headers={"Accept": "application/json"}).json()["covered"]
        assert bool(part[1]) is shown and bool(told["since"]) is (hours < 0)
        if shown:
            assert told["tested"] == at and all(moment in part[2].partition("</p>")[0] for moment in (told["tested"], told["since"]))


def test_a_small_loss_is_told_in_money_and_not_as_an_alarm(tmp_path: Path) -> None:
    found = place(tmp_path / "shop")
    client, headers = found.client("viewer"), {"Accept": "text/html", "Accept-Language": "en"}
    file = kept.backtest_file(found.folder, found.desk.reading.now())
    file.parent.mkdir(parents=True, exist_ok=True)
    said = {"at": "2026-03-02T08:00:00+00:00", "last": "2026-03-01", "name": "response", "rows": 50, "folds": [{}], **SCORES}
    baselines = {"seasonal_naive": {**SCORES, "pinball": 0.119, **gain(-0.008, -0.049, -0.001)}}
    file.write_text(json.dumps({**said, "baselines": baselines}), encoding="utf-8")
    revenue = found.desk.reading.run(found.run).decided["expected_revenue"].sum()
    for address, at in (("/", ""), (f"/runs/{found.run}", "one"), ("/prices/every", "warned")):
        text = client.get(address, headers=headers).text
        assert '<p class="note" id="mistrust">' in text and "a little worse than" in text and "no reason to wait" in text
        assert "Do not trust" not in text
        twin = client.get(address, headers={"Accept": "application/json"}).json()
        told = (twin[at] if at else twin)["covered"]
        assert told["small"] and told["misses"] == [0.12, 0.119] and told["revenue"] == pytest.approx(revenue)
        assert told["money"] == pytest.approx(0.001 * revenue) and f'<data value="{told["money"]}">' in text
    assert "no reason to distrust" in client.get("/models", headers=headers).text
    baselines["seasonal_naive"] |= gain(-0.008, -0.051, -0.001)
    file.write_text(json.dumps({**said, "baselines": baselines}), encoding="utf-8")
    assert "Do not trust" in client.get("/prices/every", headers=headers).text


def test_before_all_changes_are_accepted_together_the_page_says_what_speaks_against_them(desk: Place) -> None:
    text = desk.client("viewer").get(f"/prices/every?run={desk.run}", headers={"Accept": "text/html", "Accept-Language": "en"}).text
    twin = desk.client("viewer").get(f"/prices/every?run={desk.run}", headers={"Accept": "application/json"}).json()["warned"]
    assert twin["behind"]["newer"] == desk.desk.reading.latest() != desk.run, "another run was made since"
    warned = text.partition('id="warned"')[2].partition("<form")[0]
    assert str(twin["behind"]["newer"]) in warned
    assert ('id="borrowed"' in warned) == (twin["borrowed"]["count"] > 0)
    of_one = desk.client("viewer").get(f"/prices/every?run={desk.run}&direction=up", headers={"Accept": "application/json"}).json()
    assert of_one["warned"]["changes"] == of_one["changes"] < twin["changes"], "what is found is what is told of"


@pytest.mark.parametrize(
    ("sums", "told"),
    [((-0.16, -0.27, -0.06), "less than was sold"), ((-0.16, -0.4, 0.1), ""), ((0.3, 0.1, 0.5), "more than was sold"), (None, "")],
)
def test_a_price_list_that_expected_far_from_what_was_sold_says_so_beside_its_prices(
    desk: Place, sums: tuple[float, float, float] | None, told: str
) -> None:
    client, headers = desk.client("viewer"), {"Accept": "text/html", "Accept-Language": "en"}
    expected = sums and dict(zip(("bias", "bias_lo", "bias_hi"), sums, strict=True))
    with last_test(desk, expected=expected):
        text = client.get("/", headers=headers).text
        assert ('id="sums"' in text) == bool(told) and told in text
        twin = client.get("/", headers={"Accept": "application/json"}).json()["covered"]
        assert (twin["sums"] if twin else None) == (list(sums) if sums and told else None)
        assert ("What a price list expects in all" in client.get("/models", headers=headers).text) == bool(sums)
        assert client.get("/models?format=json").json()["tests"][0]["expected"] == expected


@pytest.mark.parametrize(
    ("share", "told"), [((0.5, 0.3, 0.7), "clearly less"), ((0.5, 0.2, 0.9), ""), ((1.6, 1.3, 1.9), "clearly more"), (None, "")]
)
def test_a_model_whose_price_moves_were_not_followed_says_so_beside_its_prices(
    desk: Place, share: tuple[float, float, float] | None, told: str
) -> None:
    client, headers = desk.client("viewer"), {"Accept": "text/html", "Accept-Language": "en"}
    answer = share and {**dict(zip(("share", "share_lo", "share_hi"), share, strict=True)), "rows": 99, "items": 12}
    with last_test(desk, followed=answer):
        for address in ("/", f"/runs/{desk.run}"):
            text = client.get(address, headers=headers).text
            assert ('id="answered"' in text) == bool(told) and (f"price moves {told}" in text) == bool(told)
        twin = client.get("/", headers={"Accept": "application/json"}).json()["covered"]
        assert (twin["answer"] if twin else None) == (list(share) if share and told else None)
        shown = client.get("/models", headers=headers).text
        assert ('id="followed"' in shown) == bool(share) and (not share or f"{share[0]:.2f} of what" in shown)
        assert client.get("/models?format=json").json()["tests"][0]["followed"] == answer
