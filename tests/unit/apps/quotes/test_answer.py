"""What is answered: the price in force and what it rests on, or a problem that says what, never anything else."""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
import re
from urllib.parse import quote as percent

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricesmith.apps.service.quotes.records import MOST_ITEMS, Health, Problem, Quote
from pricesmith.apps.service.quotes.table import Place, Table, grow, table_of
from pricesmith.contracts.publishing import GuardPolicy
from pricesmith.flows.desk.quotes.in_force import KEY, NOTHING, advance
from pricesmith.flows.desk.quotes.quotes_kept import Kept
from pricesmith.testing.fake_ledger import FakeLedger
from pricesmith.testing.ledger_rows import AT, DAY, made
from tests.examples import examples
from tests.house.source import ROOT
from tests.unit.apps.quotes.served import ACT, ODD, Clock, answers, get, json, ledger, post, reply, table
from tests.unit.flows.desk.quotes.test_quotes import acts, expected

BASE = "/api/v1/quotes"


def quoted(body: bytes) -> Quote:
    return msgspec.json.decode(body, type=Quote, strict=True)


def problem(found: tuple[int, dict[str, str], bytes]) -> tuple[int, str]:
    status, headers, body = found
    assert headers["Content-Type"] == "application/problem+json" and int(headers["Content-Length"]) == len(body)
    said = msgspec.json.decode(body, type=Problem, strict=True)
    assert said.status == status and said.detail and said.title
    return status, said.code


def test_a_price_that_was_seen() -> None:
    status, headers, body = reply(answers(Clock()), get(f"{BASE}/A001"))
    assert status == 200 and int(headers["Content-Length"]) == len(body) and headers["Content-Type"] == "application/json"
    assert json(body) == {
        "sku": "A001", "channel": "default", "region": "default", "price": 1099, "currency": "EUR", "source": "applied", "cause": "publish",
        "shop": "web", "decision": {"run": "run-1", "key": "A001/default/default"}, "as_of": "2026-11-02T09:00:00Z",
        "valid_until": "2026-11-03T08:00:00Z", "stale": False,
    }  # fmt: skip


def test_the_page_shows_a_quote_as_it_is_answered() -> None:
    page = (ROOT / "docs" / "quotes.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"^```json\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    told = msgspec.json.decode(shown)
    answered = json(reply(answers(Clock()), get(f"{BASE}/A001"))[2])
    assert list(told) == list(answered) and list(told["decision"]) == list(answered["decision"])
    assert msgspec.to_builtins(quoted(shown.encode())) == told


def test_a_price_that_was_never_seen_is_the_current_one() -> None:
    found = quoted(reply(answers(Clock()), get(f"{BASE}/B?channel=default&region=default"))[2])
    assert (found.price, found.source, found.cause, found.shop, found.as_of) == (250, "current", None, None, "2026-11-02T00:00:00Z")


def test_a_price_that_somebody_else_set_has_no_decision_and_rests_on_nothing_known() -> None:
    found = quoted(reply(answers(Clock()), get(f"{BASE}/drift"))[2])
    assert (found.price, found.cause, found.decision, found.valid_until, found.stale) == (77, "drift", None, None, True)


def test_data_that_get_too_old_make_it_stale() -> None:
    clock = Clock()
    one = answers(clock)
    assert quoted(reply(one, get(f"{BASE}/follows"))[2]).valid_until == "2026-11-02T14:30:00Z"
    assert (quoted(reply(one, get(f"{BASE}/old"))[2]).valid_until, quoted(reply(one, get(f"{BASE}/old"))[2]).stale) == (None, True)
    for sku, hours in (("A001", 22.0), ("follows", 4.5)):
        for seconds, stale in ((-0.001, False), (0.0, True)):
            clock.seconds = one.heard = hours * 3600.0 + seconds
            assert quoted(reply(one, get(f"{BASE}/{sku}"))[2]).stale == stale


def test_a_ledger_that_is_not_read_makes_everything_stale() -> None:
    clock = Clock()
    one = answers(clock)
    for seconds, stale in ((30.0, False), (30.001, True)):
        clock.seconds = seconds
        assert quoted(reply(one, get(f"{BASE}/A001"))[2]).stale == stale
        assert all(item["stale"] == stale for item in json(reply(one, post({"items": [{"sku": "A001"}, {"sku": "B"}]}))[2])["items"])
        assert msgspec.json.decode(reply(one, get(f"{BASE}/health"))[2], type=Health).status == ("stale" if stale else "ok")
    one.heard = None
    assert quoted(reply(one, get(f"{BASE}/A001"))[2]).stale


def test_unknown_and_without_a_price() -> None:
    one = answers(Clock())
    assert problem(reply(one, get(f"{BASE}/nobody"))) == (404, "unknown_product")
    assert problem(reply(one, get(f"{BASE}/A001?channel=web"))) == (404, "unknown_product")
    assert "known in default/default" in json(reply(one, get(f"{BASE}/A001?channel=web"))[2])["hint"]
    for sku in ("C", "free"):
        assert problem(reply(one, get(f"{BASE}/{sku}"))) == (404, "no_price")


def test_odd_names() -> None:
    one = answers(Clock())
    status, _, body = reply(one, get(f"{BASE}/{percent(ODD, safe='')}?region=D%25E"))
    found = quoted(body)
    assert status == 200 and (found.sku, found.region) == (ODD, "D%E")
    assert found.decision is not None and found.decision.key == f"{ODD}/default/D%E"
    assert json(reply(one, post({"items": [{"sku": ODD, "region": "D%E"}]}))[2])["items"][0] == json(body)


def test_missing_and_empty_channel_and_region_are_the_default() -> None:
    one = answers(Clock())
    bodies = {reply(one, get(f"{BASE}/A001{query}"))[2] for query in ("", "?", "?channel=", "?region=default&channel=")}
    assert len(bodies) == 1


@pytest.mark.parametrize(
    ("request_", "status", "code"),
    [
        (get("/"), 404, "no_address"),
        (get("/api/v1/prices"), 404, "no_address"),
        (get(f"{BASE}/"), 404, "no_address"),
        (get(f"{BASE}/a/b"), 404, "no_address"),
        (get("*"), 404, "no_address"),
        (get(BASE), 405, "method"),
        (get(f"{BASE}?x=1"), 400, "bad_query"),
        (get(f"{BASE}/A001", method="DELETE"), 405, "method"),
        (get(f"{BASE}/health", method="PUT"), 405, "method"),
        (get(f"{BASE}/A001?chanel=web"), 400, "bad_query"),
        (get(f"{BASE}/A001?channel=a&channel=a"), 400, "bad_query"),
        (get(f"{BASE}/A%2"), 400, "bad_address"),
        (get(f"{BASE}/A%zz"), 400, "bad_address"),
        (get(f"{BASE}/%ff"), 400, "bad_address"),
        (get(f"{BASE}/{'a' * 201}"), 422, "too_long"),
        (get(f"{BASE}/A001?region={'a' * 201}"), 422, "too_long"),
        (get(f"{BASE}/A001", host="evil.example"), 421, "wrong_host"),
        (post(b"{"), 400, "bad_json"),
        (post(b"\xff"), 400, "bad_json"),
        (post(b'{"items":[{"sku":"\xff"}]}'), 400, "bad_json"),
        (post({}), 422, "bad_batch"),
        (post({"items": []}), 422, "bad_batch"),
        (post({"items": [{"sku": ""}]}), 422, "bad_batch"),
        (post({"items": [{"sku": "a", "price": 1}]}), 422, "bad_batch"),
        (post({"items": [{"sku": 5}]}), 422, "bad_batch"),
        (post({"items": [{"sku": "a"}] * (MOST_ITEMS + 1)}), 422, "bad_batch"),
        (post({"items": [{"sku": "a"}]}, "text/plain"), 415, "media_type"),
    ],
)
def test_bad_requests(request_: bytes, status: int, code: str) -> None:
    assert problem(reply(answers(Clock()), request_)) == (status, code)


def test_what_is_wrong_in_a_batch_is_named_by_its_place() -> None:
    body = reply(answers(Clock()), post({"items": [{"sku": "a"}, {"sku": "b", "region": 3}]}))[2]
    assert "$.items[1].region" in json(body)["detail"]


def test_a_batch_keeps_its_order_and_says_why_not() -> None:
    skus = ["B", "nobody", "C", "A001", "B"]
    status, _, body = reply(answers(Clock()), post({"items": [{"sku": sku} for sku in skus]}, "application/json; charset=utf-8"))
    items = json(body)["items"]
    assert status == 200 and [item["sku"] for item in items] == skus
    assert [item.get("price", item.get("reason")) for item in items] == [250, "unknown_product", "no_price", 1099, 250]


def test_a_thousand_items_are_answered() -> None:
    body = reply(answers(Clock()), post({"items": [{"sku": "A001"}] * MOST_ITEMS}))[2]
    assert len(json(body)["items"]) == MOST_ITEMS


def test_a_quote_that_has_not_changed_is_not_sent_again() -> None:
    clock = Clock()
    one = answers(clock)
    tag = reply(one, get(f"{BASE}/A001"))[1]["ETag"]
    for match in (tag, f'"other", W/{tag}', "*"):
        status, headers, body = reply(one, get(f"{BASE}/A001", f"If-None-Match: {match}"))
        assert (status, headers["ETag"], body) == (304, tag, b"")
    assert reply(one, get(f"{BASE}/A001", 'If-None-Match: "other"'))[0] == 200
    clock.seconds = 31.0
    status, headers, _ = reply(one, get(f"{BASE}/A001", f"If-None-Match: {tag}"))
    assert status == 200 and headers["ETag"] != tag, "a stale quote is another one"


def test_head_is_get_without_the_body() -> None:
    one = answers(Clock())
    for path in (f"{BASE}/A001", f"{BASE}/nobody", f"{BASE}/health"):
        full, bare = reply(one, get(path)), reply(one, get(path, method="HEAD"))
        assert bare[:2] == full[:2] and bare[2] == b"" and full[2]


def test_before_anything_was_read() -> None:
    one = answers(Clock())
    one.table = None
    assert problem(reply(one, get(f"{BASE}/A001"))) == (503, "starting")
    status, _, body = reply(one, get(f"{BASE}/health"))
    assert (status, json(body)["status"]) == (503, "starting")


def test_health_says_when_and_up_to_where_the_ledger_was_read() -> None:
    one = answers(Clock())
    found = msgspec.json.decode(reply(one, get(f"{BASE}/health"))[2], type=Health)
    assert (found.status, found.act, found.read_at) == ("ok", 2, AT + DAY)
    one.read_at = AT + 2 * DAY
    assert msgspec.json.decode(reply(one, get(f"{BASE}/health"))[2], type=Health).read_at == AT + 2 * DAY


def test_a_whole_address_is_understood() -> None:
    assert reply(answers(Clock()), get(f"http://localhost{BASE}/A001"))[0] == 200


def price(table: Table, sku: bytes, place: Place = (b"default", b"default")) -> int:
    text = table.quote(table.find(sku, place), sku, False, 0)
    assert text is not None
    return quoted(text).price


def test_a_table_takes_over_the_index_and_old_ones_do_not_see_new_products() -> None:
    book = ledger()
    known = advance(book, NOTHING)
    first = table(known)
    book.append(ACT, {"applied": made("applied", {"sku": "new", "price": 5}, {"price": 1234}, at=AT + DAY, cause="drift")})
    later = advance(book, known)
    second = table(later, first)
    place = (b"default", b"default")
    assert second.places is first.places
    assert first.find(b"new", place) == -1 and price(second, b"new") == 5
    assert (price(first, b"A001"), price(second, b"A001")) == (1099, 1234)
    other = table(later, second, begun=AT + DAY)
    assert other.places is not second.places and other.find(b"new", place) >= 0


def test_growing_gives_way_to_other_work() -> None:
    book = FakeLedger()
    rows = [{"sku": f"P{number}"} for number in range(12_000)]
    book.append(ACT, {"runs": made("runs"), "decided": made("decided", *rows)})
    found, fresh = table_of(Kept(advance(book, NOTHING), AT, AT), GuardPolicy(), None)
    steps = [sum(map(len, found.places.values())) for _ in grow(found.places, fresh)]
    assert steps == [5000, 10_000, 12_000] and found.find(b"P11999", (b"default", b"default")) == 11_999


@given(acts(), st.integers(-2, 40))
@examples(60)
def test_every_quote_equals_the_ledger_and_no_price_is_zero(written: list[dict[str, object]], days: int) -> None:
    book, clock = FakeLedger(), Clock(days * 86_400.0)
    for tables in written:
        book.append(ACT, tables)  # type: ignore[arg-type]
    one = answers(clock, book=book)
    wanted = expected(book)
    keys = [{"sku": sku, "channel": channel, "region": region} for sku in ("A", "B", "C/1", 'ü"%') for channel, region in PLACES]
    items = json(reply(one, post({"items": keys}))[2])["items"]
    for key, item in zip(keys, items, strict=True):
        address = f"{BASE}/{percent(key['sku'], safe='')}?channel={key['channel']}&region={key['region']}"
        status, _, body = reply(one, get(address))
        known = wanted.get(tuple(key[name] for name in KEY))
        assert (status == 200) == (known is not None) == ("price" in item)
        if known is not None:
            found = quoted(body)
            assert json(body) == item and found.price > 0 and math.isfinite(found.price)
            at = dt.datetime.fromisoformat(found.as_of)
            run = found.decision.run if found.decision else ""
            assert (found.price, found.source, found.cause or "", found.shop or "", run, at) == known


PLACES = [("default", "default"), ("web", "DE")]


def test_the_date_of_an_answer_is_that_of_its_second() -> None:
    clock = Clock()
    one = dataclasses.replace(answers(clock))
    assert reply(one, get(f"{BASE}/A001"))[1]["Date"] == "Mon, 02 Nov 2026 10:00:00 GMT"
    clock.seconds = 1.5
    assert reply(one, get(f"{BASE}/A001"))[1]["Date"] == "Mon, 02 Nov 2026 10:00:01 GMT"
