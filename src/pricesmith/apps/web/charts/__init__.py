"""Charts as inline SVG: one file a chart, whose function of the same name takes numbers and texts and gives markup.

A template calls `charts.NAME(...)`; colours are classes of the style sheet, so that light, dark and print each have their own.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from functools import cache

from markupsafe import Markup

HELPERS = ("axes", "room")


@cache
def charts() -> dict[str, Callable[..., Markup]]:
    """Chart name -> its function, of every file here but the helpers."""
    names = [module.name for module in pkgutil.iter_modules(__path__) if module.name not in HELPERS]
    return {name: getattr(importlib.import_module(f"{__name__}.{name}"), name) for name in names}
