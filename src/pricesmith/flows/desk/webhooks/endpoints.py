"""Who is told: the webhooks of shop.toml, and those that people made at the desk. Each act on one stands in the ledger before it is done.

    asked_webhook     made_webhook       erp at hooks.example.com: accepted, stopped
    asked_no_webhook  removed_webhook    erp at hooks.example.com
    asked_test                           erp at hooks.example.com

The signing secret of one made here is derived from the key that signs the ledger, so that no secret stands in the database; a digest tells
where that key became another.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import unicodedata
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from pricesmith.contracts.accounts import Kept
from pricesmith.contracts.errors import UnknownChoice, UsageError
from pricesmith.contracts.ledger import Signer
from pricesmith.contracts.policy import Policy
from pricesmith.contracts.webhooks import WebhookPolicy
from pricesmith.flows import wiring
from pricesmith.flows.desk.people.acts import told
from pricesmith.flows.desk.reading.ledger import Reading

from .deliveries import KIND, OWNER, Told, forget, texts

MADE, WANTED = "webhook made", "webhook test"
"""Kinds of texts that the desk keeps: webhooks made by people, and tests that somebody asked for."""
MOST_NAME, MOST = 60, 50
"""Characters of a name, and webhooks made at the desk."""
EVENTS = (
    *("recorded_run", "made_again", "accepted", "rejected", "withdrew", "changed_policy", "lowered_floor"),
    *("queued", "settled", "superseded", "queued_undo", "stopped", "asked_release", "released"),
    *("read_shop", "saw_sales", "attested", "added_person", "changed_person", "made_key", "revoked_key"),
)
"""Acts that a person may choose; none chosen: every act."""


class Made(msgspec.Struct, frozen=True):
    """A webhook that a person made.

    mark    random; what its secret is derived from, and under which is kept how far it was told
    digest  SHA-256 of its secret
    """

    url: str
    acts: tuple[str, ...]
    by: str
    at: dt.datetime
    mark: str
    digest: str


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Who is told. mark: under which is kept how far; made: None where it stands in shop.toml."""

    mark: str
    name: str
    settings: WebhookPolicy
    made: Made | None = None


def endpoints(policy: Policy, kept: Kept) -> list[Endpoint]:
    """Those of shop.toml, then those made at the desk, by name."""
    filed = [Endpoint(name, name, settings) for name, settings in policy.webhooks.items()]
    made = [(name, msgspec.json.decode(text, type=Made)) for name, text in texts(kept, MADE).items()]
    return [*filed, *(Endpoint(one.mark, name, WebhookPolicy(url=one.url, acts=one.acts), one) for name, one in made)]


def one_of(policy: Policy, kept: Kept, mark: str) -> Endpoint:
    """Raises UnknownChoice with the names that there are."""
    known = {one.mark: one for one in endpoints(policy, kept)}
    if mark not in known:
        raise UnknownChoice("webhook", mark, [one.name for one in known.values()])
    return known[mark]


def mark_of(policy: Policy, kept: Kept, name: str) -> str:
    """By which acts name the webhook of a name. Raises UnknownChoice where there is none."""
    known = {one.name: one.mark for one in endpoints(policy, kept)}
    if name not in known:
        raise UnknownChoice("webhook", name, known)
    return known[name]


def add(reading: Reading, kept: Kept, name: str, url: str, acts: Sequence[str], *, by: str, at: dt.datetime) -> str:
    """Make a webhook; returns its signing secret, which is shown this once. It is told what comes after the question for it.

    Raises UsageError where name or address cannot be, UnknownChoice for an act that nobody can choose.
    """
    name, host = _checked(name), wiring.webhook_host(url)
    unknown = next((act for act in acts if act not in EVENTS), None)
    if unknown is not None:
        raise UnknownChoice("act", unknown, EVENTS)
    chosen = tuple(act for act in EVENTS if act in acts)
    with wiring.alone(reading.folder):
        there = endpoints(reading.policy, kept)
        if any(one.name.casefold() == name.casefold() for one in there):
            raise UsageError(f"there is a webhook {name} already", hint="choose another name, or remove that one first")
        if sum(one.made is not None for one in there) >= MOST:
            raise UsageError(f"{MOST} webhooks are made already", hint="remove one first")
        mark = f"{wiring.entropy():016x}{wiring.entropy():016x}"
        secret = derived(wiring.signer_of(reading.folder), mark)
        subject = f"{name} at {host}: {', '.join(chosen) or 'every act'}"
        told(reading.book, at, by, "asked_webhook", subject)
        kept.put(KIND, OWNER, mark, _json(Told(int(reading.rows("audit")["seq"][-1]))), at)
        kept.put(MADE, OWNER, name, _json(Made(url, chosen, by, at, mark, _digest(secret))), at)
        told(reading.book, at, by, "made_webhook", subject)
    return secret


def remove(reading: Reading, kept: Kept, mark: str, *, by: str, at: dt.datetime) -> str:
    """Its name. Raises UsageError for one that stands in shop.toml, UnknownChoice where there is none."""
    with wiring.alone(reading.folder):
        one = one_of(reading.policy, kept, mark)
        if one.made is None:
            raise UsageError(f"webhook {one.name} stands in shop.toml", hint="take its table out on the page Rules")
        subject = f"{one.name} at {wiring.webhook_host(one.settings.url)}"
        told(reading.book, at, by, "asked_no_webhook", subject)
        for kind, known in ((MADE, one.name), (WANTED, mark), (KIND, mark)):
            forget(kept, kind, known)
        told(reading.book, at, by, "removed_webhook", subject)
    return one.name


def ask_test(reading: Reading, kept: Kept, mark: str, *, by: str, at: dt.datetime) -> str:
    """Ask for a test message, which the next round of telling sends; its name. Raises UsageError where its address cannot be."""
    one = one_of(reading.policy, kept, mark)
    told(reading.book, at, by, "asked_test", f"{one.name} at {wiring.webhook_host(one.settings.url)}")
    kept.put(WANTED, OWNER, mark, by, at)
    return one.name


def secret_of(folder: Path, one: Endpoint) -> str:
    """With what messages are signed. Raises PricesmithError where it is not there, or is no longer what the receiver was given."""
    if one.made is None:
        return wiring.webhook_secret(one.name, one.settings)
    secret = derived(wiring.signer_of(folder), one.made.mark)
    if _digest(secret) != one.made.digest:
        raise UsageError("its signing secret went with another ledger.key", hint="bring that key back, or add the webhook again")
    return secret


def derived(signer: Signer, mark: str) -> str:
    """`whsec_` and base64 of 32 bytes that only the holder of the key can make: SHA-256 of its signature of the mark (RFC 8032)."""
    signed = signer.sign(b"pricesmith webhook secret\0" + mark.encode())
    return "whsec_" + b64encode(hashlib.sha256(bytes.fromhex(signed)).digest()).decode()


def _checked(name: str) -> str:
    found = " ".join(unicodedata.normalize("NFC", name).split())
    if not found or len(found) > MOST_NAME or not found.isprintable():
        raise UsageError("the name of a webhook is empty or too long", hint=f"1 to {MOST_NAME} characters")
    return found


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _json(one: msgspec.Struct) -> str:
    return msgspec.json.encode(one).decode()
