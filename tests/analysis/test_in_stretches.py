"""A recording looked at in stretches and told together is what it is in one go."""

import time
from dataclasses import fields

import numpy as np
import pytest

import ectopy
from ectopy.analysis import Looked, look, tell
from ectopy.analysis.tables import Table
from ectopy.errors import ConfigError, DataFormatError, DataNotFoundError
from ectopy.recordings.recording import Recording


@pytest.fixture(autouse=True)
def _short_pieces(monkeypatch) -> None:
    monkeypatch.setattr("ectopy.analysis.plan.PIECE_SAMPLES", 150_000)


@pytest.fixture(scope="module")
def recording() -> Recording:
    made, _ = ectopy.simulate(1800, rng=np.random.default_rng(4))
    signal = made.read()
    signal[:, 190_000:280_000] = np.nan  # a gap that a stretch begins in
    return ectopy.Request(signal, fs_hz=made.fs_hz, leads=made.leads).open()


def _same(one: ectopy.Result, two: ectopy.Result) -> None:
    assert one.summary == two.summary
    assert one.background.kept() == two.background.kept()
    assert one.signal_sha256 == two.signal_sha256
    for name in ("beats", "rhythm", "events", "hourly"):
        first, second = getattr(one, name), getattr(two, name)
        assert isinstance(first, Table)
        assert first.to_arrow().equals(second.to_arrow()), name
    for field in fields(one.quality):
        assert np.array_equal(getattr(one.quality, field.name), getattr(two.quality, field.name))
    assert np.array_equal(one.beats.outlines, two.beats.outlines)


@pytest.mark.parametrize("setting", ["past", "whole"])
@pytest.mark.parametrize("of", [3, 40])
def test_stretches_give_the_same_result(recording, setting, of, tmp_path) -> None:
    looked = [look(recording, part, of, setting=setting) for part in range(of)]
    loaded = [Looked.load(each.save(tmp_path / f"{each.part}")) for each in looked]
    _same(tell(recording, loaded, setting=setting), ectopy.analyze(recording, setting=setting))


def test_stretches_are_all_of_one_recording(recording) -> None:
    looked = [look(recording, part, 2, setting="past") for part in range(2)]
    with pytest.raises(ConfigError, match="not all stretches"):
        tell(recording, looked[:1], setting="past")
    with pytest.raises(ConfigError, match="not all stretches"):
        tell(recording, looked[::-1], setting="past")
    other, _ = ectopy.simulate(60, rng=np.random.default_rng(0))
    with pytest.raises(ConfigError, match="are not those of simulated"):
        tell(other, looked, setting="past")
    with pytest.raises(ConfigError, match="part is 2 of 2, expected one from 0 to 1"):
        look(recording, 2, 2)


def test_the_same_is_written_byte_for_byte_at_another_time(
    recording, tmp_path, monkeypatch
) -> None:
    seen = look(recording, 0, 8, setting="past")
    then = time.localtime(86_400 * 10_000)
    first = seen.save(tmp_path / "first").read_bytes()
    monkeypatch.setattr("time.localtime", lambda *_: then)
    assert seen.save(tmp_path / "second").read_bytes() == first


def test_a_damaged_file_is_told(recording, tmp_path) -> None:
    path = look(recording, 0, 8, setting="past").save(tmp_path / "one")
    content = path.read_bytes()
    with pytest.raises(DataNotFoundError, match="not found"):
        Looked.load(tmp_path / "none")
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(DataFormatError, match="damaged"):
        Looked.load(path)
