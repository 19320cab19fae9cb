"""Parts of a whole as one bar."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup, escape

WIDTH, HEIGHT = 1100.0, 18.0


def share_bar(parts: Sequence[tuple[str, str, int]], said: str) -> Markup:
    """parts: style class, name, count."""
    total, start, drawn = sum(count for _, _, count in parts) or 1, 0.0, []
    for css, name, count in parts:
        wide = WIDTH * count / total
        hint = f"<title>{escape(name)}: {count:,}</title>"
        drawn.append(f'<rect class="{css}" x="{start:.1f}" y="0" width="{wide:.1f}" height="{HEIGHT:g}">{hint}</rect>')
        start += wide
    return Markup(f'<svg class="chart" viewBox="0 0 {WIDTH:g} {HEIGHT:g}" role="img" aria-label="{escape(said)}">{"".join(drawn)}</svg>')
