"""The tax that stands in the prices of a Medusa: rates of one country, from its tax regions.

As in Medusa itself a rate of the product goes before one of its type, and that before the country's default. Provinces and states are
left out: one price stands in all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

FIELDS = "id,country_code,parent_id,*tax_rates,*tax_rates.rules"
NO_COUNTRY = ""


@dataclass(frozen=True, slots=True)
class Taxes:
    """Rates of one country, fractions as text.

    named    by what a rule names: a product or a product type, and its id
    default  of everything else; None where the country names none
    """

    named: Mapping[tuple[str, str], str]
    default: str | None

    def rate(self, product: Mapping[str, Any]) -> str | None:
        """The tax in a product's price; None where it is not known, which is not the same as none."""
        places = (("product", product.get("id")), ("product_type", product.get("type_id")))
        found = [self.named[reference, str(value)] for reference, value in places if (reference, str(value)) in self.named]
        return found[0] if found else self.default


def taxes_of(regions: Iterable[Mapping[str, Any]], country: str) -> Taxes:
    """Rates of a country; of two rates for one thing the higher one counts, for it gives the higher floor.

    regions  tax regions with their rates, as the platform tells them
    country  ISO 3166 code; see `country_of`
    """
    own = [region for region in regions if country and _country(region) == country]
    rates = [rate for region in own for rate in region["tax_rates"] or [] if rate["rate"] is not None]
    named: dict[tuple[str, str], Decimal] = {}
    for rate in rates:
        for rule in rate.get("rules") or []:
            place = str(rule["reference"]), str(rule["reference_id"])
            named[place] = max(named.get(place, Decimal(0)), _share(rate))
    default = max((_share(rate) for rate in rates if rate["is_default"]), default=None)
    return Taxes({place: f"{share:f}" for place, share in named.items()}, None if default is None else f"{default:f}")


def country_of(regions: Sequence[Mapping[str, Any]], option: str, region: str) -> str:
    """The country whose tax stands in the prices: the option, else the section's region where it is a country, else the only one taxed.

    NO_COUNTRY where none of them tells.
    """
    known = {_country(one) for one in regions} - {NO_COUNTRY}
    if option or len(region) == 2:
        return (option or region).lower()
    return known.pop() if len(known) == 1 else NO_COUNTRY


def _country(region: Mapping[str, Any]) -> str:
    return NO_COUNTRY if region.get("parent_id") else str(region["country_code"]).lower()


def _share(rate: Mapping[str, Any]) -> Decimal:
    return Decimal(str(rate["rate"])) / 100
