"""Which form of the own-price curve is chosen, where the curve is known."""

from __future__ import annotations

from pathlib import Path

import pytest

from pricesmith.contracts.policy import ModelPolicy
from pricesmith.demand.response import ResponseModel
from pricesmith.flows import batch, exam
from pricesmith.testing.fakes import made_snapshot

from .test_foretold_price import watched


@pytest.mark.real
@pytest.mark.parametrize(("kind", "seed", "form"), [("plain", 101, "constant_elasticity"), ("logit", 105, "logit")])
def test_the_form_of_a_made_shop_is_found(kind: str, seed: int, form: str, tmp_path: Path) -> None:
    shop = exam.make_shop(kind, seed, products=150, days=400)
    snapshot = batch.take(batch.load(exam.write_folder(shop, tmp_path)), shop.as_of)
    assert ResponseModel.fit(snapshot, ModelPolicy(draws=16)).state.facts["form"] == form


def test_prices_that_answer_lasting_luck_do_not_bend_the_curve() -> None:
    """Left-out blocks that sold well throughout met raised prices; by their rows alone a bent curve foretells them better."""
    state = ResponseModel.fit(watched(), ModelPolicy(draws=16)).state
    assert state.facts["form"] == "constant_elasticity"
    assert state.items["price"].mean() == pytest.approx(-2.5, abs=0.1)


def test_a_short_history_keeps_constant_elasticity() -> None:
    state = ResponseModel.fit(made_snapshot(1, products=3, days=20), ModelPolicy(draws=16)).state
    assert (state.facts["form"], state.facts["form_scores"]) == ("constant_elasticity", [0.0])
