"""How far a price may move that rests mostly on similar products: asked in the guide and on the page Rules, told on Today."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

import polars as pl
import pytest

from pricesmith.apps.report import view
from pricesmith.apps.report.words import Words
from pricesmith.flows.desk.guide.settings import Settings, settle
from pricesmith.flows.desk.guide.start import starter
from pricesmith.flows.desk.rules.caution import Borrowed, borrowed, caution, with_caution
from pricesmith.flows.desk.rules.policy_file import checked
from pricesmith.flows.desk.today.page import today
from tests.desk.place import Place, csrf, place
from tests.desk.test_rules import file, page, post
from tests.unit.apps.made_content import content

TEXT = 'currency = "EUR"\n\n[model]\n# max_move = { prior = 0.05 }  # how far\n\n[[rule]]\nkind = "max_change"\nstep = 0.1\n'


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return place(tmp_path_factory.mktemp("caution") / "shop")


def test_a_limit_is_written_by_grade_and_taken_out_again() -> None:
    one = with_caution(TEXT, {"pooled": 0.02, "prior": None})
    assert one == TEXT.replace("# max_move = { prior = 0.05 }", "max_move = { pooled = 0.02 }")
    assert caution(checked(one), one).line == 4
    kept = one.replace("{ pooled", "{ adjusted = 0.3, pooled")
    assert checked(with_caution(kept, {"pooled": None, "prior": 0.0})).model.max_move == {"adjusted": 0.3, "prior": 0.0}
    out = with_caution(one, {"pooled": None, "prior": None})
    assert out == one.replace("max_move", "# max_move") and checked(out).model.max_move == {}
    found = caution(checked(TEXT), TEXT)
    assert (found.pooled, found.prior, found.line) == (None, None, None)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_rules_has_fields_for_it(desk: Place, language: str) -> None:
    eve, before = desk.client("admin", "eve"), file(desk)
    header = {"Accept": "text/html", "Accept-Language": language}
    assert page(eve, "/rules")["caution"] == {"pooled": None, "prior": None, "line": None}
    plain = {"en": "may move as far as any other", "zh": "与其他价格同样调整"}[language]
    assert plain in eve.get("/rules", headers=header).text
    done = post(eve, "/rules/caution", pooled="2", prior="1,5 %")
    draft = re.search(r"draft=([^&]+)", done.headers["location"])[1]  # type: ignore[index]
    seen = page(eve, f"/rules?draft={draft}&dry=1")
    places = ["model.max_move.pooled", "model.max_move.prior"]
    assert [(one["place"], one["new"]) for one in seen["settings"]] == list(zip(places, ["0.02", "0.015"], strict=True))  # type: ignore[union-attr,attr-defined]
    assert seen["difference"]["later"] == [], "a dry run shows what it does"  # type: ignore[index]
    shown = eve.get(f"/rules?draft={draft}", headers=header).text
    assert 'name="pooled" inputmode="decimal" autocomplete="off" value="2"' in shown and 'value="1.5"' in shown and plain not in shown
    assert {"en": "largest move of a price that rests mostly on similar products", "zh": "主要参考同类商品的价格的最大调价幅度"}[
        language
    ] in shown
    assert post(eve, "/rules/caution", draft=draft).status_code == 303
    assert page(eve, f"/rules?draft={draft}")["settings"] == []
    assert post(desk.client("viewer", "vera"), "/rules/caution", pooled="5").status_code == 403
    for wrong in ("0.05", "-3", "little"):
        refused = eve.post("/rules/caution", data={"_csrf": csrf(eve, "/sign-in"), "pooled": wrong}, headers={"Accept": "application/json"})
        assert (refused.status_code, refused.json()["where"]) == (422, "pooled"), wrong
    assert file(desk) == before


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "0.02 may mean 2 % or 0.02 %: write 2 % or 0.02 %, with the sign"), ("zh", "0.02 可能指 2 %，也可能指 0.02 %")],
)
def test_a_number_that_may_be_a_share_is_asked_about_in_its_field(desk: Place, language: str, said: str) -> None:
    eve = desk.client("admin", "eve")
    draft = re.search(r"draft=([^&]+)", post(eve, "/rules/caution", prior="4").headers["location"])[1]  # type: ignore[index]
    refused = post(eve, "/rules/caution", draft=draft, pooled="2", prior="0.02")
    assert refused.status_code == 303 and refused.headers["location"].endswith("#typed")
    address = refused.headers["location"].removesuffix("#typed")
    assert f"draft={draft}" in address, "the draft stays open"
    twin = eve.get(f"{address}&format=json").json()
    assert (twin["cautious"]["given"], twin["cautious"]["field"]) == ({"pooled": "2", "prior": "0.02"}, "prior")
    assert twin["caution"]["prior"] == 0.04, "nothing was changed"
    shown = html.unescape(eve.get(address, headers={"Accept": "text/html", "Accept-Language": language}).text)
    form = shown.partition('action="/rules/caution"')[2].partition("</form>")[0]
    assert 'value="0.02" aria-invalid="true" aria-describedby="typed"' in form and 'name="pooled"' in form and 'value="2"' in form
    assert said in form.partition('id="typed"')[2].partition("</strong>")[0]
    assert eve.get("/rules?cautious={&format=json").json()["cautious"] is None
    assert eve.get(f"/rules?{urlencode({'cautious': '{}'})}&format=json").json()["cautious"] is None


def test_what_a_draft_changes_is_told_in_plain_values(desk: Place) -> None:
    eve = desk.client("admin", "eve")
    shown = eve.get(post(eve, "/rules/caution", pooled="2").headers["location"], headers={"Accept": "text/html"}).text
    row = shown.partition("<code>model.max_move.pooled</code>")[2].partition("</tr>")[0]
    assert "<td>2 %</td>" in row and "0.02" not in row


def test_a_limit_moves_such_prices_less_in_a_dry_run(desk: Place) -> None:
    eve, run = desk.client("admin", "eve"), desk.desk.reading.run(desk.run)
    grades = run.decided.filter(pl.col("action") == "change")["evidence"].unique().to_list()
    assert "pooled" in grades
    done = post(eve, "/rules/caution", pooled="0")
    plans = {one["plan"]: one for one in page(eve, f"{done.headers['location']}&dry=1")["difference"]["plans"]}  # type: ignore[index,attr-defined]
    assert plans["mine"]["changes"] < plans["recommended"]["changes"]


def test_today_says_how_many_changes_rest_on_similar_products(desk: Place) -> None:
    reading = desk.desk.reading
    change = reading.run(desk.run).decided.filter(pl.col("action") == "change")
    rows = [row for row in change.to_dicts() if row["evidence"] in ("pooled", "prior")]
    furthest = [row for row in rows if "max_change" in (row["binding_rules"] or "").split(";")]
    told = today(reading, reading.now()).borrowed
    assert told is not None and (told.count, told.furthest) == (len(rows), len(furthest)) and 0 < len(furthest) < change.height
    client = desk.client("viewer", "vera")
    assert client.get("/?format=json").json()["borrowed"] == {"count": len(rows), "furthest": len(furthest), "limited": 0, "assumed": 0}
    for language, said in (("en", "rest mostly on similar products"), ("zh", "主要参考同类商品")):
        text = client.get("/", headers={"Accept": "text/html", "Accept-Language": language}).text
        line = text.partition('<p id="borrowed">')[2].partition("</p>")[0]
        assert said in line and f'<data value="{len(rows)}"' in line and f'<data value="{len(furthest)}"' in line
        assert 'href="/rules#caution"' in line and 'id="caution"' in client.get("/rules").text


def test_the_page_of_a_run_and_its_report_say_it_too(desk: Place) -> None:
    reading = desk.desk.reading
    own, found = reading.run(desk.run), today(reading, reading.now()).borrowed
    assert found is not None
    client = desk.client("viewer", "vera")
    assert client.get(f"/runs/{desk.run}?format=json").json()["one"]["borrowed"] == {
        "count": found.count,
        "furthest": found.furthest,
        "limited": 0,
        "assumed": 0,
    }
    text = client.get(f"/runs/{desk.run}", headers={"Accept": "text/html"}).text
    line = text.partition('<p id="borrowed">')[2].partition("</p>")[0]
    assert f'<data value="{found.count}"' in line and f'<data value="{own.changes.height}"' in line
    told = replace(content(), decisions=own.decided, borrowed=found)
    for language, said in (("en", f"{found.count} of {own.changes.height} changes; of these the largest change stopped {found.furthest}"),
                           ("zh", f"{own.changes.height} 项中的 {found.count} 项，其中 {found.furthest} 项")):  # fmt: skip
        (known,) = [one for one in view.cautions(told, Words(language)) if said in one]
        assert "[model] max_move" in known
    assert not [one for one in view.cautions(replace(told, borrowed=Borrowed(0, 0)), Words("en")) if "max_move" in one]


def test_a_rule_of_another_name_is_no_largest_change() -> None:
    rules = checked(TEXT).rules
    table = pl.DataFrame(
        {"evidence": ["pooled", "prior", "pooled", "adjusted"], "binding_rules": ["max_change", "max_change:2", None, "max_change"]},
    )
    found = borrowed(table, rules)
    assert (found.count, found.furthest) == (3, 1)
    twice = borrowed(table, checked(TEXT + '\n[[rule]]\nkind = "max_change"\nstep = 0.2\nwhere = { category = "a*" }\n').rules)
    assert (twice.count, twice.furthest) == (3, 2)


@pytest.mark.parametrize(("language", "said"), [("en", "moved too little to tell:"), ("zh", "无从判断）：")])
def test_changes_on_experience_from_elsewhere_alone_are_counted_in_red(
    desk: Place, monkeypatch: pytest.MonkeyPatch, language: str, said: str
) -> None:
    monkeypatch.setattr("pricesmith.flows.desk.today.page.borrowed", lambda *_: Borrowed(3, 0, 0, 2))
    text = desk.client("viewer", "vera").get("/", headers={"Accept": "text/html", "Accept-Language": language}).text
    line = text.partition('<p id="borrowed">')[2].partition("</p>")[0]
    assert said in line.partition('<span class="bad">')[2] and '<data value="2">' in line


def test_what_the_limit_stopped_is_not_laid_to_the_largest_change() -> None:
    names = ["max_change;weak_evidence", "weak_evidence", "max_change", "weak_evidence"]
    table = pl.DataFrame({"evidence": ["pooled", "prior", "pooled", "adjusted"], "binding_rules": names})
    found = borrowed(table, checked(TEXT).rules)
    assert found == Borrowed(3, 1, 2, 1)
    told = replace(content(), borrowed=found)
    assert "stopped 2, and the largest change 1" in " ".join(view.cautions(told, Words("en")))
    assert "其中 2 项" in " ".join(view.cautions(told, Words("zh")))


def test_a_price_that_the_limit_stopped_says_so_wherever_it_is_told(tmp_path: Path) -> None:
    """On Today, the product's page with its limits and chart, and by `explain`: not that the largest change stopped it."""
    own = place(tmp_path / "shop", model="max_move = { pooled = 0.02, prior = 0.02 }")
    eve, reading = own.client("admin", "eve"), own.desk.reading
    run = reading.run(own.run)
    rows = run.decided.filter(pl.col("binding_rules").str.split(";").list.contains("weak_evidence")).to_dicts()
    moved = [row for row in rows if row["action"] == "change"]
    assert moved and all(abs(row["price"] / row["current_price"] - 1) <= 0.02 + 1e-9 for row in rows)
    told = today(reading, reading.now()).borrowed
    assert told is not None and told.limited == len(moved)
    assert f'<data value="{len(moved)}"' in eve.get("/").text.partition('<p id="borrowed">')[2].partition("</p>")[0]
    row = moved[0]
    place_ = f"/products/{row['sku']}?channel={row['channel']}&region={row['region']}"
    (limit,) = [one for one in page(eve, place_)["limits"] if one["name"] == "weak_evidence"]  # type: ignore[attr-defined]
    assert limit["binding"] and limit["low"] == pytest.approx(row["current_price"] * 0.98, abs=1)
    shown = eve.get(place_, headers={"Accept": "text/html"}).text
    assert "largest change on weak evidence" in shown and "rule_weak_evidence" not in shown


def test_the_guide_asks_it(tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "shop.toml").write_text(starter("shop"), encoding="utf-8")
    asked = Settings("shop", "EUR", "gross", "day", 0.05, 0.1, [0.99], None, 0.03)
    settle(folder, asked)
    text = (folder / "shop.toml").read_text(encoding="utf-8")
    assert checked(text).model.max_move == {"pooled": 0.03, "prior": 0.03}
