"""The printed report: its PDF is made with Chromium and read with pdftotext."""

import re
import shutil
import subprocess
from collections import Counter
from dataclasses import dataclass, replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from system_chromium import CHROMIUM, QUIET

from ectopy.analysis.report.disclosure import disclose
from ectopy.analysis.report.page import page
from ectopy.analysis.report.strips import shown_leads
from ectopy.analysis.result import Result
from ectopy.analysis.settings import Settings
from ectopy.analysis.summary.model import Summary

pytestmark = pytest.mark.skipif(
    not CHROMIUM or not shutil.which("pdftotext"), reason="needs Chromium and pdftotext"
)

TO_PAPER = ("--headless", *QUIET, "--no-pdf-header-footer")
POINTS_PER_MM = 72 / 25.4


class Tables(HTMLParser):
    """Reads the cells of all tables, and the headings."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.headings: list[str] = []
        self._into: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th", "h2"):
            self._into = self.rows[-1] if tag != "h2" else self.headings
            self._into.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th", "h2"):
            self._into = None

    def handle_data(self, data: str) -> None:
        if self._into is not None:
            self._into[-1] += data


@dataclass(frozen=True)
class Word:
    text: str
    left: float
    top: float
    right: float
    bottom: float


def printed(html: str, size: str, folder: Path) -> tuple[list[list[Word]], tuple[float, float]]:
    """Print on that paper; give the words of each page, and its width and height in points."""
    (folder / "page.html").write_text(
        html.replace("</style>", f"@page {{ size: {size}; }}</style>"), encoding="utf-8"
    )
    where = [f"--user-data-dir={folder / 'profile'}", f"--print-to-pdf={folder / 'page.pdf'}"]
    subprocess.run(
        [str(CHROMIUM), *TO_PAPER, *where, (folder / "page.html").as_uri()],
        check=True,
        capture_output=True,
        timeout=120,
    )
    subprocess.run(
        ["pdftotext", "-bbox", folder / "page.pdf", folder / "page.xml"], check=True, timeout=60
    )
    space = "{http://www.w3.org/1999/xhtml}"
    pages, paper = [], (0.0, 0.0)
    for sheet in ElementTree.parse(folder / "page.xml").iter(f"{space}page"):
        paper = (float(sheet.get("width", 0)), float(sheet.get("height", 0)))
        box = ("xMin", "yMin", "xMax", "yMax")
        pages.append(
            [
                Word(word.text or "", *(float(word.get(side, 0)) for side in box))
                for word in sheet.iter(f"{space}word")
            ]
        )
    return pages, paper


def numbers(text: str) -> list[str]:
    return re.findall(r"\d(?:[\d,.:]*\d)?", text)


def lines(words: list[Word]) -> list[str]:
    """Join the words that stand on one line."""
    rows: dict[int, list[Word]] = {}
    for word in sorted(words, key=lambda word: word.bottom):
        near = next((y for y in rows if abs(y - word.bottom) < 3), round(word.bottom))
        rows.setdefault(near, []).append(word)
    return [" ".join(w.text for w in sorted(rows[y], key=lambda w: w.left)) for y in sorted(rows)]


def overlapping(words: list[Word]) -> list[tuple[str, str]]:
    """Give the words that are printed over one another; a box is higher than its letters."""
    box = np.array([(w.left, w.top, w.right, w.bottom) for w in words])
    middle, high = (box[:, 1] + box[:, 3]) / 2, (box[:, 3] - box[:, 1]) / 2
    low = np.abs(middle[:, None] - middle) < 0.5 * (high[:, None] + high)
    side = np.minimum(box[:, 2][:, None], box[:, 2]) - np.maximum(box[:, 0][:, None], box[:, 0])
    found = np.argwhere(np.triu(low & (side > 0.5), 1))
    return [(words[i].text, words[j].text) for i, j in found.tolist()]


@pytest.mark.parametrize("size", ["A4", "Letter"])
def test_every_number_is_printed_and_every_strip_is_to_scale(
    fibrillating: Result, size: str, tmp_path: Path
) -> None:
    busy = fibrillating  # whose rhythm takes many words, and a key of two lines
    # The count that was once printed as 5, and others of more digits than a narrow box shows.
    # And all that can stand on the first page: of a day that is paced for a while.
    withheld = "withheld in the paced rhythm (5,400 s of 6,542 s), told for the rest alone"
    veb = busy.summary.veb.model_copy(
        update={"trigeminy": 52, "couplets": 1234567, "per_hour": 98765.4, "withheld": withheld}
    )
    sveb = busy.summary.sveb.model_copy(update={"trigeminy": 0, "withheld": withheld})
    stretch = {"verdict": "paced", "beats": 99, "since_s": 60.0, "until_s": 3600.0}
    pacing = busy.summary.pacing.model_copy(update=stretch)
    warnings = [
        f"{what} of the signal is not as it should be, and this is said at some length, "
        "so that a line of the page is not enough"
        for what in ("half", "a third", "a quarter")
    ]
    told = busy.summary.model_copy(
        update={"veb": veb, "sveb": sveb, "warnings": warnings, "pacing": pacing}
    )
    html = page(replace(busy, summary=Summary.model_validate(told.model_dump())))
    pages, (width, height) = printed(html, size, tmp_path)
    assert round(width) == {"A4": 595, "Letter": 612}[size]
    words = [word for sheet in pages for word in sheet]

    # Every number of every table, and none cut or off the paper.
    tables = Tables()
    tables.feed(html)
    assert len(tables.rows) > 50
    wanted = Counter(n for row in tables.rows for cell in row for n in numbers(cell))
    found = Counter(n for word in words for n in numbers(word.text))
    assert not wanted - found
    assert all(word.left > 0 and word.right < width and word.bottom < height for word in words)
    text = [line for sheet in pages for line in lines(sheet)]
    assert "Trigeminy 52 0" in text
    assert any(line.startswith("Couplets 1,234,567 ") for line in text)
    for row in tables.rows:  # each short row stands on one line, whole
        if all(len(cell) < 16 for cell in row):
            whole = " ".join(" ".join(row).split())
            assert any(whole in line for line in text)  # beside a drawing, perhaps

    # What is asked first stands on the first page, whole, with the line to sign on.
    first = lines(pages[0])
    assert any(line.startswith("Read by ") for line in first)
    assert "day" not in tables.headings
    assert tables.headings[:4] == ["Recording", "Beats and rate", "Ectopic beats", "Over time"]
    assert not any(re.search("Read by", line) for sheet in pages[1:] for line in lines(sheet))
    assert lines(pages[1])[0] == "By hour"

    # Nothing stands on anything else: intervals, labels, times, cells.
    for sheet in pages:
        assert overlapping(sheet) == []
    between = [w for sheet in pages for w in sheet if re.fullmatch(r"\d{3,4}", w.text)]
    assert len(between) > 50

    # Breaks where a person would put them.
    for sheet in pages:
        assert lines(sheet)[-1] not in tables.headings
        assert not re.match("Time (Beats|Between|RR interval)", lines(sheet)[-1])
        begun = sum(word.text == "(strip" for word in sheet)
        assert begun == sum(word.text == "mm/mV" for word in sheet)  # none split in two or scaled

    # 25 mm a second; the first and last label of a strip may stand beside their ticks.
    strips = 0
    for sheet in pages:
        ticks = [w for w in sheet if re.fullmatch(r"\d:\d\d:\d\d", w.text)]
        inside = [tick for tick in ticks if tick.left > 150 and tick.right < 480]
        for one, other in pairwise(inside):
            if abs(one.top - other.top) < 1 and _seconds(other) - _seconds(one) == 1:
                strips += 1
                apart = (other.left + other.right - one.left - one.right) / 2 / POINTS_PER_MM
                assert apart == pytest.approx(25, abs=0.1)
    assert strips > 10

    # Two leads of a template are 0.8 s wide each, and 2 mm apart.
    pair = tuple(busy.summary.leads[lead].name for lead in shown_leads(busy))
    leads = [w for sheet in pages for w in sheet if w.text in pair]
    apart = [
        (other.left - one.left) / POINTS_PER_MM
        for one, other in pairwise(leads)
        if (one.text, other.text) == pair and abs(one.top - other.top) < 1
    ]
    assert len(apart) >= 3
    assert apart == [pytest.approx(22, abs=0.1)] * len(apart)


@pytest.mark.parametrize("size", ["A4", "Letter"])
def test_an_hour_of_the_full_disclosure_is_a_page(busy: Result, size: str, tmp_path: Path) -> None:
    disclose(busy, tmp_path / "all.html")
    pages, (width, height) = printed((tmp_path / "all.html").read_text(), size, tmp_path)
    assert len(pages) == 2
    for hour, sheet in enumerate(pages):
        assert all(w.left > 0 and w.right < width and w.bottom < height for w in sheet)
        times = [w for w in sheet if re.fullmatch(rf"{hour}:[0-5]\d", w.text) and w.right < 100]
        lines_ = [w for w in times if w.top > times[0].bottom] if hour else times[1:]
        minutes = sorted({w.text for w in lines_})
        assert minutes[0] == f"{hour}:00"
        assert minutes[-1] == ("0:59", "1:49")[hour]
        tops = sorted(w.top for w in lines_)
        assert np.diff(tops) == pytest.approx(27 * 0.15 * POINTS_PER_MM, abs=0.05)


def _seconds(word: Word) -> int:
    hours, minutes, seconds = map(int, word.text.split(":"))
    return 3600 * hours + 60 * minutes + seconds


def test_a_strip_that_is_scaled_to_the_page_does_not_claim_a_scale(
    busy: Result, tmp_path: Path
) -> None:
    wide = busy.summary.model_copy(update={"settings": Settings(strip_s=12)})
    html = page(replace(busy, summary=wide))
    pages, (width, _) = printed(html, "A4", tmp_path)
    text = " ".join(word.text for sheet in pages for word in sheet)
    assert "mm/mV" in html
    assert "mm/s" not in text
    assert text.count("scaled to the page: not at the usual paper speed") == text.count("(strip ")
    assert all(word.right < width for sheet in pages for word in sheet)


def test_a_list_is_not_parted_from_its_heading(busy: Result, tmp_path: Path) -> None:
    """The list of two runs had its heading on one page, and both runs on the next."""
    told = busy.summary.model_copy(update={"hours": busy.summary.hours[:1], "warnings": []})
    pages, _ = printed(page(replace(busy, summary=told)), "Letter", tmp_path)
    assert "By hour" not in [line for sheet in pages for line in lines(sheet)]
    heads = [(n, line) for n, sheet in enumerate(pages) for line in lines(sheet)]
    found = [n for n, line in heads if re.match("Time (Beats|Between|RR interval)", line)]
    assert len(found) >= 4
    kinds = ("Ventricular", "Supraventricular", "Pauses")
    titles = [n for n, line in heads if line.startswith(kinds) and ": " in line]
    assert found == titles  # no head is repeated on another page, and none without its title
