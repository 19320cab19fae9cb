"""No bytes break the parser, the way they are split changes nothing, and what could be read in two ways is refused."""

from __future__ import annotations

import random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pricesmith.apps.service.quotes.parse import MOST_BODY, MOST_HEAD, MOST_HEADERS, Parser, Request
from pricesmith.apps.service.quotes.records import Refused
from tests.examples import examples

GET = b"GET /api/v1/quotes/A1?channel=web HTTP/1.1\r\nHost: shop\r\n\r\n"
POST = b"POST /api/v1/quotes HTTP/1.1\r\nHost: shop\r\nContent-Type: application/json\r\nContent-Length: 5\r\n\r\nhello"


def heard(parts: list[bytes]) -> list[object]:
    """Requests, and at the end the code of a refusal."""
    parser, found = Parser(), []
    for part in parts:
        parser.feed(part)
        try:
            while (request := parser.next()) is not None:
                found.append(request)
        except Refused as refused:
            return [*found, (refused.problem.status, refused.problem.code)]
    return found


def one(data: bytes) -> object:
    found = heard([data])
    assert len(found) == 1, found
    return found[0]


def test_a_plain_request() -> None:
    found = one(GET)
    assert isinstance(found, Request)
    assert (found.method, found.target, found.body) == (b"GET", b"/api/v1/quotes/A1?channel=web", b"")
    assert (found.headers.name, found.headers.length, found.headers.close) == (b"shop", 0, False)


def test_a_body() -> None:
    found = one(POST)
    assert isinstance(found, Request) and found.body == b"hello" and found.headers.media == b"application/json"


def test_many_at_once_and_empty_lines_between() -> None:
    found = heard([GET + b"\r\n" + POST + GET])
    assert [one.method for one in found if isinstance(one, Request)] == [b"GET", b"POST", b"GET"]


def test_known_headers_are_those_of_the_same_bytes() -> None:
    other = GET.replace(b"Host: shop", b"Host: other\r\nConnection: close")
    found = heard([GET + GET + other + GET])
    assert [one.headers.name for one in found if isinstance(one, Request)] == [b"shop", b"shop", b"other", b"shop"]
    assert [one.headers.close for one in found if isinstance(one, Request)] == [False, False, True, False]


def test_http_1_0_ends_after_one_request() -> None:
    found = one(b"GET /x HTTP/1.0\r\n\r\n")
    assert isinstance(found, Request) and found.headers.close


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"GET /x HTTP/1.1\r\n\r\n", 400),
        (b"GET /x HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
        (b"GET /x HTTP/1.1\r\nHost:\r\n\r\n", 400),
        (b"GET  /x HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        (b"GET /x y HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        (b"GET /x\r\nHost: a\r\n\r\n", 400),
        (b"G@T /x HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        (b"GET /\xc3\xbc HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        (b"GET /x HTTP/1.1\r\nHost : a\r\n\r\n", 400),
        (b"GET /x HTTP/1.1\r\nHost: a\r\n folded: b\r\n\r\n", 400),
        (b"GET /x HTTP/1.1\r\nHost: a\r\nb\r\n\r\n", 400),
        (b"GET /x HTTP/1.1\r\nHost: a\nContent-Length: 5\r\n\r\n", 400),
        (b"GET /x HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n", 400),
        (b"GET /x HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n", 400),
        (b"GET /x HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 1\r\n\r\n", 400),
        (b"GET /x HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\n", 400),
        (b"GET /x HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400),
        (b"GET /x HTTP/1.1\r\nHost: a\r\nContent-Length: 0x1\r\n\r\n", 400),
        (b"GET /x HTTP/1.1\r\nHost: a\r\nContent-Length: \xc2\xb2\r\n\r\n", 400),
        (b"POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", 411),
        (b"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", 411),
        (b"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % (MOST_BODY + 1), 413),
        (b"GET /x HTTP/1.1\r\nHost: a\r\nExpect: something\r\n\r\n", 417),
        (b"GET /x HTTP/2.0\r\nHost: a\r\n\r\n", 505),
        (b"GET /x HTTP/1.2\r\nHost: a\r\n\r\n", 505),
        (b"GET /%b HTTP/1.1\r\nHost: a\r\n\r\n" % (b"a" * MOST_HEAD), 431),
        (b"GET /x HTTP/1.1\r\nHost: a\r\n%b\r\n" % (b"a: b\r\n" * MOST_HEADERS), 400),
        (b"x" * (MOST_HEAD + 4), 431),
    ],
)
def test_refused(data: bytes, status: int) -> None:
    found = one(data)
    assert isinstance(found, tuple) and found[0] == status


def test_the_largest_head_and_body_are_taken() -> None:
    start, end = b"GET /", b" HTTP/1.1\r\nHost: a"
    head = start + b"a" * (MOST_HEAD - len(start) - len(end)) + end
    assert isinstance(one(head + b"\r\n\r\n"), Request)
    assert isinstance(heard([head, b"\r\n", b"\r", b"\n"])[0], Request)
    found = one(b"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % MOST_BODY + b"b" * MOST_BODY)
    assert isinstance(found, Request) and len(found.body) == MOST_BODY


def test_a_client_that_waits_for_a_word_gets_it_once() -> None:
    parser = Parser()
    parser.feed(POST[:-5].replace(b"Host", b"Expect: 100-continue\r\nHost"))
    assert parser.next() is None and parser.continues and parser.waits
    parser.continues = False
    parser.feed(b"he")
    assert parser.next() is None and not parser.continues
    parser.feed(b"llo")
    found = parser.next()
    assert found is not None and found.body == b"hello" and not parser.waits


PIECES = st.sampled_from(
    [
        GET,
        POST,
        b"\r\n",
        b"\r",
        b"\n",
        b"GET ",
        b"/x",
        b" HTTP/1.1\r\n",
        b"Host: a\r\n",
        b"Content-Length: 3\r\n",
        b"\r\n\r\n",
        b"abc",
        b"\0",
    ]
)


@given(st.binary(max_size=300) | st.lists(PIECES, max_size=8).map(b"".join), st.randoms(use_true_random=False))
@example(POST + GET + b"x", random.Random(0))
@examples(400)
def test_no_bytes_break_it_and_no_split_changes_it(data: bytes, rng: random.Random) -> None:
    whole = heard([data])
    cuts = sorted(rng.randrange(len(data) + 1) for _ in range(rng.randrange(6)))
    parts = [data[start:end] for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True)]
    assert heard(parts) == whole
    assert heard([data[place : place + 1] for place in range(len(data))]) == whole
