"""The page of one product: what is known of it, and its certificate."""

from __future__ import annotations

import json

import msgspec

from pricesmith.apps.service.ask import Ask, File
from pricesmith.apps.service.route import Route
from pricesmith.flows import wiring
from pricesmith.flows.desk.product.page import Asked, Product, placed, product
from pricesmith.flows.publishing.history.certificate import certify

from ._jobs import with_test


def show(ask: Ask) -> Product:
    found = product(ask.reading, ask.path["sku"], ask.given, ask.at)
    return msgspec.structs.replace(found, covered=with_test(ask, found.covered))


def certificate(ask: Ask) -> File:
    """The signed certificate of the price."""
    run = ask.reading.run(ask.given.run or ask.reading.latest() or "")
    key, _ = placed(run, ask.path["sku"], ask.given)
    document = certify(ask.reading.book, run.name, key, wiring.signer_of(ask.reading.folder), ask.at)
    text = json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    return File(f"{key.sku} {run.name}.json".replace("/", "_"), "application/json", text.encode())


ROUTES = (
    Route("product", "GET", "/products/{sku:path}", "read", show, Asked, Product, "product.html", "prices"),
    Route("product.certificate", "GET", "/certificates/{sku:path}", "read", certificate, Asked),
)
