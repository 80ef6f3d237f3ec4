"""The Python of docs/review.md drives the whole loop, against a server as users start it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from cli_server import running

from ectopy.recordings.annotations import read_annotations
from ectopy.recordings.simulation.simulate import simulate
from ectopy.study.records.corrected import find_corrected

PAGE = Path(__file__).parents[2] / "docs" / "review.md"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """Give the address of a server that runs."""
    with running(tmp_path / "store") as found:
        yield found.address
    assert found.lines == [
        f"ectopy serves {tmp_path / 'store'} on {found.address}/ (Ctrl-C stops it)",
        "only this computer can reach it, and no token is needed",
    ]


def test_the_loop_of_the_document(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    recording, _ = simulate(60, rng=np.random.default_rng(3))
    (tmp_path / "records").mkdir()
    numbers = np.rint(recording.read() * 1000).astype("<i2").T
    (tmp_path / "records" / "a.dat").write_bytes(numbers.tobytes())
    lines = [f"a 2 {recording.fs_hz:g} {recording.n_samples}"]
    lines += [f"a.dat 16 1000/mV 16 0 0 0 0 {lead}" for lead in recording.leads]
    (tmp_path / "records" / "a.hea").write_text("\n".join(lines))
    monkeypatch.chdir(tmp_path)
    code = re.search(r"^```python\n(.*?)^```\n", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    assert code is not None
    assert "http://127.0.0.1:8360" in code[1]
    names: dict[str, object] = {}
    exec(code[1].replace("http://127.0.0.1:8360", server), names)
    names["server"].close()  # type: ignore[attr-defined]
    printed = capsys.readouterr().out
    assert "2500 bins of 1 samples" in printed
    assert "undone" in printed
    assert "signed by local" in printed
    marks = read_annotations(tmp_path / "a", "ect", fs_hz=recording.fs_hz)
    assert marks.samples[np.isin(marks.symbols, list("NSVFQ"))].min() >= 500
    assert "signed by local" in (tmp_path / "a.html").read_text()
    (taught,) = find_corrected([str(tmp_path / "corrected")]).values()
    assert taught.record == "ward-3-bed-2"
    assert 0 < len(taught.stated) < taught.taught
