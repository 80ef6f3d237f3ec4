"""Draw the rooms of the code and what they import, for ``docs/architecture.md``.

Run it from anywhere; it writes ``architecture.svg`` beside itself. The layers are those that
import-linter holds (``pyproject.toml``), the arrows are what the modules import (grimp, which
import-linter brings). An arrow that follows from others is left out, and so are those to the small
modules at the bottom, which every room may use.
"""

from __future__ import annotations

import html
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import grimp
from grimp import ImportGraph

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "ectopy"
TARGET = Path(__file__).with_suffix(".svg")

WIDTH, MARGIN, GAP, BOX = 800, 8, 22, 192
LINE = 17
"""Pixels a line of text stands below another."""
BETWEEN = 42
"""Pixels between two layers, for the arrows."""

Edges = set[tuple[str, str]]


def layers() -> list[list[str]]:
    """Give the names in each layer of the lint rule, the highest first."""
    lint = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    rule = next(c for c in lint["importlinter"]["contracts"] if c["type"] == "layers")
    return [[name.strip().split(".")[1] for name in row.split("|")] for row in rule["layers"]]


def rooms() -> dict[str, list[str]]:
    """Give every room on disk and the rooms within it."""
    packages = sorted(path.parent.relative_to(SOURCE) for path in SOURCE.rglob("__init__.py"))
    inside: dict[str, list[str]] = {str(p): [] for p in packages if len(p.parts) == 1}
    for package in packages:
        if len(package.parts) == 2:
            inside[package.parts[0]].append(package.name)
    return inside


def imports(graph: ImportGraph, names: Iterable[str]) -> Edges:
    """Give who imports whom, of these rooms."""
    known = {f"ectopy.{name}": name for name in names}
    edges = set()
    for importer in graph.modules:
        for imported in graph.find_modules_directly_imported_by(importer):
            ends = [known.get(".".join(m.split(".")[:2])) for m in (importer, imported)]
            if ends[0] and ends[1] and ends[0] != ends[1]:
                edges.add((ends[0], ends[1]))
    return edges


def reduced(edges: Edges) -> Edges:
    """Leave out each arrow that a longer way round says already."""
    below: dict[str, set[str]] = {}
    for one, other in edges:
        below.setdefault(one, set()).add(other)

    def reaches(start: str, end: str, without: tuple[str, str]) -> bool:
        after = {n for n in below.get(start, ()) if (start, n) != without}
        return end in after or any(reaches(n, end, without) for n in after)

    return {edge for edge in edges if not reaches(*edge, without=edge)}


@dataclass
class Place:
    """A box of the picture, or a gap in a layer through which an arrow passes."""

    name: str
    width: float = 0.0
    x: float = 0.0
    """Its middle."""


def arranged(rows: list[list[str]], edges: Edges) -> tuple[list[list[Place]], list[list[Place]]]:
    """Place the boxes of each layer, and give each arrow as the places that it passes."""
    grid = [[Place(name, BOX) for name in row] for row in rows]
    at = {place.name: (i, place) for i, row in enumerate(grid) for place in row}
    ways = []
    for one, other in sorted(edges):
        (top, first), (bottom, last) = at[one], at[other]
        between = [Place("") for _ in range(top + 1, bottom)]
        for row, place in zip(grid[top + 1 : bottom], between, strict=True):
            row.append(place)
        ways.append([first, *between, last])
    for row in grid:
        _spread(row)
    for turn in range(24):  # each place goes to the middle of those it hangs on, again and again
        for row in grid[:: 1 if turn % 2 == 0 else -1]:
            for place in row:
                near = [
                    other.x
                    for way in ways
                    for pair in pairwise(way)
                    for other in pair
                    if any(p is place for p in pair) and other is not place
                ]
                place.x = sum(near) / len(near) if near else WIDTH / 2
            _spread(row)
    return grid, ways


def _spread(row: list[Place]) -> None:
    """Move the places of a layer apart, so that they do not overlap and stay in the picture."""
    row.sort(key=lambda place: place.x)
    wanted = sum(place.x for place in row)
    for one, other in pairwise(row):
        other.x = max(other.x, one.x + (one.width + other.width) / 2 + GAP)
    moved = (sum(place.x for place in row) - wanted) / len(row)
    for place in row:
        place.x -= moved
    end = float(WIDTH - MARGIN)
    for place in reversed(row):
        place.x = min(place.x, end - place.width / 2)
        end = place.x - place.width / 2 - GAP
    begin = float(MARGIN)
    for place in row:
        place.x = max(place.x, begin + place.width / 2)
        begin = place.x + place.width / 2 + GAP


def wrapped(words: list[str], letters: int = 26) -> list[str]:
    """Set names in lines of a box."""
    lines: list[str] = []
    for word in words:
        if lines and len(lines[-1]) + len(word) + 3 <= letters:
            lines[-1] += f" · {word}"
        else:
            lines.append(word)
    return lines


def draw() -> str:
    """Give the picture as SVG."""
    inside = rooms()
    ordered = layers()
    base = [name for row in ordered for name in row if name not in inside]
    rows = [[name for name in row if name in inside] for row in ordered]
    rows = [row for row in rows if row]
    graph = grimp.build_graph("ectopy", cache_dir=None)
    grid, ways = arranged(rows, reduced(imports(graph, inside)))

    text = {name: wrapped(inside[name]) for row in rows for name in row}
    tops, height = [], float(MARGIN)
    for row in rows:
        tops.append(height)
        tall = max(len(text[name]) for name in row)
        height += 30 + LINE * tall + BETWEEN
    bottoms = [top - BETWEEN for top in [*tops[1:], height]]
    level = {id(place): i for i, row in enumerate(grid) for place in row}
    passed = [[(p, tops[level[id(p)]], bottoms[level[id(p)]]) for p in way] for way in ways]
    parts: list[str] = [_arrow(way) for way in passed]
    for row, top, bottom in zip(grid, tops, bottoms, strict=True):
        parts += [_box(p, top, bottom - top, text[p.name]) for p in row if p.name]
    names = " · ".join(base)
    parts.append(
        f'<rect x="{MARGIN}" y="{height}" width="{WIDTH - 2 * MARGIN}" height="34" rx="5" '
        'fill="#eef1f4" stroke="#9aa5b1"/>'
        f'<text x="{WIDTH / 2}" y="{height + 22}"><tspan font-weight="600">{names}</tspan>'
        " (modules that every room may use)</text>"
    )
    height += 34 + MARGIN
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:g}" '
            f'width="{WIDTH}" height="{height:g}" font-family="sans-serif" font-size="14" '
            'text-anchor="middle" fill="#1f2933">',
            "<title>The rooms of ectopy: each imports only rooms below it</title>",
            '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" '
            'markerHeight="8" orient="auto"><path d="M0,0 L8,4 L0,8 z" fill="#52606d"/></marker>'
            "</defs>",
            f'<rect width="{WIDTH}" height="{height:g}" fill="#ffffff"/>',
            *parts,
            "</svg>\n",
        ]
    )


def _box(place: Place, top: float, height: float, lines: list[str]) -> str:
    x = round(place.x, 1)
    tall = 30 + LINE * len(lines)
    y = top + (height - tall) / 2
    rows = "".join(
        f'<text x="{x}" y="{y + 21 + LINE * (i + 1):g}" font-size="12" fill="#52606d">'
        f"{html.escape(line)}</text>"
        for i, line in enumerate(lines)
    )
    return (
        f'<g><rect x="{x - BOX / 2:g}" y="{top:g}" width="{BOX}" height="{height:g}" rx="5" '
        'fill="#e6f0fa" stroke="#4a7ba6"/>'
        f'<text x="{x}" y="{y + 20:g}" font-weight="600">{place.name}/</text>{rows}</g>'
    )


def _arrow(way: list[tuple[Place, float, float]]) -> str:
    """Draw an arrow from the bottom of a box through the gaps to the top of another."""
    first, _, start = way[0]
    path = [f"M{first.x:.1f},{start:g}"]
    y = start
    for place, top, bottom in way[1:]:
        last = place is way[-1][0]
        end = top - 1 if last else top
        half = (y + end) / 2
        before = way[[id(w[0]) for w in way].index(id(place)) - 1][0].x
        path.append(f"C{before:.1f},{half:g} {place.x:.1f},{half:g} {place.x:.1f},{end:g}")
        if not last:
            path.append(f"L{place.x:.1f},{bottom:g}")
            y = bottom
    return (
        f'<path d="{" ".join(path)}" fill="none" stroke="#52606d" stroke-width="1.3" '
        'marker-end="url(#head)"/>'
    )


if __name__ == "__main__":
    TARGET.write_text(draw(), encoding="utf-8")
