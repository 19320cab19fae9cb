"""Every registered objective keeps its promises, and the policy knows each."""

from __future__ import annotations

import numpy as np
import pytest

from pricesmith.contracts import policy
from pricesmith.optimization.objectives import OBJECTIVES
from pricesmith.testing.check_objective import check_objective


@pytest.mark.parametrize("name", OBJECTIVES)
def test_objective(name: str) -> None:
    check_objective(OBJECTIVES[name])


def test_the_policy_names_them_all() -> None:
    assert set(policy.OBJECTIVES) == set(OBJECTIVES)


class Squared:
    """Not additive."""

    unit = "units squared"

    def score(self, price: np.ndarray, units: np.ndarray, margin: np.ndarray) -> np.ndarray:
        return np.asarray(units**2 + 0 * price * margin)


def test_what_does_not_add_is_found() -> None:
    with pytest.raises(AssertionError, match="twice the units"):
        check_objective(Squared())
