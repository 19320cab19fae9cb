"""A price's certificate: what it was made from and what each rule left it, as JSON that is signed and can be computed again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import msgspec
import polars as pl

from pricesmith.contracts.errors import DataError, PricesmithError
from pricesmith.contracts.ledger import Ledger, Signer
from pricesmith.contracts.shop import Key
from pricesmith.contracts.tables import DECISIONS
from pricesmith.flows.publishing.answers.approval import run_row

from .explanation import explanations
from .rederive import rederive

FORMAT = "pricesmith certificate 1"
KEY = list(DECISIONS.key)
Document = dict[str, Any]


def canonical(document: Mapping[str, object]) -> bytes:
    """The bytes that are signed: JSON with sorted keys and no spaces, without the signature."""
    return msgspec.json.encode({name: value for name, value in document.items() if name != "signature"}, order="sorted")


def certify(ledger: Ledger, run: str, key: Key, signer: Signer, at: dt.datetime) -> Document:
    """The certificate of one price of a recorded run. Raises DataError where the run has no such product."""
    row = run_row(ledger, run)
    found = ledger.read("decided", {"run": [run], **{name: [value] for name, value in key._asdict().items()}})
    if found.is_empty():
        raise DataError(
            f"run {run} has no product {key.sku!r} in {key.channel} {key.region}", hint=f"`pricesmith runs DIR {run}` lists them"
        )
    document: Document = {
        "format": FORMAT,
        "run": run,
        "as_of": row["as_of"],
        "currency": row["currency"],
        "policy": row["policy"],
        "snapshot": msgspec.json.decode(str(row["snapshot"])),
        "model": msgspec.json.decode(str(row["model"])),
        "code": row["code"],
        "objective": {"value": row["value"], "bound": row["bound"]},
        "digest": row["digest"],
        "decision": found.select(DECISIONS.schema.names()).row(0, named=True),
        "explanation": msgspec.json.decode(found["explanation"][0]),
        "slacks": slacks(found.row(0, named=True)),
        "audit": found["seq"][0],
        "issued": at,
        "key": signer.key,
    }
    document = msgspec.json.decode(msgspec.json.encode(document))
    return {**document, "signature": signer.sign(canonical(document))}


def slacks(row: Mapping[str, Any]) -> dict[str, list[float | None]]:
    """How far the price is from each rule's limits, in minor units of the stored explanation's rounding: [above low, below high]."""
    rules = msgspec.json.decode(row["explanation"])["rules"]
    price = row["price"]
    if price is None:
        return {}
    scale = _scale(row)
    return {
        name: [None if low is None else round(price - low * scale, 6), None if high is None else round(high * scale - price, 6)]
        for name, (low, high) in rules.items()
    }


def _scale(row: Mapping[str, Any]) -> float:
    return float(msgspec.json.decode(row["explanation"])["minor"])


def recompute(ledger: Ledger, document: Mapping[str, Any]) -> list[str]:
    """What the ledger does not bear out of a certificate, in words; empty where everything is as it says.

    The run is decided again from its recorded content, so that an edit of the certificate, of the ledger or of the program shows.
    """
    try:
        run = run_row(ledger, str(document["run"]))
    except KeyError:
        return ["it names no run"]
    except PricesmithError as error:
        return [f"the run cannot be read: {error}"]
    decision = document.get("decision")
    if not isinstance(decision, Mapping) or any(name not in decision for name in KEY):
        return ["it names no product"]
    wrong = [f"{name} is not that of the run" for name in ("policy", "digest", "code", "currency") if document.get(name) != run[name]]
    wrong += [
        f"{name} is not that of the run" for name in ("snapshot", "model") if document.get(name) != msgspec.json.decode(str(run[name]))
    ]
    again = rederive(ledger, str(document["run"]))
    key = {name: decision[name] for name in KEY}
    mine = again.decided.decisions.filter(pl.all_horizontal(pl.col(name) == value for name, value in key.items()))
    if mine.is_empty():
        return [*wrong, "the run has no such product"]
    plain = msgspec.json.decode(msgspec.json.encode(mine.select(DECISIONS.schema.names()).row(0, named=True)))
    wrong += [f"{name} is {decision.get(name)!r}, computed again {value!r}" for name, value in plain.items() if decision.get(name) != value]
    why = explanations(again.decided, again.snapshot.currency).filter(
        pl.all_horizontal(pl.col(name) == value for name, value in key.items())
    )
    if msgspec.json.decode(why["explanation"][0]) != document.get("explanation"):
        wrong.append("the explanation is not the one computed again")
    return wrong
