"""Two people bring prices into a shop that is a file, see what became of them, and take them back."""

from __future__ import annotations

import csv
import datetime as dt
import math
import re
from pathlib import Path

import polars as pl
import pytest
from starlette.testclient import TestClient

from pricesmith.apps.service import going_on
from pricesmith.apps.service.jobs import Job
from pricesmith.contracts.ledger import APPLIED, Act
from pricesmith.flows.desk import sending

from .place import SHOP, Place, overridden, place, post
from .working import at_once

QUIET = """[guards]
canary_minutes = 0
dwell_minutes = 0.0001
index_hour = 0.9
index_day = 0.9
competitor_hours = 99999
stock_hours = 99999
"""
"""Settings under which a test need not wait."""


@pytest.fixture
def desk(tmp_path: Path) -> Place:
    found = at_once(place(tmp_path / "shop"))
    settings(found, "[guards]\n", QUIET)
    rows = found.desk.reading.run(found.run).decided.filter(pl.col("current_price") > 0)
    rows.select("sku", price=pl.col("current_price") / 100).write_csv(found.folder / "feed.csv", float_precision=2)
    return found


def settings(desk: Place, before: str, after: str) -> None:
    """Change shop.toml."""
    path = desk.folder / "shop.toml"
    text = path.read_text(encoding="utf-8")
    assert text.count(before) == 1
    path.write_text(text.replace(before, after), encoding="utf-8")


def prices(desk: Place) -> dict[str, int]:
    with (desk.folder / "feed.csv").open(encoding="utf-8", newline="") as file:
        return {row["sku"]: round(100 * float(row["price"])) for row in csv.DictReader(file)}


def told(client: TestClient, address: str) -> dict:  # type: ignore[type-arg]
    answer = client.get(address, headers={"Accept": "application/json"})
    assert answer.status_code == 200, answer.text
    return answer.json()  # type: ignore[no-any-return]


def attested(desk: Place, *clients: TestClient) -> None:
    for client in clients:
        digest = told(client, "/approvals")["attestation"]["digest"]
        assert post(client, "/attest", digest=digest).status_code == 303


def state(client: TestClient, run: str) -> dict:  # type: ignore[type-arg]
    return told(client, f"/runs/{run}")["one"]  # type: ignore[no-any-return]


def test_from_the_proposal_to_the_shop_and_back(desk: Place) -> None:
    anna, ben = desk.client("approver", "anna"), desk.client("approver", "ben")
    before, run = prices(desk), f"/runs/{desk.run}"
    attested(desk, anna, ben)
    assert post(anna, f"{run}/accept", sure="1").headers["location"] == run
    waiting = state(anna, desk.run)
    assert [(row["approver"], row["holds"], row["products"]) for row in waiting["verdicts"]] == [("anna", True, 0)]
    assert waiting["shops"][0]["ready"] == waiting["changes"] > 0

    assert post(anna, f"{run}/dry-run", to="web").status_code == 303
    dry = told(anna, f"{run}/dry-run?to=web")["one"]
    assert sum(dry["dry"]["counts"].values()) == dry["found"] == waiting["changes"]
    assert prices(desk) == before

    assert post(anna, f"{run}/publish", to="web").status_code == 422
    assert prices(desk) == before
    assert post(anna, f"{run}/publish", to="web", sure="1").status_code == 303
    sent = told(anna, f"{run}/receipts")
    arrived = {row["sku"]: row["price"] for row in sent["rows"] if row["fate"] == "applied"}
    assert arrived
    assert prices(desk) == before | arrived
    shop = state(anna, desk.run)["shops"][0]
    assert (shop["arrived"], shop["fates"]["applied"]) == (len(arrived), len(arrived))
    page = anna.get(f"{run}/receipts", headers={"Accept": "text/html"}).text
    assert all(sku in page for sku in arrived)

    today = told(anna, "/")
    worth = {row["sku"]: row["profit_change"] for row in desk.desk.reading.run(desk.run).changes.iter_rows(named=True)}
    assert today["live"]["count"] == len(arrived) and today["live"]["profit_change"] == pytest.approx(sum(worth[sku] for sku in arrived))
    page = anna.get("/", headers={"Accept": "text/html"}).text.partition('<p id="live">')[2].partition("</p>")[0]
    assert [float(value) for value in re.findall(r'<data value="([^"]*)"', page)] == list(today["live"].values())

    one = next(row for row in sent["rows"] if row["fate"] == "applied")
    key = "\x1f".join((one["sku"], one["channel"], one["region"]))
    assert post(ben, f"{run}/undo", to="web", sure="1", chosen="1").status_code == 422
    assert post(ben, f"{run}/undo", to="web", sure="1", chosen="1", products=key).status_code == 303
    assert prices(desk) == before | arrived | {one["sku"]: before[one["sku"]]}
    assert post(ben, f"{run}/undo", to="web", sure="1").status_code == 303
    assert prices(desk) == before
    assert told(anna, "/")["live"]["count"] == 0
    assert "尚无一项在店铺生效" in anna.get("/", headers={"Accept": "text/html", "Accept-Language": "zh"}).text
    shop = state(anna, desk.run)["shops"][0]
    assert (shop["now"], shop["fates"].get("applied", 0), shop["fates"]["undone"]) == (0, 0, len(arrived))
    assert 'value="0" aria-label="Progress"' in anna.get(run, headers={"Accept": "text/html"}).text
    acts = desk.desk.reading.rows("audit")
    asked = acts.filter(pl.col("act").is_in([sending.PUBLISH, sending.UNDO])).select("act", "by").rows()
    assert asked == [("asked_publish", "anna"), ("asked_undo", "ben"), ("asked_undo", "ben")]
    address = f"/products/{one['sku']}?channel={one['channel']}&region={one['region']}"
    events = told(anna, address)["events"]
    assert [event["seq"] for event in events] == sorted((event["seq"] for event in events), reverse=True)
    queued, tries = ([(event["by"], event["to"]) for event in events if event["kind"] == kind] for kind in ("queued", "sent"))
    assert queued == tries == [("ben", "web"), ("anna", "web")]
    assert [event["kind"] for event in events][:3] == ["price", "sent", "queued"]
    assert "ben <small>→ web</small>" in anna.get(address, headers={"Accept": "text/html"}).text


def test_a_receipt_tells_what_became_of_the_price(desk: Place) -> None:
    anna, ben, run = desk.client("approver", "anna"), desk.client("approver", "ben"), f"/runs/{desk.run}"
    attested(desk, anna, ben)
    post(anna, f"{run}/accept", sure="1")
    post(anna, f"{run}/publish", to="web", sure="1")
    came = [row for row in told(anna, f"{run}/receipts?fate=applied")["rows"] if row["stands"]]
    back, foreign, stays = came[:3]
    keys = {row["sku"]: "\x1f".join((row["sku"], row["channel"], row["region"])) for row in came[:3]}

    def offered() -> set[str]:
        page = anna.get(f"{run}/receipts", headers={"Accept": "text/html"}).text
        return {sku for sku, key in keys.items() if f'name="products" value="{key}"'.replace("\x1f", "&#31;") in page}

    assert offered() == set(keys)
    post(ben, f"{run}/undo", to="web", sure="1", chosen="1", products=keys[back["sku"]])
    applied = pl.DataFrame(
        [["web", foreign["sku"], foreign["channel"], foreign["region"], desk.desk.reading.now(), 9999, "EUR", "drift", None]],
        schema=APPLIED.schema, orient="row",
    )  # fmt: skip
    desk.desk.reading.book.append(Act(desk.desk.reading.now(), "w", "read_shop", "web: 1 prices"), {"applied": applied})
    rows = {row["sku"]: row for row in told(anna, f"{run}/receipts?kind=publish")["rows"]}
    found = {sku: (rows[sku]["fate"], rows[sku]["end_by"], rows[sku]["end_price"], rows[sku]["stands"]) for sku in keys}
    assert found == {
        back["sku"]: ("undone", "ben", back["before"], False),
        foreign["sku"]: ("changed", None, 9999, False),
        stays["sku"]: ("applied", None, None, True),
    }
    assert offered() == {stays["sku"]}
    page = anna.get(f"{run}/receipts?fate=undone", headers={"Accept": "text/html"}).text
    assert "taken back</span> <small>by ben," in page and page.count("<tr data-row>") == 1
    shop = state(anna, desk.run)["shops"][0]
    assert (shop["fates"]["undone"], shop["fates"]["changed"], shop["now"]) == (1, 1, shop["arrived"] - 2)


def test_publishing_that_is_under_way_is_not_asked_for_again(desk: Place) -> None:
    anna = desk.client("approver", "anna")
    attested(desk, anna, desk.client("approver", "ben"))
    post(anna, f"/runs/{desk.run}/accept", sure="1")
    words = sending.publishing(str(desk.folder.resolve()), desk.run, "web")
    jobs = desk.desk.jobs
    jobs._jobs["going"] = Job("going", "publish", "anna", jobs.clock(), tuple(words), state="running")
    assert post(anna, f"/runs/{desk.run}/publish", to="web", sure="1").headers["location"].startswith("/jobs")
    assert desk.desk.reading.rows("audit").filter(pl.col("act") == sending.PUBLISH).is_empty()


def test_who_asked_cannot_approve(desk: Place) -> None:
    run = overridden(desk, "anna")
    anna, ben = desk.client("approver", "anna"), desk.client("approver", "ben")
    refused = post(anna, f"/runs/{run}/accept", sure="1")
    assert refused.status_code == 422
    assert "cannot approve" in refused.text
    assert state(anna, run)["states"].get("ready", 0) == 0
    assert post(ben, f"/runs/{run}/accept", sure="1").status_code == 303
    assert state(ben, run)["verdicts"][0]["holds"]


def test_an_acceptance_dies_with_what_it_was_given_to(desk: Place) -> None:
    ben = desk.client("approver", "ben")
    attested(desk, ben, desk.client("approver", "carl"))
    post(ben, f"/runs/{desk.run}/accept", sure="1")
    other = overridden(desk, "anna")
    assert state(ben, other)["verdicts"] == []
    assert state(ben, other)["shops"][0]["ready"] == 0
    before = prices(desk)
    post(ben, f"/runs/{other}/publish", to="web", sure="1")
    assert prices(desk) == before


def test_an_acceptance_ends_by_itself(desk: Place) -> None:
    ben = desk.client("approver", "ben")
    post(ben, f"/runs/{desk.run}/accept", sure="1")
    reading = desk.desk.reading
    from pricesmith.flows.desk.approving import approving

    late = reading.now() + dt.timedelta(hours=25)
    assert [row.holds for row in approving(reading, desk.run, late).verdicts] == [False]
    assert approving(reading, desk.run, late).shops[0].ready == 0


def test_an_answer_to_a_class_names_its_products(desk: Place) -> None:
    moves = desk.desk.reading.run(desk.run).decided.filter(pl.col("action") == "change")["move"].abs()
    settings(desk, "two_people_move = 0.20 ", f"two_people_move = {moves.median()} ")
    ben, carl = desk.client("approver", "ben"), desk.client("approver", "carl")
    assert [row["needs"] for row in state(ben, desk.run)["classes"]] == [1, 2]
    post(ben, f"/runs/{desk.run}/accept", sure="1", needs="2")
    two = state(ben, desk.run)["classes"][1]
    assert (two["agreed"], two["states"]) == (1, {"open": two["changes"]})
    post(carl, f"/runs/{desk.run}/accept", sure="1", needs="2")
    one, two = state(ben, desk.run)["classes"]
    assert (one["states"], two["states"]) == ({"open": one["changes"]}, {"ready": two["changes"]})
    assert post(carl, f"/runs/{desk.run}/reject", sure="1", needs="1").status_code == 422
    assert post(carl, f"/runs/{desk.run}/reject", sure="1", needs="1", why="too early").status_code == 303
    assert state(ben, desk.run)["classes"][0]["states"] == {"rejected": one["changes"]}


def test_a_dry_run_lists_what_would_be_sent_and_counts_what_nobody_approved(desk: Place) -> None:
    anna, run = desk.client("approver", "anna"), f"/runs/{desk.run}"
    attested(desk, anna, desk.client("approver", "ben"))
    rows = desk.desk.reading.run(desk.run).changes.select("sku", "channel", "region").head(2)
    post(anna, "/prices/accept", run=desk.run, products=["\x1f".join(row) for row in rows.iter_rows()])
    post(anna, f"{run}/dry-run", to="web")
    one, left = told(anna, f"{run}/dry-run?to=web")["one"], state(anna, desk.run)["changes"] - 2
    assert sorted(row["sku"] for row in one["rows"]) == sorted(rows["sku"])
    assert (one["found"], one["folded"], one["dry"]["counts"]["not_approved"]) == (2, left, left)
    page = anna.get(f"{run}/dry-run?to=web", headers={"Accept": "text/html"}).text
    assert page.count("<tr data-row>") == 2 and "verdict=not_approved&amp;page=1#changes" in page
    opened = told(anna, f"{run}/dry-run?to=web&verdict=not_approved")["one"]
    assert (opened["found"], opened["folded"], {row["verdict"] for row in opened["rows"]}) == (left, 0, {"not_approved"})


def test_a_held_price_says_what_it_was_measured_against_and_how_far_it_may_go(desk: Place) -> None:
    anna, run = desk.client("approver", "anna"), f"/runs/{desk.run}"
    attested(desk, anna, desk.client("approver", "ben"))
    post(anna, f"{run}/accept", sure="1")
    settings(desk, "max_step = 0.15", "max_step = 0.02")
    attested(desk, anna, desk.client("approver", "ben"))
    post(anna, f"{run}/dry-run", to="web")
    held = [row for row in told(anna, f"{run}/dry-run?to=web&verdict=held")["one"]["rows"] if row["code"] == "step"]
    assert held
    for row in held:
        assert (row["against"], row["setting"]) == (row["read"], "max_step")
        assert abs(row["bound"] / row["read"] - 1) <= 0.02 < abs(row["price"] / row["read"] - 1)
    page = anna.get(f"{run}/dry-run?to=web&verdict=held", headers={"Accept": "text/html"}).text
    assert "in the shop:" in page and "[guards] max_step" in page and "set an own price within it, or change the setting" in page


@pytest.mark.parametrize(
    ("before", "after", "code", "unit", "said"),
    [
        ("max_step = 0.15", "max_step = 0.02", "step", "price", ("in the shop:", "let through", "店铺现价：")),
        ("cost_hours = 24.0", "cost_hours = 0.0000001", "cost_stale", "hours", ("hours since the costs", "up to", "成本数据距今")),
    ],
)
def test_the_receipt_of_a_held_price_says_what_it_was_measured_by(
    desk: Place, before: str, after: str, code: str, unit: str, said: tuple[str, ...]
) -> None:
    anna, run = desk.client("approver", "anna"), f"/runs/{desk.run}"
    settings(desk, before, after)
    attested(desk, anna, desk.client("approver", "ben"))
    post(anna, f"{run}/accept", sure="1")
    post(anna, f"{run}/publish", to="web", sure="1")
    held = [row for row in told(anna, f"{run}/receipts?fate=held")["rows"] if row["code"] == code]
    assert held
    setting, _, limit = after.partition(" = ")
    for row in held:
        assert (row["unit"], row["setting"], row["detail"]) == (unit, setting, None)
        if unit == "price":
            assert row["against"] == row["read"] and abs(row["bound"] / row["read"] - 1) <= 0.02 < abs(row["price"] / row["read"] - 1)
        else:
            assert row["against"] > row["bound"] == float(limit)
    settings(desk, after, before)
    pages = [
        anna.get(f"{run}/receipts?fate=held", headers={"Accept": "text/html", "Accept-Language": language}).text
        for language in ("en", "zh")
    ]
    assert all(word in pages[0] for word in (*said[:2], f"[guards] {setting}")) and said[2] in pages[1]
    one = held[0]
    address = f"/products/{one['sku']}?channel={one['channel']}&region={one['region']}"
    (event,) = (event for event in told(anna, address)["events"] if event["code"] == "held")
    assert event["why"] is None and event["held"] == {name: one[name] for name in event["held"]} and event["held"]["code"] == code
    for language, words in (("en", said[:2]), ("zh", said[2:])):
        page = anna.get(address, headers={"Accept": "text/html", "Accept-Language": language}).text
        head, _, history = page.partition('id="events"')
        assert 'id="held"' in head and f"{one['guard']}:{code}" not in page
        assert all(word in part for word in words for part in (head, history))


def test_the_first_wave_says_how_many_and_why_they_are_more_than_its_share(desk: Place) -> None:
    anna, run = desk.client("approver", "anna"), f"/runs/{desk.run}"
    post(anna, f"{run}/accept", sure="1")
    settings(desk, "canary_minutes = 0\n", "canary_minutes = 0\ncanary_least = 7\n")
    post(anna, f"{run}/accept", sure="1")
    shop = state(anna, desk.run)["shops"][0]
    assert shop["ready"] > 20
    assert shop["first"] == {"count": 7, "of": shop["ready"], "least": True}
    page = anna.get(run, headers={"Accept": "text/html"}).text
    assert f"The first wave: 7 of {shop['ready']} prices." in page
    assert "would be fewer, but at least 7 leave first, as the settings of the guards say" in page
    settings(desk, "canary_least = 7\n", "canary_least = 1\ncanary = [0.2, 0.5]\n")
    shop = state(anna, desk.run)["shops"][0]
    assert shop["first"] == {"count": math.ceil(0.2 * shop["ready"]), "of": shop["ready"], "least": False}
    assert "leave first, as" not in anna.get(run, headers={"Accept": "text/html"}).text


def test_a_dry_run_older_than_an_answer_says_so_and_hides_its_counts(desk: Place) -> None:
    anna, run = desk.client("approver", "anna"), f"/runs/{desk.run}"
    html = {"Accept": "text/html"}
    post(anna, f"{run}/dry-run", to="web")
    assert not state(anna, desk.run)["shops"][0]["dry"]["past"]
    assert "<li>not approved" in anna.get(run, headers=html).text
    post(anna, f"{run}/accept", sure="1")
    assert state(anna, desk.run)["shops"][0]["dry"]["past"]
    page = anna.get(run, headers=html).text
    assert "<li>not approved" not in page and "This dry run is out of date" in page and "Make it again" in page
    assert "This dry run is out of date" in anna.get(f"{run}/dry-run?to=web", headers=html).text
    assert state(anna, desk.run)["shops"][0]["dry"]["moved"] == ["answers"] and "What has changed since: answers to prices" in page
    post(anna, f"{run}/dry-run", to="web")
    assert not state(anna, desk.run)["shops"][0]["dry"]["past"]
    settings(desk, "dwell_minutes = 0.0001", "dwell_minutes = 1.0")
    zh = {**html, "Accept-Language": "zh"}
    assert "护栏、审批、发布、该店铺的设置已变更" in anna.get(f"{run}/dry-run?to=web", headers=zh).text
    attested(desk, anna, desk.client("approver", "ben"))
    post(anna, f"{run}/dry-run", to="web")
    post(anna, f"{run}/publish", to="web", sure="1")
    assert state(anna, desk.run)["shops"][0]["dry"]["moved"] == ["sent"]


@pytest.mark.parametrize(("said", "why"), [("accept", ""), ("reject", "too early")])
def test_the_whole_run_is_answered_when_it_is_confirmed(desk: Place, said: str, why: str) -> None:
    ben, run = desk.client("approver", "ben"), f"/runs/{desk.run}"
    one = state(ben, desk.run)
    form = ben.get(run, headers={"Accept": "text/html"}).text.partition(f'action="{run}/{said}"')[2].partition("</form>")[0]
    assert '<input type="checkbox" name="sure" value="1" required>' in form
    assert f'<data value="{one["changes"]}">' in form and f'<data value="{one["profit_change"]}">' in form, "how many, and their worth"
    verdicts = desk.desk.reading.rows
    assert post(ben, f"{run}/{said}", why=why).status_code == 422
    assert post(ben, f"{run}/{said}", why=why, sure="1", count=one["changes"] - 1).status_code == 409
    assert verdicts("verdicts").is_empty()
    assert post(ben, f"{run}/{said}", why=why, sure="1", count=one["changes"]).status_code == 303
    assert verdicts("verdicts")["answer"].to_list() == [said]
    assert post(ben, f"{run}/withdraw").status_code == 303
    assert state(ben, desk.run)["states"] == {"open": one["changes"]}


def test_one_person_attests_nothing(desk: Place) -> None:
    anna = desk.client("approver", "anna")
    attested(desk, anna)
    digest = told(anna, "/approvals")["attestation"]["digest"]
    assert post(anna, "/attest", digest=digest).status_code == 422
    assert post(anna, "/attest", digest="another").status_code == 422
    assert not told(anna, "/approvals")["attestation"]["stands"]
    post(anna, f"/runs/{desk.run}/accept", sure="1")
    before = prices(desk)
    assert post(anna, f"/runs/{desk.run}/publish", to="web", sure="1").status_code == 422
    assert prices(desk) == before


def test_a_stopped_shop_gets_nothing(desk: Place) -> None:
    anna = desk.client("approver", "anna")
    attested(desk, anna, desk.client("approver", "ben"))
    post(anna, f"/runs/{desk.run}/accept", sure="1")
    post(anna, "/stop", why="a doubt")
    assert state(anna, desk.run)["stops"][0]["by"] == "anna"
    before = prices(desk)
    post(anna, f"/runs/{desk.run}/publish", to="web", sure="1")
    assert prices(desk) == before


def test_a_stopped_product_leaves_the_others_to_be_published(desk: Place) -> None:
    anna, run = desk.client("approver", "anna"), f"/runs/{desk.run}"
    attested(desk, anna, desk.client("approver", "ben"))
    post(anna, f"{run}/accept", sure="1")
    before = prices(desk)
    sku = told(anna, f"/prices?run={desk.run}&state=ready")["rows"][0]["sku"]
    post(anna, "/stop", scope="sku", name=sku, why="its label")
    assert f'action="{run}/publish"' in anna.get(run, headers={"Accept": "text/html"}).text
    post(anna, f"{run}/publish", to="web", sure="1")
    after = prices(desk)
    assert after != before and after[sku] == before[sku]
    post(anna, "/stop", scope="target", name="web")
    page = anna.get(run, headers={"Accept": "text/html"}).text
    assert f'action="{run}/publish"' not in page and "Publishing is stopped: shop web." in page


def test_stopped_products_are_counted_apart(desk: Place) -> None:
    anna, run = desk.client("approver", "anna"), f"/runs/{desk.run}"
    attested(desk, anna, desk.client("approver", "ben"))
    post(anna, f"{run}/accept", sure="1")
    skus = [row["sku"] for row in told(anna, f"/prices?run={desk.run}&state=ready")["rows"]]
    page = anna.get(run, headers={"Accept": "text/html"}).text
    assert "stopped, and stay" not in page
    post(anna, "/stop", scope="sku", name=skus[0])
    shop = state(anna, desk.run)["shops"][0]
    assert (shop["ready"], shop["stopped"]) == (len(skus) - 1, 1)
    for sku in skus[1:]:
        post(anna, "/stop", scope="sku", name=sku)
    assert state(anna, desk.run)["shops"][0]["ready"] == 0
    page = anna.get(run, headers={"Accept": "text/html"}).text
    assert "stopped, and stay until two people release them:" in page
    assert f'action="{run}/publish"' not in page and "Every product that is ready is stopped." in page


def test_a_stop_that_forbids_it_is_said_where_prices_would_go_back(desk: Place) -> None:
    anna, run = desk.client("approver", "anna"), f"/runs/{desk.run}"
    attested(desk, anna, desk.client("approver", "ben"))
    post(anna, f"{run}/accept", sure="1")
    post(anna, f"{run}/publish", to="web", sure="1")
    offer, refusal = f'action="{run}/undo"', "Prices cannot go back either: stopped is"

    def page(place: str = "") -> str:
        return anna.get(run + place, headers={"Accept": "text/html"}).text

    assert offer in page()
    post(anna, "/stop", why="a doubt", let_undo="1")
    assert offer in page() and refusal not in page()
    post(anna, "/stop", why="a certainty")
    post(anna, "/stop", scope="target", name="web")
    assert offer not in page() and f"{refusal} everything, shop web" in page()
    assert refusal in page("/receipts")


@pytest.mark.parametrize("role", ["viewer", "analyst"])
def test_who_may_not_does_not(desk: Place, role: str) -> None:
    client = desk.client(role)  # type: ignore[arg-type]
    run = f"/runs/{desk.run}"
    page = client.get(run, headers={"Accept": "text/html"})
    assert page.status_code == 200
    assert f'{run}/accept"' not in page.text
    assert f'{run}/publish"' not in page.text
    seq = desk.desk.reading.book.read("audit").height
    for act in ("accept", "reject", "withdraw", "publish", "undo"):
        assert post(client, f"{run}/{act}", to="web", sure="1").status_code == 403
    assert post(client, "/attest", digest="any").status_code == 403
    assert desk.desk.reading.book.read("audit").height == seq


def test_the_desk_goes_on_with_what_was_asked_for_here(desk: Place) -> None:
    slow = "canary_minutes = 60\ncanary_least = 1\n"
    settings(desk, "canary_minutes = 0\n", slow)
    anna = desk.client("approver", "anna")
    attested(desk, anna, desk.client("approver", "ben"))
    post(anna, f"/runs/{desk.run}/accept", sure="1")
    post(anna, f"/runs/{desk.run}/publish", to="web", sure="1")
    shop = state(anna, desk.run)["shops"][0]
    assert shop["waiting"] > 0
    assert shop["share"] < 1.0
    assert shop["next_at"] is not None
    assert going_on.begin_due(desk.desk) == []
    later = desk.desk.reading.now() + dt.timedelta(hours=5)
    found = sending.unfinished(desk.desk.reading, later)
    seen = [(one.run, one.target, one.by, one.count, one.due <= later) for one in found]
    assert seen == [(desk.run, "web", "anna", shop["waiting"], True)]
    settings(desk, slow, "canary_minutes = 0\n")
    assert going_on.begin_due(desk.desk) == [], "other settings are not attested"
    post(anna, "/stop")
    assert sending.unfinished(desk.desk.reading, later) == []


def waits(desk: Place, client: TestClient) -> dict[str, tuple[int, bool]]:
    """Code -> how many prices wait for it, and whether until when is known."""
    return {one["code"]: (one["count"], one["until"] is not None) for one in state(client, desk.run)["shops"][0]["waits"]}


def test_a_price_that_waits_says_what_for_and_until_when(desk: Place) -> None:
    settings(desk, "canary_minutes = 0\n", "canary_minutes = 60\ncanary_least = 1\n")
    anna, ben, run = desk.client("approver", "anna"), desk.client("approver", "ben"), f"/runs/{desk.run}"
    attested(desk, anna, ben)
    post(anna, f"{run}/accept", sure="1")
    sku = desk.desk.reading.run(desk.run).changes["sku"][0]
    post(anna, "/stop", scope="sku", name=sku, why="its label")
    post(anna, f"{run}/publish", to="web", sure="1")
    shop = state(anna, desk.run)["shops"][0]
    found = waits(desk, anna)
    assert sum(count for count, _ in found.values()) == shop["waiting"] > 2
    assert found["sku_stopped"] == (1, False) and found["wave"][1]
    page = anna.get(run, headers={"Accept": "text/html"}).text
    assert "the product is stopped, until two people release it" in page and "wait for their wave, at the earliest <time" in page
    rows = {row["sku"]: row for row in told(anna, f"{run}/receipts?fate=waiting")["rows"]}
    assert (rows[sku]["wait"], rows[sku]["until"]) == ("sku_stopped", None)
    others = [row for row in rows.values() if row["sku"] != sku]
    assert {row["wait"] for row in others} == {"turn"} and all(row["until"] for row in others)
    listed = anna.get(f"/prices?run={desk.run}&state=sent", headers={"Accept": "text/html"}).text
    assert f'<a class="pill" href="{run}/receipts?fate=waiting"' in listed, "one step from there"
    for person in (anna, ben):
        post(person, "/resume", scope="sku", name=sku)
    assert waits(desk, anna)["released"] == (1, True)
    text = anna.get(run, headers={"Accept": "text/html", "Accept-Language": "zh"}).text
    assert "商品的停止已解除；再次处理时间 <time" in text
    text = anna.get(f"{run}/receipts", headers={"Accept": "text/html"}).text
    assert "the stop of the product was released; looked at again at <time" in text
    post(anna, "/stop", scope="target", name="web")
    assert waits(desk, anna) == {"stopped": (shop["waiting"], False)}


def test_nothing_on_the_way_ends_the_stream(desk: Place) -> None:
    answer = desk.client().get(f"/runs/{desk.run}/live")
    assert answer.text == "data: end\n\n"
    assert answer.headers["content-type"].startswith("text/event-stream")


def test_the_list_counts_answers_and_says_no_word_for_all(desk: Place) -> None:
    ben = desk.client("approver", "ben")
    rows = desk.desk.reading.run(desk.run).changes.select("sku", "channel", "region").head(3)
    keys = ["\x1f".join(row) for row in rows.iter_rows()]
    post(ben, "/prices/accept", run=desk.run, products=keys[:2])
    post(ben, "/prices/reject", run=desk.run, products=keys[2], why="too dear")
    row = told(ben, "/approvals")["all"]["runs"][0]
    assert (row["accepted"], row["rejected"]) == (2, 1)
    page = re.sub(r"<[^>]*>", "", ben.get("/approvals", headers={"Accept": "text/html"}).text)
    assert f"2 of {row['changes']} accepted, 1 rejected" in page
    run = ben.get(f"/runs/{desk.run}", headers={"Accept": "text/html"}).text
    assert "Agreed so far" not in run


def test_pages_say_what_is_live_where_it_is_not_what_the_run_priced_from(desk: Place) -> None:
    anna, ben, run = desk.client("approver", "anna"), desk.client("approver", "ben"), f"/runs/{desk.run}"
    attested(desk, anna, ben)
    post(anna, f"{run}/accept", sure="1")
    post(anna, f"{run}/publish", to="web", sure="1")
    came = {row["sku"]: row["price"] for row in told(anna, f"{run}/receipts?fate=applied")["rows"]}
    moves = told(anna, "/")["moves"]
    assert moves and all(one["in_shop"]["price"] == one["price"] == came[one["sku"]] for one in moves)
    rows = {row["sku"]: row for row in told(anna, "/prices")["rows"]}
    assert rows[moves[0]["sku"]]["in_shop"] == moves[0]["in_shop"]

    def page(address: str, language: str = "en") -> str:
        return anna.get(address, headers={"Accept": "text/html", "Accept-Language": language}).text

    def unit(language: str) -> str:
        part = page(address, language).partition('id="unit"')[2]
        return part.partition("</thead>")[0]

    price, old = moves[0]["price"], moves[0]["current_price"]
    assert f'now in the shop: <data value="{price}"' in page("/") and f'店铺现价：<data value="{price}"' in page("/", "zh")
    address = f"/products/{moves[0]['sku']}"
    assert f'In the shop web now: <data value="{price}"' in page(address)
    assert "when priced" in unit("en") and "in the shop now" in unit("en") and "定价时" in unit("zh") and "店铺现价" in unit("zh")
    assert unit("en").count("<th ") == 3

    post(ben, f"{run}/undo", to="web", sure="1")
    one = told(anna, address)
    assert (one["in_shop"]["price"], one["unit"][0]["live"]) == (old, None)
    assert "when priced" not in unit("en") and "now in the shop" not in page("/")
    at = desk.desk.reading.now()
    key = [moves[0][name] for name in ("sku", "channel", "region")]
    seen = pl.DataFrame([["web", *key, at, old + 7, "EUR", "drift", None]], schema=APPLIED.schema, orient="row")
    desk.desk.reading.book.append(Act(at, "w", "read_shop", "web: 1 prices"), {"applied": seen})
    one = told(anna, address)
    assert (one["in_shop"]["price"], one["in_shop"]["run"], one["unit"][0]["live"]) == (old + 7, None, old + 7)
    assert unit("en").count("<th ") == 4


@pytest.mark.parametrize("elsewhere", [False, True])
def test_an_approved_price_that_no_shop_takes_is_not_said_to_be_ready_to_publish(tmp_path: Path, elsewhere: bool) -> None:
    desk = place(tmp_path / "shop")
    settings(desk, SHOP, SHOP + 'region = "north"\n' if elsewhere else "")
    ben, run = desk.client("approver", "ben"), f"/runs/{desk.run}"
    post(ben, f"{run}/accept", sure="1")
    row = desk.desk.reading.run(desk.run).changes.row(0, named=True)
    assert state(ben, desk.run)["unreached"] == state(ben, desk.run)["changes"] == state(ben, desk.run)["states"]["unreached"]
    assert len(told(ben, "/prices?state=unreached")["rows"]) > 0 and told(ben, "/prices?state=ready")["rows"] == []
    assert (told(ben, "/")["ready"], told(ben, "/")["unreached"]) == (0, state(ben, desk.run)["changes"])
    for language, approved, how, on in (
        ("en", "approved; no connected shop takes it", "How to connect a shop", "On to publishing"),
        ("zh", "已批准；没有已连接的店铺接收", "如何连接店铺", "前往发布"),
    ):
        said = {"Accept": "text/html", "Accept-Language": language}
        page = ben.get(f"/products/{row['sku']}", headers=said).text
        assert approved in page and how in page and f'href="{run}#connect"' in page and on not in page.partition('<div class="acts')[2]
        assert approved in ben.get("/prices?action=change", headers=said).text
        text = ben.get(run, headers=said).text
        assert 'id="connect"' in text and "pricesmith connect DIR NAME" in text
        assert how in ben.get("/", headers=said).text


def test_who_asked_is_told_that_another_person_accepts(desk: Place) -> None:
    ann, ben = desk.client("approver", "ann"), desk.client("approver", "ben")
    assert post(ann, "/jobs/price").status_code == 303
    run = told(ann, "/")["run"]
    assert post(ann, f"/runs/{run}/accept", sure="1").status_code == 422
    row = desk.desk.reading.run(run).changes.row(0, named=True)
    for address in (f"/products/{row['sku']}", "/prices?action=change", "/prices/every", f"/runs/{run}"):
        assert (told(ann, address).get("one") or told(ann, address))["askers"] == ["ann"]
        for language, said in (("en", "another person accepts them"), ("zh", "须由另一人批准")):
            pages = [client.get(address, headers={"Accept": "text/html", "Accept-Language": language}).text for client in (ann, ben)]
            offered = [re.findall(r"<button[^>]*>(?:Accept|(?:全部)?批准)[^<]*</button>", page) for page in pages]
            assert [said in page for page in pages] == [True, False]
            assert offered[0] and all(" disabled" in button for button in offered[0])
            assert offered[1] and not any(" disabled" in button for button in offered[1])
