"""Names that the same thing always gets."""

from __future__ import annotations

import hashlib


def name_of(*parts: object) -> str:
    """Sixteen hexadecimal digits of what the thing is made of: the same parts, the same name, on any machine."""
    return hashlib.sha256("\x1f".join(map(str, parts)).encode()).hexdigest()[:16]
