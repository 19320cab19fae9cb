"""A part of a run that is accepted is judged as a whole, wherever somebody answers or publishes it."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from secrets import token_hex

import numpy as np
import polars as pl
import pytest
from starlette.testclient import TestClient

from pricesmith.apps.cli import main
from pricesmith.contracts.curves import Floats, Ints
from pricesmith.contracts.errors import LedgerError
from pricesmith.contracts.shop import Key
from pricesmith.flows.desk.approval import accepted
from pricesmith.flows.desk.approval.accepted import judged
from pricesmith.flows.desk.own_prices.whole import left_soon, offered
from pricesmith.flows.publishing.answers.override import override
from pricesmith.flows.publishing.answers.own_price import prices_of

from .place import Place, place, post
from .working import at_once

pytestmark = pytest.mark.real  # long

JSON, HTML = {"Accept": "application/json"}, {"Accept": "text/html"}
LIMIT = 0.004
BOUNDED = f'\n[[rule]]\nkind = "index_limit"\nmax_move = {LIMIT}\n'
SAID = r"breaks a rule over several products .*: average move \(all of the run .*%, accepted .*%, at (most|least) .*%\)\."


@pytest.fixture
def desk(tmp_path: Path) -> Place:
    found = at_once(place(tmp_path / "shop", BOUNDED))
    rows = found.desk.reading.run(found.run).decided.filter(pl.col("current_price") > 0)
    rows.select("sku", price=pl.col("current_price") / 100).write_csv(found.folder / "feed.csv", float_precision=2)
    return found


def keys(desk: Place, up: bool) -> list[str]:
    moved = pl.col("price") > pl.col("current_price")
    rows = desk.desk.reading.run(desk.run).changes.filter(moved if up else ~moved)
    return ["\x1f".join(row) for row in rows.select("sku", "channel", "region").iter_rows()]


def one(client: TestClient, run: str) -> dict:  # type: ignore[type-arg]
    return client.get(f"/runs/{run}", headers=JSON).json()["one"]  # type: ignore[no-any-return]


def test_a_part_that_breaks_what_the_whole_keeps_is_told_on_every_way(desk: Place) -> None:
    anna, ben, run = desk.client("approver", "anna"), desk.client("approver", "ben"), f"/runs/{desk.run}"
    assert one(anna, desk.run)["judged"] == {"broken": [], "working": False, "failed": None, "left": []}
    for client in (anna, ben):
        digest = client.get("/approvals", headers=JSON).json()["attestation"]["digest"]
        assert post(client, "/attest", digest=digest).status_code == 303
    post(anna, "/prices/reject", run=desk.run, products=keys(desk, up=False), why="no cuts")
    done = post(anna, "/prices/accept", run=desk.run, products=keys(desk, up=True), back=run)
    assert done.status_code == 303
    (broken,) = one(anna, desk.run)["judged"]["broken"]
    assert broken["rule"] == "index_limit" and broken["then"] > broken["upper"] >= broken["now"]
    page = html.unescape(anna.get(run, headers=HTML).text).replace("\xa0", " ")
    banner = re.search(r'<p class="banner good".*?</p>', page, re.DOTALL)
    assert banner and re.search(SAID, banner[0])
    tick = page[: page.index('action="' + run + '/publish"')], page[page.index('action="' + run + '/publish"') :]
    assert re.search(SAID, tick[0].replace(banner[0], "")) and re.search(SAID, tick[1])
    chinese = anna.get(run, headers={**HTML, "Accept-Language": "zh"}).text
    assert "违反了整个批次所遵守的跨商品规则：平均变动（整个批次 " in chinese
    post(anna, f"{run}/dry-run", to="web")
    assert re.search(SAID, html.unescape(anna.get(f"{run}/dry-run?to=web", headers=HTML).text).replace("\xa0", " "))
    assert post(anna, f"{run}/publish", to="web", sure="1").status_code == 303, "what was allowed stays allowed"


def test_the_verdict_is_that_of_the_rules_themselves(desk: Place) -> None:
    anna, reading = desk.client("approver", "anna"), desk.desk.reading
    run, every = reading.run(desk.run), [*keys(desk, up=True), *keys(desk, up=False)]
    today, price = (run.decided.sort("item")[name].fill_null(0).to_numpy().astype(float) for name in ("current_price", "price"))
    weight = np.nan_to_num(reading.replayed(desk.run).decided.opened().curves.base) * today
    named = run.decided.sort("item").select(pl.concat_str("sku", "channel", "region", separator="\x1f")).to_series()
    told = []
    for count in (1, len(every) // 2, len(every) - 1, len(every)):
        post(anna, "/prices/accept", run=desk.run, products=every[:count])
        then = np.where(named.is_in(every[:count]).to_numpy() & (price > 0), price, today)
        move = float((weight * then / np.maximum(today, 1.0)).sum() / weight.sum() - 1.0)
        told.append(bool(judged(reading, run, reading.now()).broken))
        assert told[-1] == (abs(move) > LIMIT + 1e-9), (count, move)
    assert set(told) == {True, False}


def test_all_of_a_run_and_nothing_of_it_break_nothing(desk: Place) -> None:
    anna = desk.client("approver", "anna")
    post(anna, f"/runs/{desk.run}/reject", sure="1", why="no")
    assert one(anna, desk.run)["judged"]["broken"] == []
    post(anna, f"/runs/{desk.run}/accept", sure="1")
    assert one(anna, desk.run)["judged"]["broken"] == []
    assert "breaks a rule" not in anna.get(f"/runs/{desk.run}", headers=HTML).text


def told(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[str, str]:
    """What a command prints, and what it says beside."""
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        main.main(list(map(str, words)))
    assert ended.value.code == 0
    return capsys.readouterr()


def test_programs_and_commands_are_told_too(desk: Place, capsys: pytest.CaptureFixture[str]) -> None:
    ups = keys(desk, up=True)
    anna, address = desk.client(), f"/api/v1/runs/{desk.run}/verdicts"
    anna.headers["Authorization"] = f"Bearer {desk.key('approver', 'approve')}"
    items = [dict(zip(("sku", "channel", "region"), one.split("\x1f"), strict=True)) for one in ups]

    def say(answer: str, **more: object) -> dict:  # type: ignore[type-arg]
        found = anna.post(address, json={"answer": answer, **more}, headers={"Idempotency-Key": token_hex(16)})
        assert found.status_code == 200, found.text
        return found.json()["judged"]  # type: ignore[no-any-return]

    (broken,) = say("accept", products=items)["broken"]
    assert broken["rule"] == "index_limit" and broken["then"] > broken["upper"] >= broken["now"]
    assert say("withdraw", products=items) == {"broken": [], "working": False, "failed": None, "left": []}
    wanted = [f"--sku={one['sku']}" for one in items]
    for words in (["approve", desk.folder, desk.run, "--by", "ben", *wanted], ["publish", desk.folder, desk.run, "--to", "web"]):
        out, err = told(capsys, *words)
        assert re.search(SAID, err) and "publish it knowingly" in err and out
        document = json.loads(told(capsys, *words, "--json")[0])
        assert document["judged"]["broken"][0]["rule"] == "index_limit"
    said = {row["sku"] for row in document["changes"] if row["verdict"] == "not_approved"}
    assert said == {one.split("\x1f")[0] for one in keys(desk, up=False)}, "what is accepted goes its way"
    out, err = told(capsys, "approve", desk.folder, desk.run, "--by", "ben")
    assert "breaks" not in err


def banner(client: TestClient, address: str, language: str = "en") -> tuple[str, str]:
    """What the banner of the page says, and the page without it."""
    page = html.unescape(client.get(address, headers={**HTML, "Accept-Language": language}).text)
    found = re.search(r'<p class="banner good".*?</p>', page, re.DOTALL)
    assert found
    return found[0], page.replace(found[0], "")


def test_what_is_left_after_a_rejection_is_judged_before_anybody_accepts_it(desk: Place, capsys: pytest.CaptureFixture[str]) -> None:
    anna, run, cuts = desk.client("approver", "anna"), f"/runs/{desk.run}", keys(desk, up=False)
    assert 'id="left"' not in anna.get(run, headers=HTML).text
    post(anna, "/prices/reject", run=desk.run, products=cuts, why="no cuts", back=run)
    seen = one(anna, desk.run)["judged"]
    (broken,) = seen["left"]
    assert seen["broken"] == [], "nothing is accepted yet"
    assert broken["rule"] == "index_limit" and broken["then"] > broken["upper"] >= broken["now"]
    said, chinese = (
        "What is left of the run, without what was turned down, would break",
        "其余调价若全部批准，将违反跨商品规则：平均变动（整个批次 ",
    )
    said_on, page = banner(anna, run)
    assert said in said_on and said in page.split('id="left"')[1].split("</p>")[0]
    assert chinese in anna.get(run, headers={**HTML, "Accept-Language": "zh"}).text.split('id="left"')[1].split("</p>")[0]
    out, err = told(capsys, "reject", desk.folder, desk.run, "--by", "ben", "--why", "no", f"--sku={cuts[0].split(chr(31))[0]}")
    assert out and "What is left of the run" in err and "withdraw a rejection" in err
    post(anna, "/prices/accept", run=desk.run, products=keys(desk, up=True))
    after = one(anna, desk.run)["judged"]
    assert after["left"] == [] and after["broken"] == [broken], "what was foretold came true, and is said once"


def test_what_is_left_breaks_nothing_once_the_rejection_is_withdrawn(desk: Place) -> None:
    anna, cuts = desk.client("approver", "anna"), keys(desk, up=False)
    post(anna, "/prices/reject", run=desk.run, products=cuts, why="no cuts")
    assert one(anna, desk.run)["judged"]["left"]
    post(anna, "/prices/withdraw", run=desk.run, products=cuts)
    assert one(anna, desk.run)["judged"]["left"] == []


def test_what_cannot_be_judged_stops_no_answer_and_is_told(desk: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    anna, run = desk.client("approver", "anna"), f"/runs/{desk.run}"

    def spoilt(_name: str) -> None:
        raise LedgerError("the stored snapshot is gone", where="contents", hint="restore the ledger")

    monkeypatch.setattr(desk.desk.reading, "replayed", spoilt)
    done = post(anna, "/prices/accept", run=desk.run, products=keys(desk, up=True), back=run)
    assert done.status_code == 303
    assert one(anna, desk.run)["states"]["ready"] > 0, "the answer was written"
    failed = {"what": "the stored snapshot is gone", "where": "contents", "hint": "restore the ledger"}
    said = "could not be judged, so do not take them as kept: contents: the stored snapshot is gone."
    for address in (run, f"/api/v1/runs/{desk.run}"):
        answer = anna.get(address, headers=JSON)
        assert answer.status_code == 200
        assert answer.json().get("one", answer.json())["judged"] == {"broken": [], "working": False, "failed": failed, "left": []}
    told, rest = banner(anna, run)
    assert said in told and said in rest and "restore the ledger" in told
    post(anna, "/prices/accept", run=desk.run, products=keys(desk, up=True)[:1], back=run)
    told, rest = banner(anna, run, "zh")
    assert "无法判断" in rest and said in told, "the banner says it in the language of the act"


def test_an_answer_that_is_still_being_judged_says_so(desk: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    anna, run = desk.client("approver", "anna"), f"/runs/{desk.run}"
    monkeypatch.setattr(accepted, "known_soon", lambda _reading, _run: None)
    assert post(anna, "/prices/accept", run=desk.run, products=keys(desk, up=True), back=run).status_code == 303
    told, rest = banner(anna, run)
    assert "is being worked out" in told and "is being worked out" in rest
    assert one(anna, desk.run)["judged"] == {"broken": [], "working": True, "failed": None, "left": []}


def moved(weight: Floats, today: Ints, own: dict[int, int]) -> float:
    """How far prices of one's own move the average price."""
    then = np.array([own.get(item, price) for item, price in enumerate(today)], dtype=float)
    return float((weight * then / np.maximum(today, 1)).sum() / weight.sum() - 1.0)


def test_own_prices_that_are_accepted_count_and_are_told_on_their_own_run_too(desk: Place) -> None:
    """Cuts of the run made room for them; when the run is rejected they stand alone, and break what all together kept."""
    anna, ben, reading = desk.client("approver", "anna"), desk.client("approver", "ben"), desk.desk.reading
    decided = reading.replayed(desk.run).decided
    items, at, proposed = decided.items, reading.now(), prices_of(decided)
    keys, today = (
        [Key(*row) for row in items.select("sku", "channel", "region").iter_rows()],
        items["current_price"].fill_null(0).to_numpy(),
    )
    own: dict[int, int] = {}
    runs = []
    weight = np.nan_to_num(decided.opened().curves.base) * today
    for item in np.argsort(-weight, kind="stable").tolist():
        if moved(weight, today, own) > LIMIT + 1e-9:
            break
        left = left_soon(reading, desk.run, at)
        assert left is not None
        near = [price for price in offered(left.decided, left.known, item, float(today[item]) * 1.1)[0] if price > today[item]]
        near = [price for price in near if price != proposed[item]]
        if near and today[item]:
            own[item] = near[-1]
            runs.append(override(reading.book, desk.run, {keys[item]: near[-1]}, by="anna", why="dearer", at=at, code="test").run)
    assert one(anna, desk.run)["judged"]["broken"] == [], "nobody agreed yet"
    for run in runs:
        assert post(ben, f"/runs/{run}/accept", sure="1").status_code == 303
    post(anna, f"/runs/{desk.run}/reject", sure="1", why="no")
    move = moved(weight, today, own)
    assert move > LIMIT + 1e-9
    for run in (desk.run, runs[-1]):
        (broken,) = one(anna, run)["judged"]["broken"]
        assert (broken["rule"], round(broken["then"], 9)) == ("index_limit", round(move, 9))
        assert re.search(SAID, html.unescape(anna.get(f"/runs/{run}", headers=HTML).text).replace("\xa0", " "))
