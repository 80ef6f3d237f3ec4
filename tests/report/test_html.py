from __future__ import annotations

import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest

from ectopy.errors import DataFormatError, DataNotFoundError
from ectopy.report import card
from ectopy.report.figures import registry
from ectopy.report.html import render
from ectopy.report.outputs import write_study_outputs
from ectopy.report.results import Results
from ectopy.report.schema import Certain, Ec57Class, Ec57Row, Estimate, OneRecord, RunFiles

Run = Callable[..., Path]


class Addresses(HTMLParser):
    """Collect tags and everything they would load."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.loads: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.loads += [value or "" for key, value in attrs if key in ("src", "href", "srcset")]


def test_report_is_one_file_that_needs_nothing_else(
    make_run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "DPI", 60)  # PNG files of full width are another test's
    written = write_study_outputs(make_run(simulated=True))
    report = next(path for path in written if path.name == "report.html")
    text = report.read_text(encoding="utf-8")
    page = Addresses()
    page.feed(text)
    assert "script" not in page.tags
    assert "link" not in page.tags
    assert len(page.loads) == page.tags.count("img") == 15
    assert all(address.startswith("data:image/svg+xml;base64,") for address in page.loads)
    assert "@import" not in text
    assert report.stat().st_size < 3_000_000
    assert "SIMULATED data" in text
    assert {path.name for path in written} >= {"model_card.md", "Figure_06_Confusion_Matrix.png"}


def test_report_says_what_was_found_and_what_it_cannot_show(make_run: Run) -> None:
    results = Results.load(make_run())
    text = render("report.html", results)
    assert "SIMULATED" not in text
    assert "Nothing here is true of anyone." in text
    assert "Beats of the same patients are in training and in test" in text
    assert f"{results.test.accuracy.mean:.4f}" in text
    assert "made &lt;up&gt;" in text
    assert "ab" * 32 in text
    published = re.search(r"<tr><td>A paper.*?</tr>", text, re.DOTALL)
    assert published is not None
    assert re.findall(r"0\.\d{4}", published[0]) == ["0.9867", "0.9241"]
    assert "0.9123" in text
    assert "did not pass" in text
    assert re.findall(r"<td>(passed|failed|)</td></tr>", text) == [
        "failed", "passed", "passed", "passed", "",
    ]  # fmt: skip
    absent = re.search(r"<tr><td>Q: .*?</tr>", text, re.DOTALL)
    assert absent is not None
    assert not re.search(r"\d\.\d", absent[0])  # no figure for a class without test beats


def test_one_seed_does_not_pretend_to_a_spread(make_run: Run) -> None:
    text = render("report.html", Results.load(make_run(seeds=1)))
    assert "±" not in text.split("Beside other figures")[0]
    assert "One seed was run" in text


def test_model_card_is_markdown_with_limits(make_run: Run) -> None:
    results = Results.load(make_run())
    path = card.write(results)
    text = path.read_text(encoding="utf-8")
    for heading in ("## Intended use", "## Data", "## Limits", "## Origin"):
        assert heading in text
    assert "Not a medical device" in text
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    assert all(line.endswith("|") for line in rows)
    assert "| test | 300 | 40 | 60 | 5 | 0 |" in rows
    assert "<" not in text.replace("made <up>", "")


def test_what_is_not_a_run_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataNotFoundError, match=r"metrics\.json"):
        write_study_outputs(tmp_path)
    (tmp_path / "metrics.json").write_text("{")
    with pytest.raises(DataFormatError, match="not JSON"):
        write_study_outputs(tmp_path)
    (tmp_path / "metrics.json").write_text('{"study": "x"}')
    with pytest.raises(DataFormatError, match=r"metrics\.json is not what .*'kind'.*run the study"):
        write_study_outputs(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["metrics.json"]


def test_ec57_tables_are_told_with_spread_and_role(make_run: Run) -> None:
    figure = Estimate(mean=0.785, sd=0.007, values=(0.78, 0.79), interval=(0.47, 0.91))
    found = Ec57Class(se=figure, ppv=figure, f1=figure, tp=None, fn=None, fp=None)
    row = Ec57Row(
        records="left-out ds1",
        role="left out in turn",
        setting="past",
        SVEB=found,
        VEB=found.model_copy(update={"f1": None}),
        accuracy=figure,
        macro_f1_nsv=figure,
        beats=None,
        by_record={"203": OneRecord(SVEB_f1=None, VEB_f1=figure, accuracy=figure)},
    )
    share = Estimate(mean=0.876, sd=0.001, values=(0.875, 0.877))
    sure = Certain(share=share, SVEB=found, VEB=found, accuracy=figure)
    other = row.model_copy(update={"condition": "gain 10", "certain": sure})
    results = Results.load(make_run(ec57=(row, other)))
    page, text = render("report.html", results), render("model_card.md", results)
    assert page.count("0.785 ± 0.007<small>0.47 to 0.91</small>") == 2  # F1 of SVEB in two rows
    assert "left-out ds1: left out in turn" in page
    assert "reference, gain 10" in page
    for where in (page, text):
        assert where.count("0.876 ± 0.001") == 1, "the share of certain beats, where it is told"
    assert "<td>203</td>" in page
    (told,) = (line for line in text.splitlines() if "reference |" in line)
    assert told.count("0.785 ± 0.007") == 6  # and accuracy with four places, no F1 of VEB
    assert "| – |" in told
    assert "* left-out ds1: left out in turn." in text
    assert "Ectopic beats by EC57" not in render("report.html", Results.load(make_run()))


def test_the_published_schema_is_the_one_in_use() -> None:
    published = Path(__file__).parents[2] / "docs" / "run.schema.json"
    told = json.loads(published.read_text(encoding="utf-8"))
    assert told == RunFiles.model_json_schema(mode="serialization")
