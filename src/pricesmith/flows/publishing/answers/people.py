"""Whether two names are one person's: neither spaces around a name nor capital letters make a second person."""

from __future__ import annotations

import polars as pl


def same_person(one: str, other: str) -> bool:
    return folded(one) == folded(other)


def folded(name: str) -> str:
    """The form in which one person has one name."""
    return name.strip().lower()


def person(name: str) -> pl.Expr:
    """A column of names, folded."""
    return pl.col(name).str.strip_chars().str.to_lowercase()
