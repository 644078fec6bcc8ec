"""A picture of one measurement: CPU seconds, wall seconds and memory of each engine, a bar each, as an SVG for the docs."""

from html import escape

ROW, TOP, LEFT, WIDTH, PART = 22, 44, 70, 150, 220
COLOURS = {"netto": "#0f766e"}
OTHERS = "#94a3b8"


def svg(title: str, measured: dict[str, dict[str, float]]) -> str:
    """`measured` has, by engine, the figures by their names, such as `CPU seconds`; every figure has a scale of its own."""
    figures = list(next(iter(measured.values())))
    width, height = LEFT + PART * len(figures), TOP + ROW * len(measured) + 12
    parts = [text(8, 18, title, "bold")]
    for place, figure in enumerate(figures):
        left, most = LEFT + PART * place, max(of[figure] for of in measured.values()) or 1
        parts.append(text(left, 36, figure))
        for row, (name, of) in enumerate(measured.items()):
            top, length = TOP + ROW * row, max(1, WIDTH * of[figure] / most)
            parts.append(f'<rect x="{left}" y="{top}" width="{length:.1f}" height="{ROW - 6}" fill="{COLOURS.get(name, OTHERS)}"/>')
            parts.append(text(left + length + 6, top + 13, f"{of[figure]:,.0f}"))
    parts.extend(text(8, TOP + ROW * row + 13, name) for row, name in enumerate(measured))
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" role="img" font-family="sans-serif" font-size="12">'
    paper = f'<title>{escape(title)}</title><rect width="{width}" height="{height}" fill="#ffffff"/>'
    return "\n".join([head, paper, *parts, "</svg>", ""])


def text(x: float, y: float, said: str, weight: str = "normal") -> str:
    return f'<text x="{x:.1f}" y="{y}" font-weight="{weight}" fill="#0f172a">{escape(said)}</text>'
