"""The optimum: candidate prices, what they are worth, and the best plan under the limits."""

from .blocks import closed_blocks
from .choose import choose
from .ladder import build_ladder, build_shelf
from .problem import Choice, Problem

__all__ = ["Choice", "Problem", "build_ladder", "build_shelf", "choose", "closed_blocks"]
