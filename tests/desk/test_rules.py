"""Rules at the desk: drafts, dry runs, two admins at once, versions, and the way back."""

from __future__ import annotations

import html
import os
import re
from collections.abc import Mapping
from pathlib import Path
from threading import Barrier, Thread
from urllib.parse import urlencode

import polars as pl
import pytest
from starlette.testclient import TestClient

from pricesmith.contracts.ledger import Act
from pricesmith.flows.desk.rules import policy_file
from pricesmith.flows.desk.rules.drafts import digest
from pricesmith.flows.desk.what_if import compared
from pricesmith.flows.publishing.answers.answering import answer
from pricesmith.flows.publishing.history.making import AGAIN
from tests.desk.place import Place, place, post
from tests.desk.working import at_once

JSON = {"Accept": "application/json"}


@pytest.fixture
def desk(tmp_path: Path) -> Place:
    return place(tmp_path / "shop")


def file(desk: Place) -> str:
    return (desk.folder / "shop.toml").read_text(encoding="utf-8")


def page(client: TestClient, address: str) -> Mapping[str, object]:
    found = client.get(address, headers=JSON)
    assert found.status_code == 200, found.text
    return found.json()  # type: ignore[no-any-return]


def drafted(client: TestClient, text: str, base: str) -> str:
    """The id of a draft of that text."""
    answer_ = post(client, "/rules/keep", text=text, base=base)
    assert answer_.status_code == 303, answer_.text
    return re.search(r"draft=([^&]+)", answer_.headers["location"])[1]  # type: ignore[index]


def changed(desk: Place, step: float) -> str:
    return re.sub(r"^step = [\d.]+", f"step = {step}", file(desk), flags=re.MULTILINE)


def test_a_draft_changes_nothing_until_an_admin_puts_it_into_force(desk: Place) -> None:
    ann, before = desk.client("analyst", "ann"), file(desk)
    draft = drafted(ann, changed(desk, 0.05), digest(before))
    seen = page(ann, f"/rules?draft={draft}&dry=1")
    assert file(desk) == before
    assert seen["settings"] == [{"place": "rule.max_change.step", "old": "0.15", "new": "0.05"}]
    difference = seen["difference"]
    assert difference["plans"][1]["profit"] > difference["plans"][2]["profit"]  # type: ignore[index]
    assert difference["differing"] > 0  # type: ignore[index]
    assert difference["differs"]  # type: ignore[index]
    assert post(ann, "/rules/save", draft=draft, why="calm").status_code == 403
    assert file(desk) == before


@pytest.mark.parametrize(("language", "every"), [("en", "Show all "), ("zh", "显示全部 ")])
def test_a_list_of_prices_that_differ_says_how_many_of_how_many_and_leads_to_the_rest(
    desk: Place, monkeypatch: pytest.MonkeyPatch, language: str, every: str
) -> None:
    monkeypatch.setattr(compared, "SHOWN", 3)
    ann = desk.client("analyst", "ann")
    draft = drafted(ann, changed(desk, 0.05), digest(file(desk)))
    header = {"Accept": "text/html", "Accept-Language": language}
    for address, part in ((f"/rules?draft={draft}&dry=1", "difference"), ("/what-if?changes=move_limit%3Fpercent%3D5", "differs")):
        told = page(ann, address)
        told = told["difference"] if part == "difference" else told  # type: ignore[assignment]
        total, shown = told["differing"], ann.get(address, headers=header).text
        assert total > len(told["differs"]) == 3  # type: ignore[operator,arg-type]
        text = shown[shown.index(f'id="{part}"') :]
        assert f'<small><data value="3">3</data>{" of " if language == "en" else "/"}<data value="{total}">{total}</data></small>' in text
        [way] = [one for one in re.findall(r'<a class="button" href="([^"]+)">([^<]+)</a>', text) if one[1].startswith(every)]
        assert way[1].removeprefix(every).split()[0] == f"{total}"
        rest = ann.get(html.unescape(way[0]).partition("#")[0], headers=JSON).json()
        listed = (rest["difference"] if part == "difference" else rest)["differs"]
        assert len(listed) == total and listed[:3] == told["differs"], "the same ones come first"
        assert every not in ann.get(html.unescape(way[0]).partition("#")[0], headers=header).text


def test_a_reason_beside_a_difference_is_against_todays_price(desk: Place) -> None:
    """The figure beside it is against the recommendation, and may be a loss where the price brings more than today's."""
    client = desk.client("analyst", "ann")
    for language, said in (("en", "Why this price, beside today"), ("zh", "与当前价相比，定为此价的原因")):
        header = {"Accept": "text/html", "Accept-Language": language}
        assert said in client.get("/what-if?changes=move_limit%3Fpercent%3D5", headers=header).text


def test_what_an_admin_saves_is_in_force_and_in_the_ledger(desk: Place) -> None:
    eve, before = desk.client("admin", "eve"), file(desk)
    text = changed(desk, 0.05)
    draft = drafted(eve, text, digest(before))
    assert post(eve, "/rules/save", draft=draft, why="customers like calm prices").status_code == 303
    assert file(desk) == text
    act = desk.desk.reading.book.read("audit").row(-1, named=True)
    assert (act["act"], act["by"], act["subject"]) == ("changed_policy", "eve", digest(text))
    assert desk.desk.reading.policy.rules != ()
    first, second = page(eve, "/rules")["versions"]  # type: ignore[misc]
    assert (first["version"], first["by"], first["why"], first["in_force"]) == (digest(text), "eve", "customers like calm prices", True)
    assert (second["version"], second["runs"], second["in_force"]) == (digest(before), 1, False)
    assert not page(eve, "/rules")["drafts"]
    assert desk.desk.reading.book.verify().findings == ()
    told = eve.get("/rules").text
    assert "two people" in told


def test_the_effect_of_a_draft_says_which_files_it_does_not_know(desk: Place) -> None:
    """A rule on competitors whose offers came after the run shows no effect: not because there is none."""
    ann = desk.client("analyst", "ann")
    draft = drafted(ann, changed(desk, 0.05), digest(file(desk)))
    assert page(ann, f"/rules?draft={draft}&dry=1")["difference"]["files_since"] == []  # type: ignore[index]
    offers = next((desk.folder / "data").glob("competitor_prices*"))
    later = desk.desk.reading.now().timestamp() + 60.0
    os.utime(offers, (later, later))
    seen = page(ann, f"/rules?draft={draft}&dry=1")
    assert seen["difference"]["files_since"] == ["competitor_prices"]  # type: ignore[index]
    text = ann.get(f"/rules?draft={draft}&dry=1", headers={"Accept": "text/html", "Accept-Language": "en"}).text
    assert "competitor_prices" in text.partition('id="files-since"')[2].partition("</p>")[0]


def test_a_save_needs_a_reason_and_a_difference(desk: Place) -> None:
    eve, before = desk.client("admin", "eve"), file(desk)
    draft = drafted(eve, changed(desk, 0.05), digest(before))
    assert post(eve, "/rules/save", draft=draft).status_code == 422
    same = drafted(eve, before, digest(before))
    assert post(eve, "/rules/save", draft=same, why="none").status_code == 422
    assert file(desk) == before


def test_a_text_that_does_not_parse_is_kept_and_changes_nothing(desk: Place) -> None:
    eve, before = desk.client("admin", "eve"), file(desk)
    text = changed(desk, 15)
    draft = drafted(eve, text, digest(before))
    seen = page(eve, f"/rules?draft={draft}&dry=1")
    assert seen["text"] == text
    assert seen["trouble"]["rule"] == 1  # type: ignore[index]
    assert text.splitlines()[seen["trouble"]["line"] - 1].startswith("step = 15")  # type: ignore[index]
    assert "$.rule[1].step" in eve.get(f"/rules?draft={draft}").text
    assert seen["difference"] is None
    assert post(eve, "/rules/save", draft=draft, why="oops").status_code == 422
    assert file(desk) == before
    acts = desk.desk.reading.book.read("audit")
    assert "changed_policy" not in acts["act"].to_list()


def test_a_rule_edit_that_does_not_parse_changes_nothing(desk: Place) -> None:
    eve, before = desk.client("admin", "eve"), file(desk)
    wrong = (("1500 %", "1500 % is too much", 1), ("0.08", "0.08 may mean 8 % or 0.08 %", 1), ("a fifth", "is no number", -1))
    for typed, told, number in wrong:
        given = {"kind": "max_change", "number": number, "field_step": typed, "where_brand": "own*"}
        asked = post(eve, "/rules/rule", **given)
        assert asked.status_code == 303 and asked.headers["location"].endswith("#typed")
        form = eve.get(asked.headers["location"], headers={"Accept": "text/html"}).text
        assert re.search(f'name="field_step" value="{typed}"[^>]* aria-invalid="true" aria-describedby="typed"', form)
        assert told in html.unescape(re.search('<strong class="bad" role="alert" id="typed">(.*?)</strong>', form)[1])  # type: ignore[index]
        assert 'name="where_brand" value="own*"' in form, "what else was filled in stands there still"
        program = post(eve, "/rules/rule?format=json", **given)
        assert program.status_code == 422 and told in program.json()["detail"]
    assert page(eve, "/rules?typed=no-form")["typed"] is None
    assert not page(eve, "/rules")["drafts"]
    assert post(eve, "/rules/rule", kind="none_such", number=1).status_code == 404
    assert file(desk) == before


def test_a_rule_is_changed_added_and_taken_out_in_a_draft(desk: Place) -> None:
    eve, before = desk.client("admin", "eve"), file(desk)
    first = post(eve, "/rules/rule", kind="max_change", number=1, field_step="5", where_category="home/*", hard="false", priority=2)
    draft = re.search(r"draft=([^&]+)", first.headers["location"])[1]  # type: ignore[index]
    rule = page(eve, f"/rules?draft={draft}")["rules"][1]  # type: ignore[index]
    assert (rule["values"]["step"], rule["where"], rule["hard"], rule["priority"]) == ("0.05", {"category": "home/*"}, False, 2)
    count = len(page(eve, "/rules")["rules"])  # type: ignore[arg-type]
    post(eve, "/rules/rule", draft=draft, kind="change_budget", field_max_changes="3")
    assert page(eve, f"/rules?draft={draft}")["rules"][-1]["kind"] == "change_budget"  # type: ignore[index]
    post(eve, "/rules/rule", draft=draft, kind="max_change", number=1, do="remove")
    kinds = [one["kind"] for one in page(eve, f"/rules?draft={draft}")["rules"]]  # type: ignore[attr-defined]
    assert (len(kinds), "max_change" in kinds) == (count, False)
    assert file(desk) == before


def test_a_dry_run_says_what_it_left_as_it_was(desk: Place) -> None:
    eve = desk.client("admin", "eve")
    done = post(eve, "/rules/rule", kind="max_change", number=1, field_step="5")
    seen = eve.get(done.headers["location"] + "&dry=1", headers={"Accept": "text/html", "Accept-Language": "en"}).text
    assert "shop.toml in force is not changed" in seen and "nothing is saved" not in seen


def test_a_share_is_typed_and_shown_in_per_cent_and_kept_as_it_was(desk: Place) -> None:
    eve = desk.client("admin", "eve")
    for typed in ("12 %", "12%", "12", "12,0", "12％"):
        done = post(eve, "/rules/rule", kind="max_change", number=1, field_step=typed)
        draft = re.search(r"draft=([^&]+)", done.headers["location"])[1]  # type: ignore[index]
        assert page(eve, f"/rules?draft={draft}")["rules"][1]["settings"]["step"] == 0.12  # type: ignore[index]
    for language, help_ in (("en", "15 and 15 % are both 15 %"), ("zh", "15 与 15% 都表示 15%")):
        shown = eve.get(f"/rules?draft={draft}", headers={"Accept": "text/html", "Accept-Language": language}).text
        assert 'name="field_step" value="12"' in shown and help_ in shown
        form = shown[shown.index('name="field_step"') - 400 :].partition("</form>")[0]
        assert "0.12" not in form and "0.15" not in form, "a form speaks in per cent alone"
        assert re.search(r"^step = 0\.12$", html.unescape(shown), re.MULTILINE), "the text has it as shop.toml is written"


def test_settings_are_told_by_their_names_in_forms_and_comparisons(desk: Place) -> None:
    eve = desk.client("admin", "eve")
    done = post(eve, "/rules/rule", kind="max_change", number=1, field_step="8 %", where_category="home/*")
    draft = re.search(r"draft=([^&]+)", done.headers["location"])[1]  # type: ignore[index]
    said = {
        "en": ("largest change · largest move either way", "largest change · only for category", "“largest move either way” where"),
        "zh": ("最大调价幅度 · 最大调价幅度（涨跌）", "最大调价幅度 · 适用范围 品类", "不填则取 “最大调价幅度（涨跌）”"),
    }
    for language, (step, where, meaning) in said.items():
        text = eve.get(f"/rules?draft={draft}", headers={"Accept": "text/html", "Accept-Language": language}).text
        text = html.unescape(re.sub(r"<textarea.*?</textarea>|<[^>]*>", "", text, flags=re.DOTALL))
        assert f"{step} rule.max_change.step" in text and f"{where} rule.max_change.where.category" in text
        assert "15 %8 %" in text, "and no figure of shop.toml beside them"
        assert meaning in text and "`step`" not in text


def test_a_question_takes_bare_numbers_in_per_cent_and_asks_where_a_share_may_be_meant(desk: Place) -> None:
    eve = desk.client("admin", "eve")
    for typed, asked in (("5", False), ("0.08", True), ("0.08 %25", False)):
        text = eve.get(f"/what-if?changes=move_limit%3Fpercent%3D{typed.replace('%25', '%2525')}", headers={"Accept": "text/html"}).text
        assert ("0.08 may mean 8 % or 0.08 %" in text) is asked
        assert '<input name="percent" inputmode="decimal"' in text, "the sign can be typed"


def test_a_setting_that_the_chosen_rule_does_not_have_is_said_in_words_with_those_that_it_has(desk: Place) -> None:
    eve = desk.client("admin", "eve")
    told = {
        "en": "The rule “largest change” has no setting “least margin on the cost (mark-up)”. Its settings: largest move either way, ",
        "zh": "规则“最大调价幅度”没有“",
    }
    for language, said in told.items():
        for value in ("5 %", "0.05"):
            asked = {"changes": f"rule_value?{urlencode({'rule': 'max_change', 'setting': 'min_margin', 'value': value})}"}
            answer = eve.get(f"/what-if?{urlencode(asked)}", headers={"Accept": "text/html", "Accept-Language": language})
            seen = html.unescape(answer.text)
            assert said in seen and "shop.toml" not in seen and "min_margin</" not in seen and "valid fields" not in seen
            assert '<optgroup label="' in seen and 'data-group="max_change"' in seen


@pytest.mark.parametrize(
    ("setting", "value", "en", "zh"),
    [("min_margin", "5 %", "least margin on the cost (mark-up): 5 %", "最低加价率（按成本）：5 %"),
     ("step", "much", "largest move either way: much", "最大调价幅度（涨跌）：much"),
     ("no_such", "5", "no such: 5", "no such：5")],
)  # fmt: skip
def test_the_chip_of_a_setting_that_does_not_fit_names_it_as_the_form_does(desk: Place, setting: str, value: str, en: str, zh: str) -> None:
    asked = {"changes": f"rule_value?{urlencode({'rule': 'max_change', 'setting': setting, 'value': value})}"}
    for language, said in (("en", en), ("zh", zh)):
        answer = desk.client("admin", "eve").get(
            f"/what-if?{urlencode(asked)}", headers={"Accept": "text/html", "Accept-Language": language}
        )
        chips = html.unescape(re.findall(r'<ul class="chips">.*?</ul>', answer.text, flags=re.DOTALL)[0])
        assert said in chips and setting not in re.sub(r'href="[^"]*"', "", chips)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_how_long_a_product_may_go_unsold_has_a_field(desk: Place, language: str) -> None:
    eve, before = desk.client("admin", "eve"), file(desk)
    header = {"Accept": "text/html", "Accept-Language": language}
    seen = page(eve, "/rules")
    assert (seen["stale_after_days"], seen["stale_line"]) == (None, None)
    said = {"en": ("never held for that", "where its last sale is more than a day ago"), "zh": ("不因此暂停改价", "超过 1 天")}[language]
    assert said[0] in eve.get("/rules", headers=header).text
    done = post(eve, "/rules/unsold", stale_after_days="1")
    draft = re.search(r"draft=([^&]+)", done.headers["location"])[1]  # type: ignore[index]
    seen = page(eve, f"/rules?draft={draft}&dry=1")
    assert seen["settings"] == [{"place": "data.stale_after_days", "old": "", "new": "1"}]
    assert seen["text"] == before.replace("# stale_after_days = 60", "stale_after_days = 1") and file(desk) == before
    assert seen["text"].splitlines()[seen["stale_line"] - 1].startswith("stale_after_days = 1 ")  # type: ignore[attr-defined,operator]
    assert seen["difference"]["later"] == [], "a dry run shows what it does"  # type: ignore[index]
    shown = eve.get(f"/rules?draft={draft}", headers=header).text
    assert said[1] in shown and 'name="stale_after_days" min="1" step="1" value="1"' in shown
    assert {"en": "days without a sale", "zh": "无销售天数"}[language] in shown
    assert post(eve, "/rules/unsold", draft=draft).status_code == 303
    assert page(eve, f"/rules?draft={draft}")["settings"] == []
    assert post(desk.client("viewer", "vera"), "/rules/unsold", stale_after_days="5").status_code == 403
    for wrong in ("0", "-3", "soon", "1.5"):
        assert post(eve, "/rules/unsold", stale_after_days=wrong).status_code == 422
    assert file(desk) == before


@pytest.mark.real  # long
def test_a_dry_run_says_how_many_products_become_held_and_how_many_no_more(desk: Place) -> None:
    desk, path = at_once(desk), desk.folder / "data" / "sales.csv"
    sales = pl.read_csv(path, try_parse_dates=True, schema_overrides={"sku": pl.String})
    gone = sales["sku"].unique().sort().head(7)
    until = pl.col("date").max() - pl.duration(days=10)
    sales.filter(~(pl.col("sku").is_in(gone.implode()) & (pl.col("date") > until))).write_csv(path)
    eve = desk.client("admin", "eve")
    post(eve, "/jobs/price")

    def held(days: int, language: str) -> tuple[dict[str, object], str]:
        done = post(eve, "/rules/unsold", stale_after_days=str(days))
        address = f"/rules?draft={re.search(r'draft=([^&]+)', done.headers['location'])[1]}&dry=1"  # type: ignore[index]
        text = eve.get(address, headers={"Accept": "text/html", "Accept-Language": language}).text
        return page(eve, address)["difference"]["holds"], text.partition('<p id="holds">')[2].partition("</p>")[0]  # type: ignore[index]

    holds, line = held(5, "en")
    assert (holds["before"], holds["after"], holds["enter"], holds["leave"]) == (0, 7, 7, 0)
    assert holds["entering"] == gone.head(5).to_list()
    assert 'newly held <b><data value="7"' in line and "…" in line
    draft = (desk.folder / "shop.toml").read_text(encoding="utf-8").replace("# stale_after_days = 60", "stale_after_days = 5")
    (desk.folder / "shop.toml").write_text(draft, encoding="utf-8")
    post(eve, "/jobs/price")
    holds, line = held(90, "zh")
    assert (holds["before"], holds["after"], holds["enter"], holds["leave"]) == (7, 0, 0, 7)
    assert '恢复可改价 <b><data value="7"' in line


def test_the_second_of_two_admins_is_refused_and_loses_nothing(desk: Place) -> None:
    eve, tom, before = desk.client("admin", "eve"), desk.client("admin", "tom"), file(desk)
    his = changed(desk, 0.03)
    one, other = drafted(eve, changed(desk, 0.05), digest(before)), drafted(tom, his, digest(before))
    assert post(eve, "/rules/save", draft=one, why="calm").status_code == 303
    refused = post(tom, "/rules/save", draft=other, why="calmer")
    assert refused.status_code == 409
    assert f"/rules?draft={other}" in refused.text
    assert "step = 0.05" in file(desk)
    seen = page(tom, f"/rules?draft={other}")
    assert (seen["text"], seen["stale"]) == (his, True)
    assert {"place": "rule.max_change.step", "old": "0.05", "new": "0.03"} in seen["settings"]  # type: ignore[operator]
    assert post(tom, "/rules/renew", draft=other).status_code == 303
    assert post(tom, "/rules/save", draft=other, why="calmer").status_code == 303
    assert file(desk) == his


def test_of_many_at_once_exactly_one_wins(desk: Place) -> None:
    reading, base, gate, won, lost = desk.desk.reading, digest(file(desk)), Barrier(6), [], []

    def go(number: int) -> None:
        gate.wait()
        try:
            won.append(policy_file.put_into_force(reading, changed_to[number], base, by=f"p{number}", why="race", at=reading.now()))
        except policy_file.ChangedMeanwhileError:
            lost.append(number)

    changed_to = [changed(desk, 0.01 * (number + 1)) for number in range(6)]
    threads = [Thread(target=go, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(won), len(lost)) == (1, 5)
    assert digest(file(desk)) == won[0]
    assert reading.book.read("audit")["act"].to_list().count("changed_policy") == 1


def test_an_old_version_comes_back_as_a_draft(desk: Place) -> None:
    eve, before = desk.client("admin", "eve"), file(desk)
    answer(desk.desk.reading.book, desk.run, "accept", by="ann", at=desk.desk.reading.now(), policy=desk.desk.reading.policy)
    draft = drafted(eve, changed(desk, 0.05), digest(before))
    post(eve, "/rules/save", draft=draft, why="calm")
    old = next(one for one in page(eve, "/rules")["versions"] if not one["in_force"])  # type: ignore[attr-defined]
    assert old["approvers"] == ["ann"]
    told = page(eve, f"/rules/versions?old={old['version']}&new=file")
    assert told["settings"] == [{"place": "rule.max_change.step", "old": "0.15", "new": "0.05"}]
    assert [line["kind"] for line in told["lines"]].count("add") == 1  # type: ignore[attr-defined]
    opened = post(eve, "/rules/open", version=old["version"])
    back = re.search(r"draft=([^&]+)", opened.headers["location"])[1]  # type: ignore[index]
    assert page(eve, f"/rules?draft={back}")["text"] == before
    assert post(eve, "/rules/save", draft=back, why="back").status_code == 303
    assert file(desk) == before


def test_each_time_that_a_version_was_in_force_is_told_with_the_runs_of_then(desk: Place) -> None:
    eve, before, reading = desk.client("admin", "eve"), file(desk), desk.desk.reading
    calm = changed(desk, 0.05)
    answer(reading.book, desk.run, "accept", by="ann", at=reading.now(), policy=reading.policy)
    for text, base, why in ((calm, before, "calm"), (before, calm, "as before"), (calm, before, "calm again")):
        put = policy_file.put_into_force(reading, text, digest(base), by="eve", why=why, at=reading.now())
        assert put == digest(text)
    reading.book.append(Act(reading.now(), "eve", AGAIN, desk.run), {})
    told = page(eve, "/rules")["versions"]
    old, new = digest(before), digest(calm)
    assert [(one["version"], one["why"], one["runs"], one["approvers"], one["in_force"]) for one in told] == [  # type: ignore[attr-defined]
        (new, "calm again", 0, [], True),
        (old, "as before", 1, [], False),
        (new, "calm", 0, [], False),
        (old, "", 1, ["ann"], False),
    ]
    assert len({one["at"] for one in told}) == 4  # type: ignore[attr-defined]
    html_ = eve.get("/rules", headers={"Accept": "text/html"}).text
    assert html_.count('action="/rules/open"') == 2
    assert [one["version"] for one in page(eve, "/rules/versions")["versions"]] == [new, old]  # type: ignore[attr-defined]


def test_a_file_that_was_written_by_hand_has_a_time_of_its_own(desk: Place) -> None:
    eve, before, reading = desk.client("admin", "eve"), file(desk), desk.desk.reading
    by_hand = changed(desk, 0.07)
    (desk.folder / "shop.toml").write_text(by_hand, encoding="utf-8")
    policy_file.put_into_force(reading, before, digest(by_hand), by="eve", why="no", at=reading.now())
    told = page(eve, "/rules")["versions"]
    assert [(one["version"], one["by"], one["runs"]) for one in told] == [  # type: ignore[attr-defined]
        (digest(before), "eve", 0),
        (digest(by_hand), "", 0),
        (digest(before), "pricesmith", 1),
    ]


def test_the_audit_says_why_the_rules_were_changed_and_leads_to_what_changed(desk: Place) -> None:
    eve, before, reading = desk.client("admin", "eve"), file(desk), desk.desk.reading
    policy_file.put_into_force(reading, changed(desk, 0.05), digest(before), by="eve", why="calm prices", at=reading.now())
    text = eve.get("/audit", headers={"Accept": "text/html"}).text
    assert "calm prices" in text
    link = f"/rules/versions?old={digest(before)}&new={digest(file(desk))}"
    assert f'href="{html.escape(link)}"' in text
    assert page(eve, link)["settings"] == [{"place": "rule.max_change.step", "old": "0.15", "new": "0.05"}]


def test_another_person_does_not_see_a_draft(desk: Place) -> None:
    eve, tom = desk.client("admin", "eve"), desk.client("admin", "tom")
    draft = drafted(eve, changed(desk, 0.05), digest(file(desk)))
    assert tom.get(f"/rules?draft={draft}", headers=JSON).status_code == 404
    assert post(tom, "/rules/save", draft=draft, why="not mine").status_code == 404


def test_rules_that_clash_are_named(desk: Place) -> None:
    eve, before = desk.client("admin", "eve"), file(desk)
    text = before + '\n[[rule]]\nkind = "margin_floor"\nmin_margin = 9.0\n'
    draft = drafted(eve, text, digest(before))
    clashes = page(eve, f"/rules?draft={draft}&dry=1")["difference"]["clashes"]  # type: ignore[index]
    assert "margin_floor:2" in clashes[0]["rules"]
    assert clashes[0]["count"] > 0
    assert page(eve, "/rules")["clashes"] != clashes


def test_a_scenario_becomes_a_draft(desk: Place) -> None:
    ann = desk.client("analyst", "ann")
    done = post(ann, "/what-if/draft", changes="move_limit?percent=5", name="calm")
    draft = re.search(r"draft=([^&]+)", done.headers["location"])[1]  # type: ignore[index]
    seen = page(ann, f"/rules?draft={draft}")
    assert (seen["draft_name"], seen["trouble"]) == ("calm", None)
    assert {"place": "rule.max_change:2.step", "old": "", "new": "0.05"} in seen["settings"]  # type: ignore[operator]
    dry = page(ann, f"/rules?draft={draft}&dry=1")["difference"]
    asked = page(ann, "/what-if?changes=move_limit%3Fpercent%3D5")
    assert [one["profit"] for one in dry["plans"]] == [one["profit"] for one in asked["plans"]]  # type: ignore[index,attr-defined]
    assert post(ann, "/what-if/draft", changes="cost_change?percent=5").status_code == 422


def test_a_question_can_be_linked(desk: Place) -> None:
    ann = desk.client("viewer", "ann")
    found = page(ann, "/what-if?add=move_limit&percent=5")
    assert [one["text"] for one in found["changes"]] == ["move_limit?percent=5"]  # type: ignore[attr-defined]
    text = ann.get("/what-if?changes=move_limit%3Fpercent%3D5").text
    assert f'value="{found["plans"][2]["profit"]}"' in text  # type: ignore[index]


def test_a_step_that_a_guard_still_stops_is_told_on_keeping_and_in_the_difference(desk: Place) -> None:
    ann = desk.client("analyst", "ann")
    assert 'id="stricter"' not in ann.get("/rules").text
    draft = drafted(ann, changed(desk, 0.3), digest(file(desk)))
    told = ann.get(f"/rules?draft={draft}").text
    assert 'id="stricter"' in told
    assert '<a href="#text"><code>[guards] max_step</code></a> (line ' in told
    unset = changed(desk, 0.3).replace("\nmax_step = 0.15", "")
    assert "max_step = " not in unset and "it is not in the text" in ann.get(f"/rules?draft={drafted(ann, unset, digest(file(desk)))}").text
    seen = page(ann, f"/rules?draft={draft}&dry=1")
    (one,) = seen["stricter"]  # type: ignore[misc]
    assert (one["rule"], one["guard"], one["allows"], one["limit"]) == ("max_change", "G3", 0.3, 0.15)
    (caught,) = seen["difference"]["foreseen"]["caught"]  # type: ignore[index]
    assert (caught["guard"], caught["code"]) == ("G3", "step") and caught["count"] > 0
    text = ann.get(f"/rules?draft={draft}&dry=1").text
    assert "would be held by a guard when published" in text and "the price moves too far in one step" in text
    wide = "/what-if?" + urlencode({"changes": "rule_value?rule=max_change&setting=step&value=30"})
    assert page(ann, wide)["foreseen"] == seen["difference"]["foreseen"]  # type: ignore[index]
    assert "would be held by a guard when published" in ann.get(wide).text
    assert page(ann, "/what-if?changes=cost_change%3Fpercent%3D5")["foreseen"] is None


def test_today_says_that_the_rules_were_changed_since_its_run(desk: Place) -> None:
    eve = desk.client("admin", "eve")
    before = eve.get("/").text
    assert "proved: under these rules" in before
    assert 'id="rules-since"' not in before
    draft = drafted(eve, file(desk).replace("[guards]\n", "[guards]\nclock_seconds = 50\n"), digest(file(desk)))
    assert post(eve, "/rules/save", draft=draft, why="a guard decides no price").status_code == 303
    assert 'id="rules-since"' not in eve.get("/").text
    draft = drafted(eve, changed(desk, 0.05), digest(file(desk)))
    assert post(eve, "/rules/save", draft=draft, why="calm").status_code == 303
    told = eve.get("/").text
    assert 'id="rules-since"' in told
    assert 'action="/jobs/price"' in told


def test_a_rule_over_several_products_is_said_to_be_kept_by_the_run_as_a_whole(tmp_path: Path) -> None:
    desk = place(tmp_path / "shop", '\n[[rule]]\nkind = "index_limit"\nmax_move = 0.004\n')
    client = desk.client("viewer")
    together = {one["name"]: one["together"] for one in client.get("/rules", headers={"Accept": "application/json"}).json()["rules"]}
    assert together["index_limit"] and not together["margin_floor"]
    for language, whole, alone in (("en", "kept by the run as a whole", "never broken"), ("zh", "整个批次遵守", "硬性")):
        shown = client.get("/rules", headers={"Accept": "text/html", "Accept-Language": language}).text
        pills = re.findall(r'<span class="pill">([^<]*)</span>.*?<p class="note" id="rule-([^"]*)"', shown, re.S)
        said = {name: pill for pill, name in pills}
        assert (said["index_limit"], said["margin_floor"]) == (whole, alone)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_question_that_cannot_be_asked_stays_in_its_form(tmp_path: Path, language: str) -> None:
    client = place(tmp_path / "shop").client("viewer")
    headers = {"Accept": "text/html", "Accept-Language": language}
    category = re.search(
        r'<select name="category"><option value="">[^<]*</option><option value="([^"]+)"', client.get("/what-if", headers=headers).text
    )
    assert category is not None
    page = client.get("/what-if", params={"add": "move_limit", "category": category[1], "percent": "five percent"}, headers=headers).text
    form = page[page.index('id="ask-move_limit"') :].partition("</form>")[0]
    assert 'name="percent" inputmode="decimal" autocomplete="off" value="five percent"' in form
    assert f'<option value="{category[1]}" selected>' in form
    alert = page[page.index('role="alert"') :].partition("</section>")[0]
    assert ("may move by at most: " if language == "en" else "价格变动不超过：") in alert


def test_a_rule_about_no_product_is_said_with_its_line_and_what_there_is(desk: Place) -> None:
    ann, before = desk.client("analyst", "ann"), file(desk)
    added = '\n[[rule]]\nkind = "exclude"\nwhere = { category = "home/gardn" }\n'
    address = f"/rules?draft={drafted(ann, before + added, digest(before))}"
    one = page(ann, address)["rules"][-1]  # type: ignore[index]
    assert one["idle"] and (one["unmatched"]["column"], one["unmatched"]["values"]) == ("category", ["home/garden", "home/kitchen"])
    line = len(before.splitlines()) + 2
    for language, said in (
        (
            "en",
            f"exclusion (line {line}): shop.toml: $.rule[{one['number']}] (exclude) acts on no product: none has category = home/gardn;",
        ),
        ("zh", f"（第 {line} 行）：shop.toml：$.rule[{one['number']}]（exclude）不涉及任何商品"),
    ):
        seen = html.unescape(ann.get(address, headers={"Accept": "text/html", "Accept-Language": language}).text)
        assert said in seen.partition('id="idle"')[2].partition("</section>")[0], language
    assert 'id="idle"' not in ann.get("/rules", headers={"Accept": "text/html"}).text


def test_who_approved_under_a_version_is_said_in_the_language_of_the_page(tmp_path: Path) -> None:
    found = place(tmp_path / "shop")
    operator = found.client()
    post(operator, f"/runs/{found.run}/accept", sure="1", held="1")
    page = operator.get("/rules", headers={"Accept": "text/html", "Accept-Language": "zh"}).text.partition('id="versions"')[2]
    assert "操作员" in page and "operator" not in page
