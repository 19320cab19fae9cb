"""Every document that is sent to Shopify is valid in the published schema of each version, and asks for no scope beyond those named."""

from __future__ import annotations

import gzip
import json
from functools import cache
from typing import Any

import pytest

from pricesmith.adapters.shops._shopify_documents import ALL, WRITE
from pricesmith.adapters.shops.shopify import SHOP, VERSION
from tests.shops.processes import MissingError, npm_install

pytestmark = pytest.mark.real

VERSIONS = ("2025-10", "2026-01", "2026-04", "2026-07", "2026-10")


@cache
def schema(version: str) -> Any:
    graphql = pytest.importorskip("graphql")
    try:
        folder = npm_install("shopify", ("@shopify/dev-mcp@1.16.0",))
    except MissingError as missing:
        pytest.skip(str(missing))
    file = folder / "node_modules" / "@shopify" / "dev-mcp" / "dist" / "data" / f"admin_{version}.json.gz"
    return graphql.build_client_schema(json.loads(gzip.decompress(file.read_bytes()))["data"], assume_valid=True)


def faults(version: str, document: str) -> list[str]:
    graphql = pytest.importorskip("graphql")
    return [error.message for error in graphql.validate(schema(version), graphql.parse(document))]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("document", ALL, ids=lambda text: text.split()[1].partition("(")[0])
def test_document_is_valid(version: str, document: str) -> None:
    assert faults(version, document) == []


def test_a_wrong_document_is_seen() -> None:
    assert faults(VERSION, WRITE.replace("userErrors", "mistakes"))
    assert faults(VERSION, WRITE.replace("$variants: [ProductVariantsBulkInput!]!", "$variants: [ID!]!"))


def test_default_version_is_one_of_them() -> None:
    assert VERSION in VERSIONS
    assert "write_products" in SHOP.secret
