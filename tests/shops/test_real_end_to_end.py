"""The whole way of a price, on a real shop and a real database, with the commands that a user has: 100 % of the prices right at each step.

What is real: Vendure, Medusa and PostgreSQL; the catalogue, stock and costs pulled from the shop; the orders that its customers place,
before and after. What is made: the orders of the hundred days before, in data/orders/before.csv, because the shop is a few minutes old.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import polars as pl
import pytest

from pricesmith.adapters.shops.medusa import Medusa as MedusaAdapter
from pricesmith.adapters.shops.vendure import Vendure as VendureAdapter
from pricesmith.flows.desk.approval.accepted import Judged
from tests.postgres import Server
from tests.shops.vendure import Vendure
from tests.shops.walk import NAME, RealShop, Walk, begin, write_history

pytestmark = pytest.mark.real

SOLD = {"P001-M": 1, "P010": 2, "P023-S": 1, "P044": 3}
"""What customers buy before the first pull."""
TWO = 0.05
"""Moves beyond this need two people here."""
JUDGED = msgspec.to_builtins(Judged())
"""What is accepted breaks no rule over several products: there is none here."""


@pytest.fixture(params=["sqlite", "postgresql"])
def server(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Server | None:
    """The server of the ledger, in a schema of its own; None where it is the file in the shop folder."""
    monkeypatch.delenv("PRICESMITH_LEDGER", raising=False)
    if request.param == "sqlite":
        return None
    server: Server = request.getfixturevalue("postgres")
    monkeypatch.setenv("PRICESMITH_LEDGER", server.address(server.new_schema()))
    return server


@pytest.fixture(params=["vendure", "medusa"])
def platform(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def walk(
    platform: str, server: Server | None, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Walk]:
    """A connected shop whose writes are counted. A walk that breaks off leaves the shop's prices as they were too."""
    shop: RealShop = request.getfixturevalue(f"real_{platform}")
    before = shop.shown()
    walk = Walk(tmp_path / "shop", shop)
    _count_writes(walk, VendureAdapter if platform == "vendure" else MedusaAdapter, monkeypatch)
    monkeypatch.setenv("PRICESMITH_SECRET_MAIN", shop.key)
    begin(walk.folder, "USD" if platform == "vendure" else "EUR", TWO)
    told = walk.say("connect", NAME, "--platform", platform, "--url", address_of(shop), "--option", f"cost_field={cost_field(platform)}")
    assert "200 prices were read" in told
    yield walk
    changed = {sku: before[sku] for sku, found in shop.shown().items() if found != before[sku]}
    if changed:
        shop.reprice(changed)


def _count_writes(walk: Walk, adapter: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    write = adapter.write

    def counted(self: Any, writings: Any) -> Any:
        walk.left.append([writing.key.sku for writing in writings])
        return write(self, writings)

    monkeypatch.setattr(adapter, "write", counted)


def address_of(shop: RealShop) -> str:
    return f"{shop.url}/admin-api" if isinstance(shop, Vendure) else shop.url  # type: ignore[attr-defined]


def cost_field(platform: str) -> str:
    return "costPrice" if platform == "vendure" else "cost"


def test_the_whole_way(walk: Walk, server: Server | None) -> None:
    shop = walk.shop
    old = shop.shown()
    pull(walk, old)
    run, new = price(walk, old)
    agree_and_publish(walk, run, old, new)
    stand(walk, run, old, new)
    sell(walk, new)
    prove(walk, run, new)
    drift(walk, new)
    take_back(walk, run, old, new)
    end(walk, run)
    no_secret(walk, server)


def pull(walk: Walk, old: dict[str, int]) -> None:
    """Orders are placed, tables pulled, made history laid beside them; all of it is accepted."""
    assert len(old) == 200
    for sku, units in SOLD.items():
        assert walk.shop.sell(sku, units) == old[sku]
    rows = walk.ask("pull", "--from", NAME)
    assert {name: rows[name] for name in ("products", "stock", "costs")} == {"products": 200, "stock": 200, "costs": 200}
    orders = pl.read_csv(walk.folder / "data" / "orders" / "main.csv", infer_schema=False)
    asked = pl.read_csv(walk.folder / "data" / "products" / "main.csv", infer_schema=False).select("sku", "price")
    assert dict(asked.iter_rows()) == {sku: f"{price / 100:.2f}" for sku, price in old.items()}, "today's prices come along"
    bought = set(orders.select("sku", "units", "price").rows())
    assert {(sku, str(units), f"{old[sku] / 100:.2f}") for sku, units in SOLD.items()} <= bought
    assert walk.ask("pull", "--from", NAME) == rows, "pulling twice changes nothing"
    made = write_history(walk.folder / "data" / "orders" / "before.csv", old, dt.datetime.now(dt.UTC).date())
    report = walk.ask("check")
    assert not report["blocked"]
    assert report["quarantine"] == []
    accepted = {name: table["accepted"] for name, table in report["tables"].items()}
    assert accepted["orders"] == orders.height + made
    assert {name: accepted[name] for name in ("products", "stock", "costs")} == {"products": 200, "stock": 200, "costs": 200}


def price(walk: Walk, old: dict[str, int]) -> tuple[str, dict[str, int]]:
    """A run: its name, and the new price of each product that changes."""
    file = walk.folder.parent / "prices.csv"
    told = walk.ask("price", "--out", file)
    listed = pl.read_csv(file)
    assert listed.height == told["products"] == 200
    assert set(listed.filter(pl.col("action") == "hold")["reason"]) == {"holdout"}
    changes = walk.ask("runs", told["run"])
    assert len(changes) == told["change"]
    assert all(row["current_price"] == old[row["sku"]] != row["price"] for row in changes)
    new = {row["sku"]: row["price"] for row in changes}
    assert 20 < len(new) < 180, "some must change, and some must stay"
    return told["run"], new


def agree_and_publish(walk: Walk, run: str, old: dict[str, int], new: dict[str, int]) -> None:
    """Nothing leaves before people agree; small moves leave with one person, large ones with two; each price is written once."""
    assert "no change of the run is approved" in walk.refused("publish", run, "--to", NAME, "--live")
    large = {sku for sku in new if abs(new[sku] / old[sku] - 1) > TWO}
    small = set(new) - large
    assert large
    assert small
    assert walk.ask("approve", run, "--by", "anna") == {
        "run": run,
        "answer": "accept",
        "by": "anna",
        "changes": len(new),
        "left_out": 0,
        "still_needed": len(large),
        "judged": JUDGED,
        "set_beside": 0,
        "held": 0,
        "stops": [],
        "another": {"changes": len(large), "whys": {"large_move": len(large)}},
    }
    assert "attest" in walk.refused("publish", run, "--to", NAME, "--live")
    assert walk.sent() == []
    walk.say("attest", "--asked-by", "anna", "--by", "ben")
    assert verdicts(walk, run) == {"send": small, "not_approved": large}
    touched = walk.shop.touched()
    assert walk.sent() == []
    assert walk.ask("publish", run, "--to", NAME, "--live") == published(run, len(small))
    assert sorted(walk.sent()) == sorted(small)
    assert walk.shop.shown() == old | {sku: new[sku] for sku in small}
    assert walk.ask("approve", run, "--by", "ben")["still_needed"] == 0
    assert verdicts(walk, run) == {"same": small, "send": large}
    assert walk.ask("publish", run, "--to", NAME, "--live") == published(run, len(large))
    assert sorted(walk.sent()) == sorted(large)
    assert walk.shop.shown() == old | new
    now = walk.shop.touched()
    assert {sku for sku in now if now[sku] != touched[sku]} <= set(new), "others were touched"


def verdicts(walk: Walk, run: str) -> dict[str, set[str]]:
    """Product keys by what a dry run says would become of them."""
    told = walk.ask("publish", run, "--to", NAME)
    assert (told["live"], told["stops"]) == (False, [])
    found: dict[str, set[str]] = {}
    for row in told["changes"]:
        found.setdefault(row["verdict"], set()).add(row["sku"])
    return found


def published(run: str, count: int) -> dict[str, Any]:
    sent = {"fates": {"applied": count}, "open": 0, "next_at": None, "stopped": "", "reasons": []}
    return {"run": run, "to": NAME, "live": True, **sent, "judged": JUDGED}


def stand(walk: Walk, run: str, old: dict[str, int], new: dict[str, int]) -> None:
    """All 200 prices are what the ledger says; what stands in the shop is not written again."""
    assert walk.ask("watch", "--to", NAME) == []
    assert verdicts(walk, run) == {"same": set(new)}
    assert walk.ask("publish", run, "--to", NAME, "--live") == {**published(run, 0), "fates": {}}
    assert walk.sent() == []
    assert {row["sku"]: row["fate"] for row in walk.ask("runs", run)} == dict.fromkeys(new, "applied")
    assert walk.shop.shown() == old | new


def sell(walk: Walk, new: dict[str, int]) -> None:
    """A customer pays the new price, and the next pull knows it."""
    sku = min(new)
    assert walk.shop.sell(sku, 1) == new[sku]
    walk.ask("pull", "--from", NAME, "--table", "orders")
    orders = pl.read_csv(walk.folder / "data" / "orders" / "main.csv", infer_schema=False)
    assert (sku, "1", f"{new[sku] / 100:.2f}") in orders.select("sku", "units", "price").rows()


def prove(walk: Walk, run: str, new: dict[str, int]) -> None:
    """The price of a product is computed again from the ledger, bit for bit; another price is not."""
    sku, file = min(new), walk.folder.parent / "certificate.json"
    walk.say("certificate", run, sku, "--out", file)
    assert f"true: {sku} at {new[sku]} minor units" in walk.say("verify", file)
    document = json.loads(file.read_text())
    document["decision"]["price"] += 1
    file.write_text(json.dumps(document))
    assert "signature" in walk.refused("verify", file)


def drift(walk: Walk, new: dict[str, int]) -> None:
    """A price that somebody else changes is found, once, and nothing else."""
    stands = walk.shop.shown()
    other = min(set(stands) - set(new))
    for known, changed in ((stands[other], stands[other] + 111), (stands[other] + 111, stands[other])):
        walk.shop.reprice({other: changed})
        assert walk.ask("watch", "--to", NAME) == [
            {"sku": other, "channel": "default", "region": "default", "known": known, "price": changed}
        ]
        assert walk.ask("watch", "--to", NAME) == []
    assert walk.sent() == []


def take_back(walk: Walk, run: str, old: dict[str, int], new: dict[str, int]) -> None:
    """Every price of the run goes back, no other is written, and a stopped channel keeps all of them."""
    shown = walk.ask("undo", run, "--to", NAME)["targets"][NAME]
    assert {row["sku"]: (row["current_price"], row["price"]) for row in shown} == {sku: (new[sku], old[sku]) for sku in new}
    walk.say("stop", "--by", "anna", "--why", "a test of the switch")
    assert "stopped by anna: a test of the switch" in walk.refused("undo", run, "--live", "--by", "anna")
    assert walk.sent() == []
    assert walk.shop.shown() == old | new
    walk.say("resume", "--by", "anna")
    walk.say("resume", "--by", "ben")
    touched = walk.shop.touched()
    assert walk.ask("undo", run, "--live", "--by", "anna")["targets"][NAME] == {
        "fates": {"applied": len(new)},
        "open": 0,
        "stopped": "",
        "kept": 0,
    }
    assert sorted(walk.sent()) == sorted(new)
    assert walk.shop.shown() == old
    now = walk.shop.touched()
    assert {sku for sku in now if now[sku] != touched[sku]} <= set(new), "others were touched"
    assert walk.ask("undo", run, "--live", "--by", "anna")["targets"][NAME]["fates"] == {}
    assert walk.sent() == []
    assert walk.ask("watch", "--to", NAME) == []
    for _ in range(2):
        assert walk.shop.sell(min(new), 1) == old[min(new)]


def end(walk: Walk, run: str) -> None:
    """The ledger tells the whole story, and is as it was written."""
    assert [(row["run"], row["state"]) for row in walk.ask("runs")] == [(run, "undone")]
    found = walk.ask("audit", "--verify", "--checkpoint")
    assert found["findings"] == []
    acts = [row["act"] for row in walk.ask("audit")]
    assert [act for act in acts if act not in ("settled", "read_shop")] == [
        *("recorded_run", "accepted", "queued", "asked_attest", "attested", "accepted", "queued", "stopped", "queued_undo"),
        *("asked_release", "released", "queued_undo", "superseded"),
    ]


def no_secret(walk: Walk, server: Server | None) -> None:
    """The key of the shop and the password of the ledger stand nowhere: not in the folder, the ledger, or any word of a command."""
    texts = {"words": "".join(walk.said).encode()}
    texts |= {str(path): path.read_bytes() for path in walk.folder.parent.rglob("*") if path.is_file()}
    if server is None:
        assert any(b"recorded_run" in text for text in texts.values())
    else:
        texts["ledger"] = server.dump()
        assert b"recorded_run" in texts["ledger"]
    secrets = [walk.shop.key.encode(), *([server.password.encode()] if server else [])]
    assert [place for place, text in texts.items() if any(secret in text for secret in secrets)] == []
