"""A newer run proposes the very price that an earlier one brings: it is said where it comes from, and nobody is asked for it again."""

from __future__ import annotations

from pathlib import Path

import pytest

from pricesmith.contracts.errors import PricesmithError
from pricesmith.contracts.shop import Key
from pricesmith.flows.publishing.answers.answering import answer

from .feed import attested, feed, settings, state, told
from .place import Place, post, priced

HTML = {"Accept": "text/html"}

pytestmark = pytest.mark.real  # long


@pytest.fixture
def desk(tmp_path: Path) -> Place:
    """Four prices of a run are approved and wait to leave, as the shop may move by no price level today; then the shop is priced again."""
    found = feed(tmp_path / "shop")
    settings(found, "index_hour = 0.9\n", "index_hour = 1e-9\n")
    anna, ben = found.client("approver", "anna"), found.client("approver", "ben")
    attested(found, anna, ben)
    rows = told(anna, "/prices?action=change&size=200")["rows"][:4]
    for one in (anna, ben):
        for row in rows:
            post(one, "/prices/accept", run=found.run, products=key(row))
    post(anna, f"/runs/{found.run}/publish", to="web", sure="1", anyway="1")
    settings(found, "horizon_days = 28", "horizon_days = 27")
    return Place(found.desk, found.folder, priced(found.folder).run)


def key(row: dict[str, str]) -> str:
    return "\x1f".join(row[name] for name in ("sku", "channel", "region"))


def older(desk: Place) -> str:
    return str(desk.desk.reading.rows("runs")["run"][0])


def rows(desk: Place, query: str) -> list[dict]:  # type: ignore[type-arg]
    return list(told(desk.client("admin"), f"/prices?size=200&{query}")["rows"])


def test_it_is_not_asked_for_again_and_says_where_it_comes_from(desk: Place) -> None:
    anna, brought = desk.client("approver", "anna"), rows(desk, "state=carried")
    assert 0 < len(brought) <= 4 and {row["carried"]["run"] for row in brought} == {older(desk)}
    assert {row["carried"]["there"] for row in brought} == {False}
    today, run = told(anna, "/"), state(anna, desk.run)
    assert today["open"] == run["states"]["open"] == run["changes"] - len(brought) == len(rows(desk, "state=open"))
    assert run["accept"]["changes"] == today["open"], "an acceptance of all is about the others"
    sku = brought[0]["sku"]
    one = told(anna, f"/products/{sku}")
    assert one["carried"]["run"] == older(desk) and one["back"][0]["fate"] == "waiting"
    for language, words in (("en", ("waits to leave for web", "Nothing is to be approved here")), ("zh", ("等待发往 web", "此处无需审批"))):
        page = anna.get(f"/products/{sku}", headers={**HTML, "Accept-Language": language}).text
        assert 'id="leaving-1"' in page and words[0] in page and words[1] in page and f'href="/runs/{older(desk)}"' in page
        assert 'formaction="/prices/accept"' not in page
    assert older(desk) in anna.get("/prices?state=carried", headers=HTML).text


def test_an_answer_does_not_reach_it(desk: Place) -> None:
    reading, brought = desk.desk.reading, rows(desk, "state=carried")
    keys = [Key(row["sku"], row["channel"], row["region"]) for row in brought]
    for said, why in (("accept", None), ("reject", "no")):
        with pytest.raises(PricesmithError, match="in a shop or on its way already"):
            answer(reading.book, desk.run, said, by="anna", at=reading.now(), policy=reading.policy, why=why, keys=keys)
    for name in ("anna", "ben"):
        post(desk.client("approver", name), f"/runs/{desk.run}/accept", sure="1", held="1")
    assert len(rows(desk, "state=carried")) == len(brought) and not rows(desk, "state=open")


def test_once_it_is_called_off_it_is_asked_about_again(desk: Place) -> None:
    anna, brought = desk.client("approver", "anna"), {row["sku"] for row in rows(desk, "state=carried")}
    post(anna, f"/runs/{older(desk)}/undo", to="web", sure="1")
    assert brought <= {row["sku"] for row in rows(desk, "state=open")} and not rows(desk, "state=carried")
