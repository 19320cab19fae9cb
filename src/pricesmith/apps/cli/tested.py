"""What the last test of a model on the shop's own past says against it, told where its prices are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pricesmith.flows.desk.models.said_against import Covered


def lines(found: Covered | None, folder: Path, locale: str) -> list[str]:
    """For people, as the price desk says it; [] where nothing speaks against the model."""
    from pricesmith.apps.report.numbers import percent
    from pricesmith.apps.web.words import Words

    if found is None:
        return []
    words, told = Words(locale), []
    if found.worse:
        loss, low, high = (percent(one) for one in found.loss)
        small = "_small" if found.small else ""
        told.append(words(f"mistrust{small}", share=loss, low=low, high=high, best=words.code("forecaster", found.worse)))
        told.append(words(f"mistrust{small}_do"))
    if found.answer:
        share, low, high = (f"{one:.2f}" for one in found.answer)
        told.append(words(f"answered_{found.answered}", share=share, low=low, high=high))
    if found.sums:
        share, low, high = percent(abs(found.sums[0])), percent(found.sums[1]), percent(found.sums[2])
        told.append(words("sums_low" if found.sums[0] < 0 else "sums_high", share=share, low=low, high=high))
    if found.kind == "untested":
        told.append(words("untested_command", command=f"pricesmith backtest {folder}"))
    elif found.kind and found.share is not None:
        periods = words("tested_product", days=found.days) if found.days else words(f"tested_{found.period}")
        told.append(words(f"covers_{found.kind}", share=percent(found.share), periods=periods))
    if found.since and told:
        told.append(words("test_since_command", command=f"pricesmith backtest {folder}"))
    return ["", *told]
