"""The draw of a hold-out: stable, by cluster, of the share that was asked for."""

from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from pricesmith.contracts.publishing import HoldoutPolicy
from pricesmith.experiments.holdout import cluster_of, clusters, draw

ITEMS = pl.DataFrame(
    {
        "sku": ["a", "b", "c", "d", "a"],
        "channel": ["web"] * 4 + ["shop"],
        "region": ["DE"] * 5,
        "family": ["f", "f", None, "", "f"],
        "category": ["x", "x", "x", "y", "x"],
    }
)


def test_no_share_draws_nothing() -> None:
    drawn = clusters(ITEMS, HoldoutPolicy())
    assert drawn["cluster"].null_count() == drawn.height
    assert set(drawn["propensity"]) == {1.0}
    assert not drawn["kept"].any()


def test_a_family_is_one_cluster_in_every_channel() -> None:
    assert cluster_of(ITEMS, "family").to_list() == ["family:f", "family:f", "sku:c", "sku:d", "family:f"]
    assert cluster_of(ITEMS, "category").to_list() == ["category:x"] * 3 + ["category:y", "category:x"]
    assert cluster_of(ITEMS, "product").to_list() == ["sku:a", "sku:b", "sku:c", "sku:d", "sku:a"]


@given(st.text(), st.sampled_from(["family", "category", "product"]), st.floats(0.01, 0.5), st.permutations(range(5)))
def test_the_draw_depends_on_salt_and_cluster_alone(salt: str, by: str, share: float, order: list[int]) -> None:
    policy = HoldoutPolicy(share=share, by=by, salt=salt)
    whole, shuffled = clusters(ITEMS, policy), clusters(ITEMS[order], policy)
    assert whole[order].equals(shuffled)
    assert whole.group_by("cluster").agg(pl.col("kept").n_unique())["kept"].max() == 1
    assert set(whole["propensity"]) == {1.0 - share}
    assert set(whole.filter(pl.col("kept"))["cluster"]) == {name for name in whole["cluster"] if draw(salt, name) < share}


@given(st.text(max_size=8))
def test_more_share_keeps_what_less_kept(salt: str) -> None:
    small, large = (clusters(ITEMS, HoldoutPolicy(share=share, salt=salt))["kept"] for share in (0.2, 0.4))
    assert (large | ~small).all()


def test_draws_are_uniform() -> None:
    drawn = pl.Series([draw("salt", f"cluster-{number}") for number in range(10_000)])
    assert abs((drawn < 0.2).mean() - 0.2) < 4 * (0.2 * 0.8 / 10_000) ** 0.5
    assert abs(drawn.mean() - 0.5) < 4 * (1 / 12 / 10_000) ** 0.5


def test_salt_and_name_do_not_run_together() -> None:
    assert draw("a", "bc") != draw("ab", "c")
