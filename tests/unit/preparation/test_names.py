"""Texts as codes: one code a name, whatever space stands around it and in whichever part it comes first."""

from __future__ import annotations

import polars as pl

from pricesmith.contracts.shop import UNNAMED
from pricesmith.preparation.names import Names


def test_expected_names_keep_their_row() -> None:
    names = Names.of(pl.Series(["b", "a"]), "")
    codes, same = names.encode(pl.Series(["a", "b", "a"]))
    assert codes.tolist() == [1, 0, 1]
    assert same is names


def test_new_names_are_added_and_space_is_no_part_of_a_name() -> None:
    names = Names.of(pl.Series(["a"]), "")
    first, names = names.encode(pl.Series(["a ", "c", " c", "a"]))
    second, names = names.encode(pl.Series(["c", "d", "  "]))
    assert names.names.gather(first).to_list() == ["a", "c", "c", "a"]
    assert names.names.gather(second).to_list() == ["c", "d", ""]
    assert names.names.is_unique().all()


def test_missing_text_reads_as_the_default() -> None:
    codes, names = Names.of(pl.Series([UNNAMED]), UNNAMED).encode(pl.Series([None, "web", " ", UNNAMED]))
    assert names.names.gather(codes).to_list() == [UNNAMED, "web", UNNAMED, UNNAMED]
