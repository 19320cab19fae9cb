"""What each kind of promotion sells beside its price, as a fit tells it."""

from __future__ import annotations

import numpy as np

from pricesmith.contracts.curves import Z90, Floats, Ints

from .training import Trained


def promotion_lifts(trained: Trained) -> list[dict[str, object]]:
    """A record a kind, the usual one first; kinds without an effect of their own are among its rows.

    kind, rows    its name, "" where none is said, and its rows in the history
    lift          units more at the same price as a share, the mean over its rows (of logs)
    against_usual the same against the usual kind in the same products, with lo and hi of its 90 % interval
    """
    panel = trained.panel
    if "promo" not in trained.names:
        return []
    own, shared = trained.effects.item[:, trained.names.index("promo")], len(trained.shared.names)
    found: list[dict[str, object]] = []
    for place, name in enumerate(panel.kinds.names):
        rows = np.flatnonzero((panel.promo > 0) & (panel.kind == place))
        item = panel.item[rows]
        beside, deviation = _beside(trained, shared + place - 1, trained.groups.category[item]) if place else (0.0, 0.0)
        found.append(
            {
                "kind": name,
                "rows": rows.size,
                "lift": float(np.expm1(own[item].mean() + beside)),
                "against_usual": float(np.expm1(beside)),
                "lo": float(np.expm1(beside - Z90 * deviation)),
                "hi": float(np.expm1(beside + Z90 * deviation)),
            }
        )
    return found


def _beside(trained: Trained, column: int, category: Ints) -> tuple[float, float]:
    """Mean over rows of these categories of a shared effect, and its standard deviation; what categories say counts as independent."""
    share: Floats = np.bincount(category, minlength=len(trained.groups.names)) / category.size
    deviation = trained.effects.shared_deviation[:, column]
    return float(share @ trained.effects.shared[:, column]), float(np.sqrt(np.sum((share * deviation) ** 2)))
