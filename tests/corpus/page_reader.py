"""Read a report as a browser would: its words, and tags or values that should not be in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

_NOTHING = re.compile(r"\b(nan|NaN|inf|Infinity|None|undefined|null)\b")
_FIGURES = re.compile(r"\d[\d,]{19,}")
_TAGS = frozenset(
    re.findall(
        r"\w+",
        "html head meta title style body main section div span p b i small strong em code br hr"
        " h1 h2 h3 table colgroup col caption thead tbody tfoot tr th td ul ol li dl dt dd details"
        " summary header footer nav figure figcaption a svg g defs pattern path rect line circle"
        " polyline polygon text tspan",
    )
)


def wrong_with_page(text: str, own: str) -> Iterator[str]:
    """Tell what is wrong with a page; ``own`` is what the file itself says, in its own words."""
    page = _Page()
    page.feed(text)
    page.close()
    if page.open or not text.rstrip().endswith("</html>"):
        yield f"the page leaves {page.open} open"
    yield from page.wrong
    words = " ".join(page.texts)
    for found in {match[0] for match in _NOTHING.finditer(words)}:
        if found not in own:
            yield f"the page says {found!r}"
    if figures := _FIGURES.search(words):
        yield f"the page has a number of {len(figures[0])} digits"


class _Page(HTMLParser):
    _VOID = frozenset(("meta", "br", "hr", "col"))

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.texts: list[str] = []
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _TAGS:
            self.wrong.append(f"the page has a tag <{tag}>")
        for name, value in attrs:
            if name.startswith("on") or name == "src":
                self.wrong.append(f"the page has an attribute {name}")
            ours = name not in ("aria-label", "title")  # which hold the user's words too
            if ours and _NOTHING.search(value or ""):
                self.wrong.append(f"the page has {name}={(value or '')[:60]!r}")
        if tag not in self._VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in self._VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"the page closes <{tag}> out of turn")

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("style", "code"):
            self.texts.append(data)
