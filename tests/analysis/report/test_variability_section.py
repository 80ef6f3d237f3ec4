"""The page says of what the variability is: of 24 hours only where there are enough of them."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from ectopy.analysis.report.page import page
from ectopy.analysis.result import Result
from ectopy.analysis.settings import Settings
from ectopy.analysis.summary.model import Spectrum, VariabilityOf


def shown(busy: Result, hours: float, nn_hours: float, **more: object) -> str:
    """Give the section of a recording of so many hours, so many of them in NN intervals."""
    told = busy.summary.variability.model_copy(update={"nn_hours": nn_hours, "hints": [], **more})
    update = {"variability": told, "settings": Settings(strips=0, night_begins_h=22.5)}
    summary = busy.summary.model_copy(update=update)
    text = page(replace(busy, summary=summary, n_samples=round(3600 * hours * busy.fs_hz)))
    begin = text.index("Heart rate variability</h2>")
    return text[begin : text.index("</section>", begin)]


@pytest.mark.parametrize(
    ("hours", "nn_hours", "title"),
    [
        (24.0, 18.0, "24 h"),
        (24.0, 17.9, "Whole recording"),
        (25.5, 25.0, "24 h"),
        (48.0, 40.0, "Whole recording"),
    ],
)
def test_24_hours_are_said_only_where_they_are(
    busy: Result, hours: float, nn_hours: float, title: str
) -> None:
    heads = re.findall('<th scope="col">(.*?)</th>', shown(busy, hours, nn_hours))
    assert heads == ["Of NN intervals", title]


def test_day_and_night_stand_beside_the_whole_with_their_hours_and_hints(busy: Result) -> None:
    told = busy.summary.variability
    power = Spectrum(parts=3, vlf_ms2=100.4, lf_ms2=50.0, hf_ms2=25.0, lf_hf=2.0)
    part = VariabilityOf.model_validate(
        told.model_dump(include=set(VariabilityOf.model_fields)) | {"spectrum": power}
    )
    night = part.model_copy(update={"sdnn_ms": 77.7})
    text = shown(busy, 24, 20, day=part, night=night, hints=["it is paced"], ulf_ms2=4321.0)
    assert '<th scope="col">Day</th><th scope="col">Night</th>' in text
    assert "from 22:30 to 07:00" in text
    assert "To be read with care: it is paced." in text
    rows = dict(re.findall(r'<th scope="row">(.*?)</th>(.*?)</tr>', text))
    cells = {name: re.findall("<td>(.*?)</td>", row) for name, row in rows.items()}
    assert cells["SDNN"][2] == "77.7&nbsp;ms"
    assert cells["ULF <small>(to 0.003 Hz, of a day)</small>"] == ["4,321&nbsp;ms²", "–", "–"]
    assert cells["LF/HF"][1:] == ["2.00", "2.00"]


def test_too_few_intervals_have_no_section(busy: Result) -> None:
    none = busy.summary.variability.model_copy(update={"sdnn_ms": None})
    summary = busy.summary.model_copy(update={"variability": none})
    assert "Heart rate variability" not in page(replace(busy, summary=summary))
