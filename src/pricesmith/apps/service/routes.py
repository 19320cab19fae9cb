"""Every route of the desk: those of the pages, and those of the API."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from .route import Route


@cache
def every() -> tuple[Route, ...]:
    """The routes that each module of apps/web/pages and apps/service/v1 names in ROUTES. A name or address that comes twice is a fault."""
    found: list[Route] = []
    for room in ("pricesmith.apps.web.pages", "pricesmith.apps.service.v1"):
        for module in pkgutil.iter_modules(importlib.import_module(room).__path__):
            if not module.name.startswith("_"):
                found += importlib.import_module(f"{room}.{module.name}").ROUTES
    named = [route.name for route in found] + [f"{route.method} {route.path}" for route in found]
    twice = sorted({one for one in named if named.count(one) > 1})
    if twice:
        raise ValueError(f"routes that come twice: {twice}")
    return tuple(sorted(found, key=lambda route: (route.path.count("{"), route.path, route.method)))
