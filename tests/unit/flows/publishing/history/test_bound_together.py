"""What hard rules bind to one price is known to who sends it, from the ledger alone."""

from __future__ import annotations

import dataclasses

import polars as pl
import pytest

from pricesmith.engine import decide
from pricesmith.flows.publishing.history import contents
from pricesmith.flows.publishing.history.facts import Facts
from pricesmith.flows.publishing.history.record import record
from pricesmith.flows.publishing.history.runs import RunFacts, run_facts
from tests.publishing.desk import TEXT, Place, place, policy

SAME = {"kind": "same_price", "by": "family"}
TIED = TEXT + '\n[[rule]]\nkind = "same_price"\nby = "family"\n'


def recorded(text: str) -> tuple[Place, RunFacts]:
    shop = place()
    shop.clock.sleep(60.0)
    now, settings = shop.clock(), policy(rule=[{"kind": "margin_floor", "min_margin": 0.05}, {"kind": "max_change", "step": 0.08}, SAME])
    families = [f"f{number // 3}" for number in range(shop.made.snapshot.items.height)]
    snapshot = dataclasses.replace(shop.made.snapshot, items=shop.made.snapshot.items.with_columns(family=pl.Series(families)))
    decided = decide(snapshot, shop.made.model, settings)
    one = dataclasses.replace(shop.made, snapshot=snapshot, policy=settings, policy_text=text, decided=decided)
    run = record(shop.book, one, at=now, by="pricesmith", code="made", facts=Facts(cost_at=now, competitor_at=now, stock_at=now))
    return shop, run_facts(shop.book, run.run)


def test_products_of_one_price_share_a_name() -> None:
    _, facts = recorded(TIED)
    named = facts.products.group_by("bound").len().filter(pl.col("bound").is_not_null())
    assert named.height >= 3 and set(named["len"]) <= {2, 3}


def test_settings_that_cannot_be_read_any_more_bind_nothing_and_stop_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    shop, facts = recorded(TIED)
    real = contents.read

    def old(ledger: object, names: list[str]) -> dict[str, bytes]:
        found = real(ledger, names)  # type: ignore[arg-type]
        return {name: text.replace(b"same_price", b"same_price_of_old") for name, text in found.items()}

    monkeypatch.setattr(contents, "read", old)
    again = run_facts(shop.book, str(facts.row["run"]))
    assert again.products["bound"].null_count() == again.products.height == facts.products.height


def test_without_such_a_rule_every_price_is_for_itself() -> None:
    shop = place()
    facts = run_facts(shop.book, shop.run)
    assert facts.products["bound"].null_count() == facts.products.height > 0
