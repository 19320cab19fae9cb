"""Texts as integer codes: each distinct text is cleaned once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from .grouping import Ints


@dataclass(frozen=True, slots=True)
class Names:
    """Texts of one column, and the names they stand for.

    texts  distinct texts as in the files
    names  distinct names; their row is their code
    code   (texts,) code of each text's name
    blank  name of a text that is missing or empty
    """

    texts: pl.Series
    names: pl.Series
    code: Ints
    blank: str

    @classmethod
    def of(cls, names: pl.Series, blank: str) -> Names:
        """Names that are expected. names: distinct, without space around them; where texts can be missing, `blank` is the first."""
        return cls(names, names, np.arange(len(names)), blank)

    def encode(self, texts: pl.Series) -> tuple[Ints, Names]:
        """The code of each text's name, and these names with the new ones."""
        found = texts.cast(pl.Enum(self.texts), strict=False)
        new = texts.filter(found.is_null() & texts.is_not_null())
        if len(new):
            return self._with(new.unique().sort()).encode(texts)
        text = found.to_physical().fill_null(0).to_numpy()
        return (text if len(self.texts) == len(self.names) else self.code[text]), self

    def _with(self, new: pl.Series) -> Names:
        clean = pl.DataFrame({"name": new}).select(clean_text(pl.col("name"), self.blank))["name"]
        names = pl.concat([self.names, clean]).unique(maintain_order=True)
        numbers = pl.DataFrame({"name": names}).with_row_index("code")
        code = pl.DataFrame({"name": clean}).join(numbers, on="name", how="left", maintain_order="left")["code"]
        return Names(pl.concat([self.texts, new]), names, np.concatenate([self.code, code.to_numpy().astype(np.int64)]), self.blank)


def clean_text(text: pl.Expr, blank: str) -> pl.Expr:
    """Text without space around it."""
    stripped = text.str.strip_chars()
    return pl.when(stripped != "").then(stripped).otherwise(pl.lit(blank))
