"""Basic authorisation."""

from __future__ import annotations

import base64


def basic(secret: str) -> dict[str, str]:
    """The header for `user:password`."""
    return {"authorization": f"Basic {base64.b64encode(secret.encode()).decode()}"}
