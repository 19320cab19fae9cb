"""The rules are changed, the shop is priced, the rules go back, and it is priced again: the old run is the newest then."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from pricesmith.flows.desk.rules import policy_file
from pricesmith.flows.desk.rules.drafts import digest

from .feed import QUIET, attested, prices, settings, told
from .place import Place, place, post
from .working import at_once

pytestmark = pytest.mark.real  # long

HTML = {"Accept": "text/html"}


@pytest.fixture
def desk(tmp_path: Path) -> Place:
    return at_once(place(tmp_path / "shop"))


def into_force(desk: Place, text: str, why: str) -> None:
    reading = desk.desk.reading
    base = digest((desk.folder / "shop.toml").read_text(encoding="utf-8"))
    policy_file.put_into_force(reading, text, base, by="ada", why=why, at=reading.now())


def priced(desk: Place, client: TestClient) -> str:
    """Price the shop as the button does; returns the run that Today shows then."""
    assert post(client, "/jobs/price").status_code == 303
    return str(told(client, "/")["run"])


def test_going_back_to_the_old_rules_and_pricing_again_shows_the_old_run(desk: Place) -> None:
    ann, ben, old = desk.client("approver", "ann"), desk.client("approver", "ben"), (desk.folder / "shop.toml").read_text(encoding="utf-8")
    first = priced(desk, ann)
    post(ben, f"/runs/{first}/accept", sure="1")
    assert told(ann, f"/runs/{first}")["one"]["states"].keys() == {"ready"}
    into_force(desk, re.sub(r"^step = [\d.]+", "step = 0.05", old, flags=re.MULTILINE), "calm")
    assert told(ann, "/")["rules_since"]
    between = priced(desk, ann)
    assert between != first and not told(ann, "/")["rules_since"]
    into_force(desk, old, "as before")
    for _ in range(2):
        assert told(ann, "/")["rules_since"] == (told(ann, "/")["run"] == between)
        assert priced(desk, ann) == first
    today = told(ann, "/")
    acts = [row for row in told(ann, "/audit")["all"]["acts"] if row["act"] == "made_again"]
    assert [(row["by"], row["subject"], row["at"]) for row in acts] == [("ann", first, today["at"])]
    assert (today["rules_since"], today["by"], today["ready"]) == (False, "ann", 0) and today["open"] > 0
    assert "made a run of prices again" in ann.get("/audit", headers=HTML).text
    assert "重新生成了同一个定价批次" in ann.get("/audit", headers={**HTML, "Accept-Language": "zh"}).text

    assert [row["run"] for row in told(ann, "/approvals")["all"]["runs"]][:2] == [first, between]
    assert told(ann, "/approvals")["all"]["runs"][0]["state"] == "open"
    one = told(ann, f"/runs/{first}")["one"]
    assert one["states"].keys() == {"open"} and [row["holds"] for row in one["verdicts"]] == [False]
    post(ben, f"/runs/{first}/publish", to="web", sure="1")
    assert desk.desk.reading.rows("intents").is_empty()
    post(ben, f"/runs/{first}/accept", sure="1")
    one = told(ann, f"/runs/{first}")["one"]
    assert one["states"].keys() == {"ready"} and [row["holds"] for row in one["verdicts"]] == [True, False]


def open_shop(desk: Place, ann: TestClient, ben: TestClient) -> str:
    """A shop that prices can be sent to, and a run for it."""
    settings(desk, "[guards]\n", QUIET)
    run = priced(desk, ann)
    rows = desk.desk.reading.run(run).decided.select("sku", "current_price").drop_nulls().rows()
    with (desk.folder / "feed.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("sku", "price"), *((sku, f"{price / 100:.2f}") for sku, price in rows if price > 0)])
    attested(desk, ann, ben)
    return run


def test_a_price_that_was_taken_back_can_be_published_again_after_pricing_again(desk: Place) -> None:
    ann, ben = desk.client("approver", "ann"), desk.client("approver", "ben")
    run = open_shop(desk, ann, ben)
    before = prices(desk)
    post(ben, f"/runs/{run}/accept", sure="1")
    post(ben, f"/runs/{run}/publish", to="web", sure="1")
    came = prices(desk)
    assert came != before
    post(ben, f"/runs/{run}/undo", to="web", sure="1")
    assert prices(desk) == before and "undone" in told(ann, f"/runs/{run}")["one"]["states"]
    assert priced(desk, ann) == run
    one = told(ann, f"/runs/{run}")["one"]
    assert "undone" not in one["states"] and one["states"]["open"] > 0
    post(ben, f"/runs/{run}/publish", to="web", sure="1")
    assert prices(desk) == before
    post(ben, f"/runs/{run}/accept", sure="1")
    assert told(ann, f"/runs/{run}")["one"]["shops"][0]["ready"] > 0


def test_pages_tell_what_is_of_before_a_run_was_made_again(desk: Place) -> None:
    ann, ben, carl = (desk.client("approver", name) for name in ("ann", "ben", "carl"))
    run = open_shop(desk, ann, ben)
    post(ben, f"/runs/{run}/accept", sure="1")
    for act in ("publish", "undo"):
        post(ben, f"/runs/{run}/{act}", to="web", sure="1")
    assert all(job["before"] is None for job in told(ann, f"/runs/{run}")["jobs"])
    assert priced(desk, carl) == run
    made = told(ann, "/")
    row = desk.desk.reading.run(run).changes.row(0, named=True)
    address = f"/products/{row['sku']}?channel={row['channel']}&region={row['region']}"
    one = told(ann, address)
    assert (one["by"], one["made_at"]) == (made["by"], made["at"]) == ("carl", told(ann, f"/runs/{run}")["one"]["at"])
    makings = [(row["kind"], row["by"]) for row in one["events"] if row["kind"] in ("decided", "made_again") and row["run"] == run]
    assert makings == [("made_again", "carl"), ("decided", "ann")]
    assert [(event["by"], event["over"]) for event in one["events"] if event["kind"] == "accept"] == [("ben", True)]
    jobs = told(ann, f"/runs/{run}")["jobs"]
    assert {job["kind"] for job in jobs} == {"publish", "undo"} and {job["before"] for job in jobs} == {made["at"]}
    for language, again, over, before in (
        ("en", "the run was made again", "counts no longer", "before the run was made again"),
        ("zh", "重新生成同一批次", "已失效", "早于该批次的重新生成"),
    ):
        said = {**HTML, "Accept-Language": language}
        page = ann.get(address, headers=said).text
        assert again in page and over in page
        acts = page.partition('<div class="acts')[2].partition("</section>")[0]
        assert "· ben" not in acts, "an answer that counts no longer is not the answer"
        assert ann.get(f"/runs/{run}", headers=said).text.count(before) == len(jobs)
    post(ben, f"/runs/{run}/accept", sure="1")
    assert [event["over"] for event in told(ann, address)["events"] if event["kind"] == "accept"] == [False, True]


def test_after_pricing_again_who_and_when_are_of_one_moment_and_an_answer_counts_for_what_stands(desk: Place) -> None:
    ann, ben = desk.client("approver", "ann"), desk.client("approver", "ben")
    run = open_shop(desk, ann, ben)
    first = told(ann, f"/runs/{run}")["one"]["making"]
    stays, goes = ("\x1f".join(row) for row in desk.desk.reading.run(run).changes.select("sku", "channel", "region").head(2).iter_rows())
    for key in (stays, goes):
        assert post(ben, "/prices/accept", run=run, products=key).status_code == 303
    post(ben, f"/runs/{run}/publish", to="web", sure="1")
    post(ben, f"/runs/{run}/undo", to="web", sure="1", chosen="1", products=goes)
    assert post(ben, "/prices/reject", run=run, products=goes, why="flyer").status_code == 422
    third = desk.desk.reading.run(run).changes.select("sku", "channel", "region").row(2)
    post(ben, "/prices/accept", run=run, products="\x1f".join(third))
    post(ben, f"/runs/{run}/withdraw", sure="1")
    assert [row["sent"] for row in told(ann, f"/runs/{run}")["one"]["verdicts"] if row["answer"] == "accept"] == [0, 1, 1]
    assert priced(desk, ben) == run
    one, row = told(ann, f"/runs/{run}")["one"], told(ann, "/approvals")["all"]["runs"][0]
    assert [row["sent"] for row in one["verdicts"] if row["answer"] == "accept"] == [0, 0, 1]
    assert "for what was published on it" in ann.get(f"/runs/{run}", headers=HTML).text
    assert row["making"] == one["making"] and one["making"]["how"] == "again"
    assert {name: one["making"][name] for name in ("first", "first_by")} == {"first": first["at"], "first_by": "ann"}
    assert (one["by"], one["at"]) == (one["making"]["by"], one["making"]["at"]) == ("ben", told(ann, "/")["at"])
    cells = ann.get("/approvals", headers=HTML).text.partition(f'<a href="/runs/{run}"')[2].partition("</tr>")[0]
    assert re.search(r"<td[^>]*>ann</td>", cells) and "by ben" in cells


def _ever(came: int, undone: int, stands: int) -> dict[str, int]:
    return {"came": came, "undone": undone, "stands": stands, "own": 0, "repeated": 0, "same": 0}


def note(page: str) -> str:
    return page.partition('<p class="note" id="again">')[2].partition("</p>")[0]


def test_pricing_again_what_is_newest_says_that_it_is_the_same_run_and_that_its_answers_stand(desk: Place) -> None:
    ann, ben = desk.client("approver", "ann"), desk.client("approver", "ben")
    run = desk.run
    assert told(ann, f"/runs/{run}")["one"]["making"]["how"] == "once" and 'id="again"' not in ann.get(f"/runs/{run}", headers=HTML).text
    post(ben, f"/runs/{run}/accept", sure="1")
    before, acts = told(ann, f"/runs/{run}")["one"], desk.desk.reading.rows("audit").height
    assert priced(desk, ben) == run and desk.desk.reading.rows("audit").height == acts
    one, row = told(ann, f"/runs/{run}")["one"], told(ann, "/approvals")["all"]["runs"][0]
    assert one["states"] == before["states"] and one["states"].keys() == {"ready"}
    assert row["run"] == run and row["making"] == one["making"] and row["accepted"] == row["changes"]
    assert (one["making"]["how"], one["making"]["by"], one["making"]["first"]) == ("same", "ben", before["making"]["first"])
    assert told(ann, "/")["making"] == one["making"]
    assert one["making"]["at"] > before["making"]["at"]
    job = told(ann, "/jobs")["jobs"][0]
    assert job["same"] == run
    words = (("en", "the same data and settings, so the same run", "Its answers stand"), ("zh", "数据与设置相同", "已有审批继续有效"))
    for language, same, stand in words:
        said = {**HTML, "Accept-Language": language}
        line = note(ann.get(f"/runs/{run}", headers=said).text)
        assert same in line and stand in line and note(ann.get("/", headers=said).text) == line
        jobs = ann.get("/jobs", headers=said).text
        assert same in ann.get("/approvals", headers=said).text and f'href="/runs/{run}"' in jobs
        assert {"en": "its answers stand", "zh": stand}[language] in jobs, "the last line of the job, in the language of the page"


def test_after_pricing_again_answers_to_what_was_never_sent_stand_and_approvals_shows_what_was_published(desk: Place) -> None:
    ann, ben = desk.client("approver", "ann"), desk.client("approver", "ben")
    run = open_shop(desk, ann, ben)
    sent, waits = ("\x1f".join(row) for row in desk.desk.reading.run(run).changes.select("sku", "channel", "region").head(2).iter_rows())
    assert post(ben, "/prices/accept", run=run, products=sent).status_code == 303
    for act in ("publish", "undo"):
        post(ben, f"/runs/{run}/{act}", to="web", sure="1")
    assert post(ben, "/prices/accept", run=run, products=waits).status_code == 303
    assert told(ann, f"/runs/{run}")["one"]["states"]["ready"] == 1
    assert priced(desk, ann) == run
    row, one = told(ann, "/approvals")["all"]["runs"][0], told(ann, f"/runs/{run}")["one"]
    assert (row["run"], row["making"]["how"], row["accepted"], row["ever"]) == (run, "again", 1, _ever(1, 1, 0))
    assert row["ever"] == one["ever"] == told(ann, f"/outcome/{run}")["one"]["ever"] == told(ann, "/outcome")["all"]["ever"]
    assert one["states"]["ready"] == 1 and "undone" not in one["states"]
    assert [row["holds"] for row in one["verdicts"]] == [True, False]
    assert told(ben, f"/runs/{run}")["mine"]["accepted"] == 1
    for language, stand, back in (("en", "never sent", "taken back"), ("zh", "从未发送", "项已退回原价")):
        said = {**HTML, "Accept-Language": language}
        assert stand in note(ann.get(f"/runs/{run}", headers=said).text)
        assert back in ann.get("/approvals", headers=said).text.partition(f"/runs/{run}")[2].partition("</tr>")[0]
    post(ben, f"/runs/{run}/publish", to="web", sure="1")
    assert told(ann, f"/runs/{run}")["one"]["ever"] == _ever(2, 1, 1)
    assert "These count every time that the run was made" in ann.get(f"/runs/{run}", headers=HTML).text
    post(ben, f"/runs/{run}/undo", to="web", sure="1", chosen="1", products=waits)
    assert post(ben, "/prices/accept", run=run, products=sent).status_code == 303
    post(ben, f"/runs/{run}/publish", to="web", sure="1")
    assert priced(desk, ann) == run
    one = told(ann, f"/runs/{run}")["one"]
    assert [row["holds"] for row in one["verdicts"]][:2] == [True, False], "the answer to what is in the shop counts on"
    assert (one["states"]["applied"], one["states"].get("ready", 0)) == (1, 0)


@pytest.mark.parametrize("again", [False, True])
def test_the_outcome_says_that_what_was_published_was_taken_back(desk: Place, again: bool) -> None:
    ann, ben = desk.client("approver", "ann"), desk.client("approver", "ben")
    run = open_shop(desk, ann, ben)
    post(ben, f"/runs/{run}/accept", sure="1")
    post(ben, f"/runs/{run}/publish", to="web", sure="1")
    came = told(ann, "/outcome")["all"]["ever"]["came"]
    assert came > 0 and told(ann, "/outcome")["all"]["ever"] == _ever(came, 0, came)
    post(ben, f"/runs/{run}/undo", to="web", sure="1")
    if again:
        assert priced(desk, ann) == run
    assert told(ann, "/outcome")["all"]["ever"] == told(ann, f"/outcome/{run}")["one"]["ever"] == _ever(came, came, 0)
    for address in ("/outcome", f"/outcome/{run}"):
        for language, gone, counts in (
            ("en", "No published price is in a shop now", "taken back:"),
            ("zh", "目前没有已发布的价格在店铺中", "其中已退回原价："),
        ):
            page = ann.get(address, headers={**HTML, "Accept-Language": language}).text
            assert gone in page and "Nothing was published yet" not in page and "never came" not in page
            line = page.partition('<p id="ever">')[2].partition("</p>")[0]
            assert counts in line and re.findall(r'<data value="(\d+)"', line) == [str(came), str(came), "0"]


def test_an_overtaken_run_and_a_product_accepted_twice_are_told_before_anything_is_published(desk: Place) -> None:
    ann, ben = desk.client("approver", "ann"), desk.client("approver", "ben")
    older = open_shop(desk, ann, ben)
    text = (desk.folder / "shop.toml").read_text(encoding="utf-8")
    assert told(ann, f"/runs/{older}")["one"]["behind"] == {"newer": None, "rules": False}
    post(ben, f"/runs/{older}/accept", sure="1")
    before = desk.desk.reading.run(older).changes
    into_force(desk, re.sub(r"^step = [\d.]+", "step = 0.05", text, flags=re.MULTILINE), "calm")
    newer = priced(desk, ann)
    into_force(desk, text, "as before")
    listed = {row["run"]: (row["newest"], row["other_rules"]) for row in told(ann, "/approvals")["all"]["runs"]}
    assert (listed[older], listed[newer]) == ((False, False), (True, True))
    one = told(ann, f"/runs/{older}")["one"]
    assert (one["behind"], told(ann, f"/runs/{newer}")["one"]["behind"]) == (
        {"newer": newer, "rules": False},
        {"newer": None, "rules": True},
    )
    both = before.join(desk.desk.reading.run(newer).changes, on=["sku", "channel", "region"], how="semi")
    (too,) = told(ann, f"/runs/{newer}")["one"]["ready_too"]
    assert (too["run"], too["changes"], too["later"]) == (older, both.height, False) and one["ready_too"] == []
    assert too["products"] == both.sort("sku")["sku"].unique(maintain_order=True).head(3).to_list()
    row = both.row(0, named=True)
    assert told(ann, f"/products/{row['sku']}?run={newer}")["elsewhere"] == [{"run": older, "price": row["price"]}]
    assert told(ann, f"/products/{row['sku']}?run={older}")["elsewhere"] == []
    for language, words in (
        (
            "en",
            (
                "newest",
                "made under other rules",
                "A newer run was made since",
                "sends prices that are overtaken",
                "was overtaken",
                "in another run too",
            ),
        ),
        (
            "zh",
            (
                "最新",
                "生成时的规则与现行规则不同",
                "此后已有更新的批次",
                "发出已过时的价格",
                "我知道本批次已过时",
                "其他批次",
                "另一批次",
            ),
        ),
    ):
        said = {**HTML, "Accept-Language": language}
        pages = {
            address: ann.get(address, headers=said).text for address in ("/approvals", f"/runs/{older}", f"/runs/{older}/dry-run?to=web")
        }
        assert words[0] in pages["/approvals"] and words[1] in pages["/approvals"]
        form = pages[f"/runs/{older}"].partition(f'action="/runs/{older}/publish"')[2].partition("</form>")[0]
        assert words[2] in form and words[3] in form and words[4] in form and newer in form
        assert words[2] in pages[f"/runs/{older}/dry-run?to=web"]
        assert words[5] in ann.get(f"/runs/{newer}", headers=said).text
        assert words[-1] in ann.get(f"/products/{row['sku']}?run={newer}", headers=said).text

    post(ben, f"/runs/{older}/publish", to="web", sure="1")
    assert told(ann, f"/products/{row['sku']}?run={newer}")["elsewhere"] == []


def test_changed_rules_need_two_people_until_prices_are_published_under_them(desk: Place) -> None:
    ann, ben, carl = (desk.client("approver", name) for name in ("ann", "ben", "carl"))
    first, text = open_shop(desk, ann, ben), (desk.folder / "shop.toml").read_text(encoding="utf-8")

    def needed(run: str) -> set[int]:
        return {row["needs"] for row in told(ann, f"/runs/{run}")["one"]["classes"]}

    def whys(run: str) -> set[str]:
        return {why for row in told(ann, f"/runs/{run}")["one"]["classes"] for why in row["whys"]}

    into_force(desk, re.sub(r"^step = [\d.]+", "step = 0.05", text, flags=re.MULTILINE), "calm")
    between = priced(desk, ann)
    assert needed(between) == {2} and "rules_changed" in whys(between)
    into_force(desk, text, "as before")
    assert priced(desk, carl) == first
    assert needed(first) == {2}, "nothing was published under any rules yet"
    post(ben, f"/runs/{first}/accept", sure="1")
    assert told(ann, f"/runs/{first}")["one"]["states"].keys() == {"ready"}, "who asked is one of the two"
    post(ben, f"/runs/{first}/publish", to="web", sure="1")
    assert told(ann, f"/runs/{first}")["one"]["shops"][0]["now"] > 0
    assert needed(first) == {2}, "its own prices say nothing of what people are asked about"
    into_force(desk, text.replace("horizon_days = 28", "horizon_days = 27"), "the same rules")
    later = priced(desk, carl)
    assert later != first and 2 not in needed(later) and "rules_changed" not in whys(later), (
        "the last prices were published under these rules"
    )
    assert needed(between) == {2}
    calm = re.sub(r"^step = [\d.]+", "step = 0.05", text, flags=re.MULTILINE)
    into_force(desk, calm.replace("[approval]", "[approval]\nalone = true"), "one person")
    assert needed(priced(desk, carl)) == {1}, "one person runs the shop now"
    into_force(desk, text, "as before")
    for language, said in (("en", "until prices are published under the new rules"), ("zh", "在按新规则发布价格之前")):
        assert said in ann.get("/rules", headers={**HTML, "Accept-Language": language}).text
