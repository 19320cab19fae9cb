"""The catalogue of the real shops: 200 variants, a quarter of the products with four siblings."""

from __future__ import annotations

from dataclasses import dataclass

PRODUCTS, SIBLINGS = 80, 4
SIZES = ("S", "M", "L", "XL")


@dataclass(frozen=True)
class Article:
    """One sellable thing; money in minor units."""

    sku: str
    product: str
    variant: str
    price: int
    cost: int
    stock: int

    @property
    def first(self) -> bool:
        return self.variant in ("", SIZES[0])

    @property
    def price_text(self) -> str:
        return f"{self.price // 100}.{self.price % 100:02d}"


def articles() -> list[Article]:
    """40 products of one variant and 40 of four, in an order in which siblings follow each other."""
    listed = []
    for number in range(PRODUCTS):
        for size in SIZES if number % 2 else ("",):
            price = 999 + 100 * number + 50 * (SIZES.index(size) if size else 0)
            sku = f"P{number:03d}{'-' + size if size else ''}"
            listed.append(Article(sku, f"Product {number:03d}", size, price, price * 6 // 10, 20 + number))
    return listed
