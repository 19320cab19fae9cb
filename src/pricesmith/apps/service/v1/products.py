"""One product in a run: its price and why, its curve, its history."""

from __future__ import annotations

from pricesmith.apps.service.route import Route
from pricesmith.apps.web.pages.product import show
from pricesmith.flows.desk.product.page import Asked, Product

ROUTES = (Route("api.product", "GET", "/api/v1/products/{sku:path}", "read", show, Asked, Product),)
