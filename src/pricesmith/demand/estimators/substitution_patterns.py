"""How products of one market take demand from one another: shares, elasticities, diversion and counterfactuals of logit and nested logit.

Shares may come in stacks: the last axis runs over the J products of a market.
"""

from __future__ import annotations

import numpy as np

from pricesmith.contracts.curves import Floats, Ints


def logit_shares(utility: Floats) -> Floats:
    """Choice shares exp(u_j) / (1 + sum exp(u_k)) of J products beside an outside good of utility 0: (..., J)."""
    top = np.maximum(utility.max(axis=-1, keepdims=True), 0.0)
    weight = np.exp(utility - top)
    return np.asarray(weight / (np.exp(-top) + weight.sum(axis=-1, keepdims=True)))


def nested_shares(utility: Floats, nest: Ints, nesting: float) -> Floats:
    """Choice shares of the one-level nested logit.

    utility  (J,) mean utilities delta_j;  nest (J,) nest numbers from 0;  nesting  rho in [0, 1)
    s_j = exp(delta_j / (1 - rho)) / D_g * D_g^(1 - rho) / (1 + sum_h D_h^(1 - rho)),  D_g = sum in the nest
    """
    scaled = utility / (1.0 - nesting)
    top = np.full(int(nest.max()) + 1, -np.inf)
    np.maximum.at(top, nest, scaled)
    weight = np.exp(scaled - top[nest])
    total = np.bincount(nest, weight)
    inclusive = (1.0 - nesting) * (top + np.log(total))
    return np.asarray(weight / total[nest] * logit_shares(inclusive)[nest])


def logit_elasticities(share: Floats, price: Floats, alpha: float) -> Floats:
    """Elasticity of the share of row j with respect to the price of column k: (..., J, J).

    own alpha p_j (1 - s_j), cross -alpha p_k s_k
    """
    own = np.eye(share.shape[-1]) * (alpha * price)[..., None, :]
    return np.asarray(own - (alpha * price * share)[..., None, :])


def nested_elasticities(share: Floats, price: Floats, alpha: float, nesting: float, nest: Ints) -> Floats:
    """Elasticities of one market's nested logit: (J, J), row j with respect to the price of column k.

    own alpha p_j [1/(1-rho) - rho/(1-rho) s_{j|g} - s_j], same nest -alpha p_k [rho/(1-rho) s_{k|g} + s_k], other nest -alpha p_k s_k
    """
    inner = share / np.bincount(nest, share)[nest]
    same = nest[:, None] == nest[None, :]
    pull = np.where(same, nesting / (1.0 - nesting) * inner, 0.0) + share
    return np.asarray((np.eye(len(share)) / (1.0 - nesting) - pull) * (alpha * price))


def adding_up(elasticity: Floats, share: Floats, price: Floats, alpha: float) -> Floats:
    """Share-weighted sum of each price's elasticities over all goods, the outside good included: (J,); 0 for any share model.

    The outside good's own elasticity with respect to price k is -alpha p_k s_k in logit and nested logit alike.
    """
    outside = (1.0 - share.sum()) * -alpha * price * share
    return np.asarray(share @ elasticity + outside)


def diversion(elasticity: Floats, share: Floats) -> Floats:
    """Where the customers lost by a dearer product go: (J, J + 1), row j to product k, last column to the outside good.

    D_jk = -(ds_k / dp_j) / (ds_j / dp_j); 0 from a product to itself; rows sum to 1.
    """
    effect = (elasticity * share[:, None]).T  # effect[j, k]: p_j ds_k / dp_j
    lost = -np.diag(effect)
    flow = effect / lost[:, None]
    np.fill_diagonal(flow, 0.0)
    return np.column_stack([flow, 1.0 - flow.sum(axis=1)])


def logit_counterfactual(share: Floats, change: Floats, alpha: float) -> Floats:
    """Shares of a logit market after prices change.

    share, change  (J,) shares before, and price changes in the unit of alpha
    s_j' = s_j exp(alpha dp_j) / (s_0 + sum_k s_k exp(alpha dp_k))
    """
    weight = share * np.exp(alpha * change)
    return np.asarray(weight / (1.0 - share.sum() + weight.sum()))
