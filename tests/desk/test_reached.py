"""An answer to a whole run says how many changes it still reaches, and taking one's answers back says how many that are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from .feed import QUIET, attested, feed, state, told
from .place import Place, post

pytestmark = pytest.mark.real  # long


@pytest.fixture
def desk(tmp_path: Path) -> Place:
    return feed(tmp_path / "shop")


def text(client: TestClient, address: str, language: str = "en") -> str:
    page = client.get(address, headers={"Accept": "text/html", "Accept-Language": language}).text
    return re.sub(r"\s+", "" if language == "zh" else " ", re.sub(r"<[^>]*>", "", page))


def key(row: dict[str, str]) -> str:
    return "\x1f".join(row[name] for name in ("sku", "channel", "region"))


def rows_of(client: TestClient) -> list[dict[str, str]]:
    return told(client, "/prices?action=change&size=200&sort=sku")["rows"]  # type: ignore[no-any-return]


def one_published_one_rejected(desk: Place) -> TestClient:
    """Of the first two changes; the person who did both."""
    anna = desk.client("approver", "anna")
    attested(desk, anna, desk.client("approver", "ben"))
    first, second = rows_of(anna)[:2]
    post(anna, "/prices/accept", run=desk.run, products=key(first))
    post(anna, f"/runs/{desk.run}/publish", to="web", sure="1")
    post(anna, "/prices/reject", run=desk.run, products=key(second), why="too dear")
    assert state(anna, desk.run)["states"]["applied"] == state(anna, desk.run)["states"]["rejected"] == 1
    return anna


def test_the_tick_counts_what_the_answer_reaches(desk: Place) -> None:
    anna = one_published_one_rejected(desk)
    one, run = state(anna, desk.run), f"/runs/{desk.run}"
    left = told(anna, "/prices?state=open&size=200&columns=profit_change")["rows"]
    for said in ("accept", "reject"):
        assert one[said]["changes"] == len(left) == one["changes"] - 2
        assert one[said]["profit_change"] == pytest.approx(sum(row["profit_change"] for row in left))
        assert sum(part[said]["changes"] for part in one["classes"]) == len(left)
    assert f"Yes: accept all of these changes: {len(left)} ·" in text(anna, run)
    assert "left out where many are accepted together: 1" in text(anna, run)
    assert post(anna, f"{run}/accept", sure="1", count=one["changes"]).status_code == 409
    answer = post(anna, f"{run}/accept", sure="1", count=len(left))
    assert f"Changes accepted: {len(left)}." in text(anna, answer.headers["location"])


@pytest.mark.parametrize(("language", "accept", "effect", "sums"), [
    ("en", "Yes: accept this change · its effect on profit", "its effect on profit", "add up"),
    ("zh", "确认：批准此项调价·其利润影响", "其利润影响", "各项单独的利润影响之和"),
])  # fmt: skip
def test_one_change_has_an_effect_and_no_sum(desk: Place, language: str, accept: str, effect: str, sums: str) -> None:
    anna = desk.client("approver", "anna")
    rest = rows_of(anna)[1:]
    post(anna, "/prices/reject", run=desk.run, products=[key(row) for row in rest], why="too dear")
    page = text(anna, f"/runs/{desk.run}", language)
    assert accept in page
    sku = rest[0]["sku"]
    for address in (f"/prices?search={sku}", f"/prices/every?search={sku}"):
        page = text(anna, address, language)
        assert effect in page and sums not in page


def test_what_is_ready_is_not_accepted_again_and_can_be_rejected(desk: Place) -> None:
    anna, run = desk.client("approver", "anna"), f"/runs/{desk.run}"
    post(anna, f"{run}/accept", sure="1")
    one = state(anna, desk.run)
    assert (one["accept"]["changes"], one["reject"]["changes"]) == (0, one["changes"])
    assert f'action="{run}/accept"' not in anna.get(run, headers={"Accept": "text/html"}).text


@pytest.mark.parametrize(("language", "before", "after", "kept"), [
    ("en", "withdraw my answers that still wait; changes: 1 (accepted 0, rejected 1) · published already, and not withdrawn: 1",
     "Your answers that still waited are withdrawn; changes: 1.", "for what was published on it: 1"),
    ("zh", "撤回我的审批，尚未发布的调价数：1（批准0项，驳回1项）·已发布、审批不变：1",
     "已撤回您的审批：尚未发布的调价1项。", "仅对已据此发布的有效：1"),
])  # fmt: skip
def test_who_withdraws_is_told_how_many_answers(desk: Place, language: str, before: str, after: str, kept: str) -> None:
    anna, run = one_published_one_rejected(desk), f"/runs/{desk.run}"
    assert before in text(anna, run, language)
    assert told(anna, run)["mine"] == {"accepted": 0, "rejected": 1, "sent": 1}
    assert told(desk.client("approver", "ben"), run)["mine"] == {"accepted": 0, "rejected": 0, "sent": 0}
    answer = post(anna, f"{run}/withdraw", sure="1", count=1)
    assert after in text(anna, answer.headers["location"], language)
    page = text(anna, run, language)
    assert kept in page and before not in page and f'action="{run}/withdraw"' not in anna.get(run).text
    states = state(anna, desk.run)["states"]
    assert states["applied"] == 1 and "rejected" not in states
    written = desk.desk.reading.rows("verdicts").height
    none = post(anna, f"{run}/withdraw", sure="1")
    assert none.status_code == 303 and desk.desk.reading.rows("verdicts").height == written
    assert {"en": "You have no answer there", "zh": "没有可撤回审批的调价"}[language] in text(anna, none.headers["location"], language)


def test_a_product_nobody_answered_has_nothing_to_withdraw(desk: Place) -> None:
    anna = desk.client("approver", "anna")
    first, second = rows_of(anna)[:2]
    post(anna, "/prices/accept", run=desk.run, products=key(first))
    answer = post(anna, "/prices/withdraw", run=desk.run, products=[key(first), key(second)])
    assert "withdrawn; changes: 1." in text(anna, answer.headers["location"])


def test_what_waits_for_its_wave_may_still_be_rejected_and_withdrawn(tmp_path: Path) -> None:
    desk = feed(tmp_path / "shop", QUIET.replace("canary_minutes = 0", "canary_minutes = 30\ncanary_least = 1"))
    anna, run = desk.client("approver", "anna"), f"/runs/{desk.run}"
    attested(desk, anna, desk.client("approver", "ben"))
    post(anna, f"{run}/accept", sure="1")
    post(anna, f"{run}/publish", to="web", sure="1")
    one = state(anna, desk.run)
    waiting, came = one["shops"][0]["waiting"], one["shops"][0]["now"]
    assert waiting and came and (one["accept"]["changes"], one["reject"]["changes"]) == (0, waiting)
    assert told(anna, run)["mine"] == {"accepted": waiting, "rejected": 0, "sent": came}


@pytest.mark.parametrize(("language", "said"), [
    ("en", "Of these an acceptance still reaches: {0} ({1}; a rejection: {0}."),
    ("zh", "其中批准仍可涉及的调价：{0}({1}；驳回仍可涉及的调价：{0}。"),
])  # fmt: skip
def test_all_that_a_filter_finds_is_counted_alike(desk: Place, language: str, said: str) -> None:
    anna = one_published_one_rejected(desk)
    found, rest = told(anna, "/prices/every"), state(anna, desk.run)["accept"]
    assert found["accept"] == found["reject"] == rest and rest["changes"] == found["changes"] - 2
    page = text(anna, "/prices/every", language)
    before, after = said.format(rest["changes"], "|").split("|")
    assert before in page and after in page
    answer = post(anna, "/prices/accept", run=desk.run, filter=found["filter"], count=found["changes"])
    assert f"Changes accepted: {rest['changes']}." in text(anna, answer.headers["location"])
