"""Bars as SVG: to be printed, and to be read aloud by their title and description."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

ROW, LEFT, WIDTH, RIGHT = 22, 250, 360, 60
COLOURS = ("#3b6ea5", "#00866a", "#9a5b00", "#7a4fa3")


@dataclass(frozen=True)
class Bar:
    label: str
    value: float
    series: int = 0


def bars(
    name: str,
    title: str,
    description: str,
    values: Sequence[Bar],
    *,
    legend: Sequence[str] = (),
    limit: float | None = None,
) -> str:
    """Horizontal bars, each with its number beside it; `name` is unique on its page."""
    top = 24 if legend else 6
    height = top + ROW * len(values) + 8
    scale = WIDTH / max([bar.value for bar in values] + [limit or 0, 1e-9])
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + WIDTH + RIGHT} {height}"'
        f' width="100%" role="img" aria-labelledby="{name}-title {name}-text"'
        ' font-family="sans-serif" font-size="12" style="max-width: 48rem">',
        f'<title id="{name}-title">{escape(title)}</title>',
        f'<desc id="{name}-text">{escape(description)}</desc>',
    ]
    for number, text in enumerate(legend):
        x = LEFT + 120 * number
        lines += [
            f'<rect x="{x}" y="4" width="12" height="12" fill="{COLOURS[number]}"/>',
            f'<text x="{x + 18}" y="14" fill="currentColor">{escape(text)}</text>',
        ]
    for number, bar in enumerate(values):
        y, length = top + ROW * number, max(bar.value * scale, 1)
        middle = y + ROW - 8
        lines += [
            f'<text x="{LEFT - 8}" y="{middle}" text-anchor="end" fill="currentColor">'
            f"{escape(bar.label)}</text>",
            f'<rect x="{LEFT}" y="{y + 3}" width="{length:.1f}" height="{ROW - 6}"'
            f' fill="{COLOURS[bar.series]}"/>',
            f'<text x="{LEFT + length + 5:.1f}" y="{middle}" fill="currentColor">'
            f"{number_text(bar.value)}</text>",
        ]
    if limit is not None:
        at = LEFT + limit * scale
        lines.append(
            f'<line x1="{at:.1f}" x2="{at:.1f}" y1="{top}" y2="{height - 4}"'
            ' stroke="currentColor" stroke-dasharray="4 3"/>'
        )
    return "\n".join([*lines, "</svg>"])


def number_text(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}" if value < 10 else f"{value:.1f}"
