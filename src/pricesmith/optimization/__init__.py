"""The optimum: candidate prices, what they are worth, and the best plan under the limits."""

from .choose import choose
from .ladder import build_ladder
from .problem import Choice, Problem

__all__ = ["Choice", "Problem", "build_ladder", "choose"]
