"""Elasticities that others published for these data sets, as the READMEs of the sets quote them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Published:
    """Where figures come from, and rows of (sku, label, printed figure)."""

    source: str
    rows: tuple[tuple[str, str, str], ...]


PUBLISHED = {
    "oj": Published(
        "Taddy (2019), pooled log-log over stores: with feature interactions off and, in brackets, in weeks without feature advertisement.",
        (
            ("oj01", "Tropicana Premium 64 oz", "-2.7 (-2.0)"),
            ("oj05", "Minute Maid 64 oz", "-3.3 (-2.0)"),
            ("oj10", "Dominick's 64 oz", "-3.4 (-2.8)"),
        ),
    ),
    "tuna": Published(
        "a plain log-log regression by brand gives -2.3 to -4.5 for six brands, and a positive sign for the large cans.",
        tuple((f"tuna{k}", f"brand {k}", "positive" if k == 6 else "-2.3 to -4.5") for k in range(1, 8)),
    ),
}
