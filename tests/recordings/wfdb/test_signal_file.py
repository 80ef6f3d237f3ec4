"""Signal files against the package `wfdb`: any bytes, any layout, any frames of them."""

from __future__ import annotations

import tempfile
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import wfdb
from hypothesis import given, settings
from hypothesis import strategies as st

from ectopy.errors import DataFormatError
from ectopy.recordings.formats.wfdb_header import read_header, signal_files
from ectopy.recordings.open import open_recording
from ectopy.recordings.wfdb.encodings import ENCODINGS, missing_mark
from ectopy.recordings.wfdb.signal_file import SignalFile

WRITTEN = ("16", "24", "32", "80", "212", "508", "516", "524")  # by wfdb


@st.composite
def layouts(draw: st.DrawFn) -> dict[str, object]:
    """One signal file of random bytes: format, offset, and per signal samples a frame and skew."""
    encoding = draw(st.sampled_from(["16", "24", "32", "80", "160", "212", "310", "311"]))
    n = draw(st.integers(1, 4))
    several = draw(st.booleans())
    # wfdb marks too few samples as missing where a shifted signal has several in a frame, and does
    # not read signals that are shifted by different amounts.
    shift = draw(st.integers(1, 5))
    per_frame = draw(st.lists(st.integers(1, 4), min_size=n, max_size=n)) if several else [1] * n
    skew = (
        [0] * n if several else draw(st.lists(st.sampled_from([0, shift]), min_size=n, max_size=n))
    )
    n_frames = draw(st.integers(6, 60))
    begin = draw(st.integers(0, n_frames - 1))
    return {
        "encoding": encoding, "per_frame": per_frame, "skew": skew, "n_frames": n_frames,
        "offset": draw(st.integers(0, 9)), "begin": begin,
        "end": draw(st.integers(begin + 1, n_frames)), "seed": draw(st.integers(0, 999)),
    }  # fmt: skip


def write(folder: Path, layout: dict) -> Path:
    encoding = ENCODINGS[layout["encoding"]]
    samples = layout["n_frames"] * sum(layout["per_frame"])
    raw = np.random.default_rng(layout["seed"]).integers(
        0, 256, -(-samples // encoding.samples) * encoding.block, dtype=np.uint8
    )
    if layout["encoding"] == "311":
        raw[3::4] &= 0x3F  # the two bits that the format leaves free
    (folder / "x.dat").write_bytes(b"\xaa" * layout["offset"] + raw.tobytes())
    lines = [
        f"x.dat {layout['encoding']}x{n}:{skew}+{layout['offset']} 200/mV 16 0 0 0 0 lead{i}"
        for i, (n, skew) in enumerate(zip(layout["per_frame"], layout["skew"], strict=True))
    ]
    (folder / "x.hea").write_text(f"x {len(lines)} 250 {layout['n_frames']}\n" + "\n".join(lines))
    return folder / "x.hea"


@given(layouts())
@settings(max_examples=120, deadline=None)
def test_any_bytes_read_as_wfdb_reads_them(layout: dict) -> None:
    with tempfile.TemporaryDirectory() as name:
        path = write(Path(name), layout)
        begin, end = layout["begin"], layout["end"]
        theirs = wfdb.rdrecord(
            str(path.with_suffix("")), sampfrom=begin, sampto=end, physical=False,
            smooth_frames=False, return_res=32,
        ).e_d_signal  # fmt: skip
        n_frames, ((file, members),) = signal_files(read_header(path), [])
        ours = file.read(begin, end, range(len(members)))
        backwards = file.read(begin, end, list(range(len(members)))[::-1])[::-1]
    assert n_frames == layout["n_frames"]
    for mine, turned, other in zip(ours, backwards, theirs, strict=True):
        np.testing.assert_array_equal(mine, other)
        np.testing.assert_array_equal(turned, other)


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_what_wfdb_writes_comes_back(data: st.DataObject) -> None:
    encoding = data.draw(st.sampled_from(WRITTEN))
    n = data.draw(st.integers(1, 3))
    length = data.draw(st.integers(5, 90))
    top = -missing_mark(encoding) - 1
    rng = np.random.default_rng(data.draw(st.integers(0, 999)))
    stored = rng.integers(-top, top, (length, n), endpoint=True)
    lost = rng.random(stored.shape) < 0.1
    stored[lost] = -top - 1
    gains = data.draw(st.lists(st.floats(30, 5000), min_size=n, max_size=n))
    zeros = data.draw(st.lists(st.integers(-500, 500), min_size=n, max_size=n))
    with tempfile.TemporaryDirectory() as name:
        wfdb.wrsamp(
            "w", fs=250, units=["mV"] * n, sig_name=[f"V{i + 1}" for i in range(n)],
            d_signal=stored, fmt=[encoding] * n, adc_gain=gains, baseline=zeros, write_dir=name,
        )  # fmt: skip
        recording = open_recording(Path(name) / "w")
        ours = recording.read()
        theirs = wfdb.rdrecord(f"{name}/w").p_signal.T
        assert recording.all_notes == ()  # the checksums, too, are those of wfdb
    np.testing.assert_array_equal(np.isnan(ours), lost.T)
    np.testing.assert_allclose(ours, theirs, rtol=3e-7, atol=1e-7 * (top + 500) / min(gains))


def test_shifted_signals_of_several_samples_a_frame_end_missing(tmp_path: Path) -> None:
    layout = {
        "encoding": "16", "per_frame": [2, 1], "skew": [3, 0], "n_frames": 10, "offset": 0,
        "seed": 1,
    }  # fmt: skip
    path = write(tmp_path, layout)
    frames = np.fromfile(tmp_path / "x.dat", "<i2").reshape(10, 3)
    _, ((file, _),) = signal_files(read_header(path), [])
    first, second = file.read(0, 10, (0, 1))
    np.testing.assert_array_equal(first[:14], frames[3:, :2].ravel())
    assert (first[14:] == -32768).all()
    np.testing.assert_array_equal(second, frames[:, 2])
    assert np.isnan(open_recording(path).read()[0]).sum() == 6
    only_missing = file.read(8, 10, (0,))[0]
    assert (only_missing == -32768).all()


def test_swapped_and_offset_formats_are_those_numbers(tmp_path: Path) -> None:
    numbers = np.array([[-32768, 5], [-1, 0], [32767, -300]])
    for encoding, stored in (
        ("61", numbers.astype(">i2")),
        ("160", (numbers + 32768).astype("<u2")),
        ("16", numbers.astype("<i2")),
    ):
        (tmp_path / "x.dat").write_bytes(stored.tobytes())
        (tmp_path / "x.hea").write_text(f"x 2 250 3\nx.dat {encoding} 200\nx.dat {encoding} 200\n")
        _, ((file, _),) = signal_files(read_header(tmp_path / "x.hea"), [])
        np.testing.assert_array_equal(np.array(file.read(0, 3, (0, 1))).T, numbers)


def differences(folder: Path, n: int) -> tuple[Path, np.ndarray]:
    """Format 8, two samples a frame of one signal and one of the other."""
    steps = np.random.default_rng(2).integers(-120, 120, (n, 3))
    (folder / "x.dat").write_bytes(steps.astype("<i1").tobytes())
    (folder / "x.hea").write_text(f"x 2 125 {n}\nx.dat 8x2 200 8 7 40 0 0 II\nx.dat 8 200 8 -9\n")
    return folder / "x.hea", steps


def test_differences_add_up_wherever_reading_begins(tmp_path: Path) -> None:
    path, steps = differences(tmp_path, 40_000)
    _, ((file, _),) = signal_files(read_header(path), [])
    # The first value is the header's; where it gives none, the zero of the converter.
    wanted = np.cumsum(steps[:, :2]) + 40, np.cumsum(steps[:, 2]) - 9
    for begin, end in (
        (0, 40_000),
        (0, 1),
        (16_383, 16_385),
        (16_384, 16_384 * 2 + 1),
        (39_999, 40_000),
    ):
        fast, slow = file.read(begin, end, (0, 1))
        np.testing.assert_array_equal(fast, wanted[0][2 * begin : 2 * end])
        np.testing.assert_array_equal(slow, wanted[1][begin:end])
    theirs = wfdb.rdrecord(str(path.with_suffix("")), physical=False, smooth_frames=False)
    np.testing.assert_array_equal(theirs.e_d_signal[0], wanted[0])


def test_signals_of_two_files_may_be_named_in_turn(tmp_path: Path) -> None:
    a, b = np.arange(20).reshape(10, 2), 100 + np.arange(10)
    (tmp_path / "a.dat").write_bytes(a.astype("<i2").tobytes())
    (tmp_path / "b.dat").write_bytes(b.astype("<i4").view("u1").reshape(-1, 4)[:, :3].tobytes())
    (tmp_path / "x.hea").write_text(
        "x 3 250 10\na.dat 16 5 16 0 0 90 0 I\nb.dat 24 5 16 0 0 1045 0 II\n"
        "a.dat 16 5 16 0 0 100 0 V1\n"
    )
    recording = open_recording(tmp_path / "x")
    assert recording.leads == ("I", "II", "V1")
    np.testing.assert_allclose(
        recording.read(2, 9), np.array([a[2:9, 0], b[2:9], a[2:9, 1]]) / 5, rtol=1e-6
    )
    recording.read()
    assert recording.all_notes == ()


def test_a_file_cut_off_after_opening_is_told(tmp_path: Path) -> None:
    layout = {
        "encoding": "212", "per_frame": [1, 1], "skew": [0, 0], "n_frames": 50, "offset": 0,
        "seed": 1,
    }  # fmt: skip
    recording = open_recording(write(tmp_path, layout))
    with (tmp_path / "x.dat").open("r+b") as stream:
        stream.truncate(60)
    with pytest.raises(DataFormatError, match=r"x\.dat ends before frame 50"):
        recording.read()


@pytest.mark.parametrize("encoding", ["8", "16", "212"])
def test_long_files_are_read_in_pieces(tmp_path: Path, encoding: str) -> None:
    n_bytes = 48 << 20
    with (tmp_path / "x.dat").open("wb") as stream:
        stream.truncate(n_bytes)
    (tmp_path / "x.hea").write_text(f"x 1 250\nx.dat {encoding} 200/mV 12 0 5 0 0 II\n")
    tracemalloc.start()
    recording = open_recording(tmp_path / "x")
    last = recording.read(recording.n_samples - 7)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    np.testing.assert_allclose(last, 5 / 200 if encoding == "8" else 0)
    assert recording.n_samples == n_bytes * {"8": 2, "16": 1, "212": 4 / 3}[encoding] / 2
    assert most < 8 << 20


@pytest.mark.parametrize(("encoding", "block"), [("212", 3), ("310", 4), ("311", 4), ("24", 3)])
def test_a_block_cut_off_gives_its_whole_samples(encoding: str, block: int) -> None:
    whole = np.random.default_rng(3).integers(0, 256, 8 * block, dtype=np.uint8)
    known = ENCODINGS[encoding]
    assert known.held(len(whole)) == 8 * known.samples
    for cut in range(block):
        n = known.held(len(whole) - cut)
        padded = np.append(whole[: len(whole) - cut], np.full(cut, 0xFF, np.uint8))
        np.testing.assert_array_equal(known.decode(padded)[:n], known.decode(whole)[:n])
        if n < 8 * known.samples:  # the next one is indeed not all there
            other = np.append(whole[: len(whole) - cut], np.zeros(cut, np.uint8))
            assert known.decode(padded)[n] != known.decode(other)[n]


@pytest.mark.data
@pytest.mark.parametrize(
    "name",
    ["mitdb/102", "mitdb/114", "svdb/812", "cudb/cu01", "afpdb-ltdb/n43", "ludb/17",
     "cinc2017/A00007", "nstdb-noise/em"],
)  # fmt: skip
def test_real_records_are_bit_by_bit_what_wfdb_gives(name: str, data_dir: Path) -> None:
    path = data_dir / name
    if not path.with_suffix(".hea").is_file():
        path = sorted(path.parent.glob("*.hea"))[0].with_suffix("")
    theirs = wfdb.rdrecord(str(path), physical=False, return_res=32)
    recording = open_recording(path)
    for row, i in zip(recording.read(), range(theirs.n_sig), strict=True):
        stored = theirs.d_signal[:, i]
        wanted = (stored.astype(np.float32) - np.float32(theirs.baseline[i])) * np.float32(
            1 / theirs.adc_gain[i]
        )
        wanted[stored == missing_mark(theirs.fmt[i])] = np.nan
        np.testing.assert_array_equal(row, wanted)
    assert isinstance(signal_files(read_header(path.with_suffix(".hea")), [])[1][0][0], SignalFile)
