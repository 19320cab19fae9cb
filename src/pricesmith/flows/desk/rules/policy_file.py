"""The shop.toml of a shop: read, changed by scenarios, and put into force by one person at a time, with its version kept in the ledger."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import msgspec

from pricesmith.contracts.errors import PolicyError, UsageError
from pricesmith.contracts.ledger import Act
from pricesmith.contracts.policy import Policy, parse_policy
from pricesmith.contracts.toml_lines import placed
from pricesmith.demand import MODELS
from pricesmith.flows import wiring
from pricesmith.flows.desk.reading.ledger import Reading
from pricesmith.flows.desk.what_if.answer import policy_with
from pricesmith.flows.desk.what_if.scenario import Change
from pricesmith.flows.publishing.history import contents
from pricesmith.flows.shop_toml import text_of
from pricesmith.rules import RULES

from .drafts import digest
from .rule_text import with_policy

CHANGED, NOTE = "changed_policy", "policy.change"
"""The act in the ledger, and the kind of the content that says why."""


class ChangedMeanwhileError(PolicyError):
    """Somebody else changed the file since it was read; nothing was written."""


class Note(msgspec.Struct, frozen=True):
    """What belongs to a change of the settings: the version that it made and the one before, who, when, and why."""

    policy: str
    previous: str
    by: str
    at: dt.datetime
    why: str


def checked(text: str) -> Policy:
    """The settings that a text says. Raises PolicyError with file, line and place."""
    policy = parse_policy(text, RULES)
    MODELS.pick(policy.model.name, where=placed(text, "shop.toml $.model.name"))
    return policy


def changed_by(reading: Reading, run: str, changes: Sequence[Change]) -> str:
    """The text of the file after changes of settings. Raises UsageError where one is about costs, competitors or a price."""
    other = next((change.kind for change in changes if not change.of_policy()), None)
    if other is not None:
        raise UsageError(f"{other} is no change of settings", hint="only those can be kept as a draft")
    text = text_of(reading.folder)
    name = run or reading.latest()
    if name is None:
        raise UsageError("this shop has not been priced", hint="make the first run")
    return with_policy(text, policy_with(list(changes), checked(text), reading.replayed(name).snapshot.items))


def put_into_force(reading: Reading, text: str, base: str, *, by: str, why: str, at: dt.datetime) -> str:
    """Write the file and the ledger; returns the name of the version.

    base  version of the file that the text began with
    Raises PolicyError where the text cannot be, UsageError where no reason is given, ChangedMeanwhileError where the file is another one.
    """
    checked(text)
    if not why.strip():
        raise UsageError("a change of the rules needs a reason", hint="say in a sentence what it is for")
    with wiring.alone(reading.folder):
        before = text_of(reading.folder)
        if digest(before) != base:
            raise ChangedMeanwhileError(
                "shop.toml was changed by somebody else since you began", where="shop.toml", hint="your text is kept as a draft"
            )
        if digest(text) == base:
            raise UsageError("nothing is different from the rules in force", hint="change something first")
        made = contents.of_text("policy", text)
        note = contents.of_text(NOTE, msgspec.json.encode(Note(made.name, base, by, at, why.strip()), order="deterministic").decode())
        kept = contents.rows([contents.of_text("policy", before), made, note])
        reading.book.append(Act(at, by, CHANGED, made.name), {"contents": kept})
        wiring.write_text(reading.folder / "shop.toml", text)
    return made.name
