"""Webhooks: every act once it stands in the audit, in order, at least once, signed; only what comes after the webhook was made."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import pytest

from pricesmith.contracts.errors import ShopError, UsageError
from pricesmith.flows import wiring
from pricesmith.flows.desk.webhooks.deliveries import LONGEST_PAUSE
from pricesmith.flows.desk.webhooks.telling import Telling, message, signature
from pricesmith.flows.publishing.sending import switch

from .place import Place, place

SECRET = "whsec_" + base64.b64encode(b"s" * 32).decode()
WEBHOOK = """
[webhook.erp]
url = "https://hooks.example.com/pricesmith"
"""
SECOND = dt.timedelta(seconds=1)


@dataclass(slots=True)
class Other:
    """What is told, as it takes it: each answer a status, or an error that is raised; 200 when there are no more."""

    answers: list[int | Exception] = field(default_factory=list)
    got: list[tuple[str, Mapping[str, str], bytes]] = field(default_factory=list)

    def __call__(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        self.got.append((url, headers, body))
        answer = self.answers.pop(0) if self.answers else 200
        if isinstance(answer, Exception):
            raise answer
        return answer

    @property
    def acts(self) -> list[str]:
        return [msgspec.json.decode(body)["data"]["act"] for _, _, body in self.got]


@pytest.fixture
def desk(tmp_path: Path) -> Place:
    found = place(tmp_path / "shop")
    with (found.folder / "shop.toml").open("a", encoding="utf-8") as file:
        file.write(WEBHOOK)
    return found


def telling(found: Place, other: Other) -> Telling:
    """Of a desk that has just been started."""
    return Telling(found.desk.reading, found.accounts.kept, other, lambda *_: SECRET)


def stop(found: Place, why: str) -> None:
    switch.stop(found.desk.reading.book, by="anna", at=found.desk.reading.now(), why=why)


def test_what_comes_after_it_was_made_is_told_in_order(desk: Place) -> None:
    other, at = Other(), desk.desk.reading.now()
    first = telling(desk, other)
    assert first.round(at) == 0 and not other.got, "the past is not told"
    stop(desk, "one")
    switch.release(desk.desk.reading.book, by="anna", at=at)
    assert first.round(at) == 2 and other.acts == ["stopped", "asked_release"]
    assert first.round(at) == 0 and telling(desk, other).round(at) == 0, "nor after a restart"
    assert {url for url, _, _ in other.got} == {"https://hooks.example.com/pricesmith"}


def test_what_was_not_taken_is_told_again_later_and_nothing_overtakes_it(desk: Place) -> None:
    other, at = Other([500, ShopError("no answer"), UsageError("inside"), 307]), desk.desk.reading.now()
    now = telling(desk, other)
    now.round(at)
    stop(desk, "one")
    stop(desk, "two")
    waits = []
    for _ in range(4):
        assert now.round(at) == 0
        told = now.told("erp")
        assert told is not None and told.again is not None and told.error
        waits.append((told.again - at).total_seconds())
        assert now.round(told.again - SECOND) == 0, "not before"
        at = told.again
        now = telling(desk, other)
    assert waits == [10, 20, 40, 80] and len({headers["webhook-id"] for _, headers, _ in other.got}) == 1
    assert now.round(at) == 2 and len(other.got) == 6
    assert len({body for _, _, body in other.got}) == 2


def test_programs_see_how_far_each_was_told(desk: Place) -> None:
    client, at = desk.client(), desk.desk.reading.now()
    (one,) = client.get("/api/v1/webhooks").json()["webhooks"]
    assert (one["webhook"], one["host"], one["seq"], one["behind"]) == ("erp", "hooks.example.com", None, 0)
    now = telling(desk, Other([500]))
    now.round(at)
    stop(desk, "one")
    now.round(at)
    (one,) = client.get("/api/v1/webhooks").json()["webhooks"]
    assert (one["behind"], one["failures"], one["error"]) == (1, 1, "it answered 500") and one["again"] is not None
    now.round(at + 20 * SECOND)
    (one,) = client.get("/api/v1/webhooks").json()["webhooks"]
    assert (one["behind"], one["failures"], one["error"]) == (0, 0, "")


def test_an_address_that_is_none_is_told_of(desk: Place) -> None:
    path = desk.folder / "shop.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("https://hooks.example.com/pricesmith", "https://[::1"), encoding="utf-8")
    at, now = desk.desk.reading.now(), Telling(desk.desk.reading, desk.accounts.kept, wiring.webhook_sender(), lambda *_: SECRET)
    now.round(at)
    stop(desk, "one")
    assert now.round(at) == 0
    (one,) = desk.client().get("/api/v1/webhooks").json()["webhooks"]
    assert (one["host"], one["error"]) == ("", "the address of a webhook cannot be read")


def test_a_wait_grows_no_longer_than_an_hour(desk: Place) -> None:
    other, at = Other([503] * 40), desk.desk.reading.now()
    now = telling(desk, other)
    now.round(at)
    stop(desk, "one")
    for _ in range(30):
        now.round(at)
        told = now.told("erp")
        assert told is not None and told.again is not None
        wait, at = (told.again - at).total_seconds(), told.again
    assert wait == LONGEST_PAUSE


def test_only_the_acts_that_were_asked_for(desk: Place) -> None:
    with (desk.folder / "shop.toml").open("a", encoding="utf-8") as file:
        file.write('acts = ["asked_release"]\n')
    other, at = Other(), desk.desk.reading.now()
    now = telling(desk, other)
    now.round(at)
    stop(desk, "one")
    assert now.round(at) == 0
    told = now.told("erp")
    assert told is not None and told.seq == desk.desk.reading.rows("audit")["seq"][-1], "what is not wanted is passed over"
    switch.release(desk.desk.reading.book, by="anna", at=at)
    assert now.round(at) == 1 and other.acts == ["asked_release"]


def test_a_message_is_signed_as_standard_webhooks_are(desk: Place) -> None:
    row = desk.desk.reading.rows("audit").row(-1, named=True)
    at = dt.datetime(2026, 8, 3, 12, 0, 0, tzinfo=dt.UTC)
    headers, body = message(row, SECRET, at)
    signed = f"{headers['webhook-id']}.{int(at.timestamp())}.".encode() + body
    expected = base64.b64encode(hmac.new(b"s" * 32, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}" and headers["webhook-timestamp"] == "1785758400"
    assert message(row, SECRET, at + SECOND)[0]["webhook-id"] == headers["webhook-id"]
    assert SECRET not in str(headers) and b"whsec_" not in body


def test_the_example_of_the_specification() -> None:
    """standardwebhooks.com, the vector that its libraries are tested with."""
    found = signature("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", b'{"test": 2432232314}')
    assert found == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize("secret", ["", "short", "whsec_", "whsec_%%%", "whsec_c2hvcnQ="])
def test_a_secret_that_could_be_guessed_signs_nothing(secret: str) -> None:
    with pytest.raises(UsageError, match="too short"):
        signature(secret, "a", "1", b"")
