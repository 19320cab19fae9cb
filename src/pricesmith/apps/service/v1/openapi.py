"""The OpenAPI document of this API."""

from __future__ import annotations

from functools import cache
from typing import Any

from pricesmith.apps.service.ask import Ask
from pricesmith.apps.service.openapi import document
from pricesmith.apps.service.route import Route


def show(ask: Ask) -> dict[str, Any]:
    del ask
    return _document()


@cache
def _document() -> dict[str, Any]:
    from pricesmith.apps.service.routes import every

    return document(every())


ROUTES = (Route("api.openapi", "GET", "/api/v1/openapi.json", None, show),)
