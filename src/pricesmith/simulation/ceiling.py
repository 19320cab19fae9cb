"""The ceiling: what a method could capture that knows everything but the own elasticities, and estimates those as well as can be."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .optimum import optimum
from .score import Answer
from .truth import Truth


def ceiling(truth: Truth, rng: np.random.Generator) -> Answer:
    """Prices from efficient estimates of the own elasticities, shrunk to the true category means with the true spread.

    Each estimate is drawn around the truth with its standard error (`Truth.error`); season, promotions, competitor, cross effects,
    form of the curves, dispersion and shocks are known. The intervals are those of the normal posterior.
    """
    true = truth.elasticity(truth.current)
    precision, prior = 1.0 / truth.error**2, 1.0 / truth.prior_sd**2
    noise = rng.normal(0.0, 1.0, len(true)) * np.sqrt(precision)
    posterior = np.minimum((true * precision + noise + truth.prior * prior) / (precision + prior), -0.1)
    spread = 1.6448536 / np.sqrt(precision + prior)
    response = truth.response
    believed = replace(truth, response=replace(response, slope=response.slope * response.spread(posterior / true)))
    return Answer(optimum(believed, rng, starts=2), posterior, posterior - spread, posterior + spread)
