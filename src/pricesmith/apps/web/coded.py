"""Words that are to be typed: what stands between backticks in a text is shown as code."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

CODE = re.compile(r"`([^`]+)`")


def coded(text: str) -> Markup:
    """The text, escaped, its words between backticks as `<code>`."""
    return Markup(CODE.sub(r"<code>\1</code>", str(escape(text))))
