"""What every format must do: a new line in `FORMATS` and a maker of a file get these for free."""

from __future__ import annotations

import pickle
import re
from collections import Counter
from dataclasses import fields
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import recording_files as files

from ectopy.errors import EctopyError
from ectopy.recordings.formats import FORMATS
from ectopy.recordings.open import open_recording
from ectopy.recordings.recording import Recording

KINDS = sorted(files.EVERY)
SAYS_NO_RATE = {"npy"}
CUT_ANYWHERE = {"csv", "lines"}
"""Kinds whose file is whole wherever it ends: a table of text has no length of its own."""


def opened(kind: str, path: Path) -> Recording:
    return open_recording(path, fs_hz=files.FS_HZ if kind in SAYS_NO_RATE else None)


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def path(kind: str, tmp_path: Path) -> Path:
    return files.EVERY[kind](tmp_path)


def test_every_format_has_a_valid_file_that_is_told_for_it(tmp_path: Path) -> None:
    told = Counter[str]()
    for kind in KINDS:
        (tmp_path / kind).mkdir()
        file = files.EVERY[kind](tmp_path / kind)
        told[next(f.name for f in FORMATS if f.recognises(file, file.read_bytes()[:8192]))] += 1
    for entry in FORMATS:
        assert told[entry.name], f"recording_files.py makes no file that {entry.name} reads"
        assert all(re.fullmatch(r"\.[a-z0-9]+", ending) for ending in entry.extensions)


def test_name_source_and_leads_are_told(kind: str, path: Path) -> None:
    recording = opened(kind, path)
    assert recording.name == path.stem
    assert path.name in recording.source
    assert len(set(recording.leads)) == len(recording.leads) == 2
    assert not recording.simulated
    assert recording.fs_hz == files.FS_HZ


def test_millivolts_are_millivolts(kind: str, path: Path) -> None:
    signal = opened(kind, path).read()
    assert signal.dtype == np.float32
    # Within the error of the coarsest format, differences of eight bits.
    np.testing.assert_allclose(np.nanmax(signal, axis=1), files.millivolts().max(axis=1), atol=0.1)
    assert np.nanmin(signal) < -0.4


def test_pieces_in_any_order_are_the_whole(kind: str, path: Path) -> None:
    whole = opened(kind, path).read()
    recording = opened(kind, path)
    n = recording.n_samples
    edges = [0, 1, 7, n // 3, n // 3 + 1, n // 2, n - 1, n]
    pieces = [recording.read(a, b) for a, b in reversed([*pairwise(edges)])]
    np.testing.assert_array_equal(np.concatenate(pieces[::-1], axis=1), whole)


def test_it_pickles(kind: str, path: Path) -> None:
    recording = opened(kind, path)
    recording.read(0, 10)
    again = pickle.loads(pickle.dumps(recording))
    for field in fields(Recording):
        if field.name not in ("reader", "found_reading"):
            assert getattr(again, field.name) == getattr(recording, field.name)
    np.testing.assert_array_equal(again.read(), recording.read())
    assert again.all_notes == recording.all_notes


def test_an_empty_file_is_refused_in_one_sentence(kind: str, path: Path) -> None:
    for part in _parts(kind, path):
        raw = part.read_bytes()
        part.write_bytes(b"")
        _refused(kind, path)
        part.write_bytes(raw)
    opened(kind, path).read()  # whole again


def test_a_file_that_was_cut_is_refused_in_one_sentence_or_says_so(kind: str, path: Path) -> None:
    for part in _parts(kind, path):
        raw = part.read_bytes()
        part.write_bytes(raw[: int(0.6 * len(raw))])
        try:
            recording = opened(kind, path)
            recording.read()
        except EctopyError as error:
            _one_sentence(error, path)
        else:
            said = any("promises" in note for note in recording.all_notes)
            assert said or kind in CUT_ANYWHERE, f"{part.name} was cut and nothing says so"
        part.write_bytes(raw)


def _parts(kind: str, path: Path) -> list[Path]:
    """Give the files that a recording is read from."""
    beside = sorted(path.parent.iterdir()) if kind.startswith("wfdb") else []
    return beside or [path]


def _refused(kind: str, path: Path) -> None:
    with pytest.raises(EctopyError) as refused:
        opened(kind, path).read()
    _one_sentence(refused.value, path)


def _one_sentence(error: EctopyError, path: Path) -> None:
    said = str(error)
    assert said.startswith(f"{path.parent}/"), said
    assert said.isprintable(), said
    assert not re.search(r"[.!?] +[A-Z]", said.replace(str(path.parent), "")), said
