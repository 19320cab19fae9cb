"""Preferences of customers who buy something else, or nothing, where their first choice is out of stock.

Customers choose j among the products on offer with probability v_j / (1 + sum of v on offer), or nothing. Only purchases are seen.
Sources: Vulcano, van Ryzin & Ratliff 2012 (EM); Hunter 2004, Abdallah & Vulcano 2021 (MM, the exact conditional maximum likelihood).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pricesmith.contracts.curves import Flags, Floats


@dataclass(frozen=True, slots=True)
class Preferences:
    """Preference weights.

    weight          (J,) v_j relative to buying nothing; they sum to share / (1 - share)
    log_likelihood  of the purchases given that something was bought, after each step
    """

    weight: Floats
    log_likelihood: Floats

    def first_choice(self, sold: Floats, offered: Flags) -> Floats:
        """Expected demand per period had everything been on offer: (T, J).

        arrivals_t = m_t (S_t + 1) / S_t with m_t units sold and S_t the weights on offer; times v_j / (V + 1)
        """
        on_offer = offered @ self.weight
        arrivals = np.divide(sold.sum(axis=1) * (on_offer + 1.0), on_offer, out=np.zeros_like(on_offer), where=on_offer > 0.0)
        return np.asarray(arrivals[:, None] * self.weight / (self.weight.sum() + 1.0))


def fit_preferences(sold: Floats, offered: Flags, share: float, *, tolerance: float = 1e-12, steps: int = 100_000) -> Preferences:
    """Maximum likelihood by minorisation-maximisation; each step raises the likelihood.

    sold     (T, J) units sold; 0 where not on offer
    offered  (T, J) True where the product could be bought
    share    share of customers who buy something when all is on offer, in (0, 1); scales the weights, purchases say nothing of it
    v_j <- (units of j) / (sum over periods with j on offer of m_t / S_t), then scaled to the share
    """
    total, units = share / (1.0 - share), sold.sum(axis=1)
    sums = sold.sum(axis=0)
    weight = _scaled(np.ones(sold.shape[1]), total)
    trace = [_log_likelihood(weight, sold, offered)]
    for _ in range(steps):
        on_offer = offered @ weight
        rate = np.divide(units, on_offer, out=np.zeros_like(on_offer), where=on_offer > 0.0)
        exposure = offered.T @ rate
        fresh = _scaled(np.divide(sums, exposure, out=np.zeros_like(sums), where=exposure > 0.0), total)
        moved = float(np.max(np.abs(fresh - weight)))
        weight = fresh
        trace.append(_log_likelihood(weight, sold, offered))
        if moved < tolerance * total:
            break
    return Preferences(weight, np.array(trace))


def fit_preferences_em(sold: Floats, offered: Flags, share: float, *, tolerance: float = 1e-12, steps: int = 100_000) -> Preferences:
    """The expectation-maximisation of Vulcano, van Ryzin & Ratliff, whose fixed point is near the maximum of `fit_preferences`, not at it.

    On offer: X_jt = z_jt (S_t + 1) / (V + 1); else X_jt = v_j / (V + 1) m_t (S_t + 1) / S_t; v_j = V sum_t X_jt / sum X
    """
    total, units = share / (1.0 - share), sold.sum(axis=1)
    weight = _scaled(np.ones(sold.shape[1]), total)
    trace = [_log_likelihood(weight, sold, offered)]
    for _ in range(steps):
        on_offer = offered @ weight
        grown = (on_offer + 1.0) / (total + 1.0)
        arrivals = np.divide(units * grown, on_offer, out=np.zeros_like(on_offer), where=on_offer > 0.0)
        first = np.where(offered, sold * grown[:, None], arrivals[:, None] * weight)
        fresh = _scaled(first.sum(axis=0), total)
        moved = float(np.max(np.abs(fresh - weight)))
        weight = fresh
        trace.append(_log_likelihood(weight, sold, offered))
        if moved < tolerance * total:
            break
    return Preferences(weight, np.array(trace))


def _scaled(weight: Floats, total: float) -> Floats:
    return np.asarray(weight * (total / weight.sum()))


def _log_likelihood(weight: Floats, sold: Floats, offered: Flags) -> float:
    """sum_t [sum_j z_jt ln v_j - m_t ln S_t]; products never sold count nothing."""
    on_offer = offered @ weight
    bought = float(np.sum(np.where(sold > 0.0, sold * np.log(np.maximum(weight, 1e-300)), 0.0)))
    return bought - float(np.sum(sold.sum(axis=1) * np.log(np.maximum(on_offer, 1e-300))))
