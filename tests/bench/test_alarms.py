from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from ectopy.beats.detection.ventricular_fibrillation import VentricularFibrillation
from ectopy.bench.alarms import count_alarms, table
from ectopy.cli import app
from ectopy.errors import DataNotFoundError
from ectopy.training.ventricular_fibrillation.records import LEARNT_NOISE_S, mixed, paths, seen


def test_a_missing_database_is_said(tmp_path: Path) -> None:
    with pytest.raises(DataNotFoundError, match="no record of cudb"):
        count_alarms(tmp_path, ["cudb"])
    told = CliRunner().invoke(app, ["bench", "alarms", str(tmp_path), "--set", "ds1"])
    assert told.exit_code != 0


@pytest.mark.data
def test_episodes_delays_and_other_alarms_are_told_by_record(
    data_dir: Path, tmp_path: Path
) -> None:
    (tmp_path / "cudb").mkdir()
    for name in ("cu05", "cu07", "cu18"):
        for ending in ("hea", "atr", "dat"):
            file = f"{name}.{ending}"
            (tmp_path / "cudb" / file).write_bytes((data_dir / "cudb" / file).read_bytes())
    (found,) = count_alarms(tmp_path, ["cudb"], noise=False)
    assert found.records == 3
    # 509 s a record, less 88, 327 and 27 s of marked episodes.
    assert found.hours == pytest.approx((3 * 508.9 - 87.6 - 326.9 - 26.8) / 3600, abs=0.001)
    by_record = {episode.record: episode for episode in found.episodes}
    assert by_record["cu18"].in_time
    assert not by_record["cu07"].in_time  # an organised tachycardia for its first two minutes
    assert {record for record, _ in found.other} <= {"cu05"}
    told = table([found])
    assert f"| cu18 | 1 | 1 | {by_record['cu18'].delay_s:.1f} |  |" in told
    assert "| **all** | 3 | 2 |" in told
    runner = CliRunner().invoke(app, ["bench", "alarms", str(tmp_path), "--set", "cudb"])
    assert runner.stdout.strip() == told
    # Who never alarms misses all, and is never wrong.
    deaf = VentricularFibrillation(vf_probability=0.9999)
    (nothing,) = count_alarms(tmp_path, ["cudb"], settings=deaf, noise=False)
    assert nothing.other == []
    assert not any(episode.in_time for episode in nothing.episodes)


@pytest.mark.data
def test_noise_is_added_at_the_ratio_that_is_told(data_dir: Path) -> None:
    records = mixed(data_dir)
    loud = [next(records) for _ in range(3)]  # em at +6, 0 and -6 dB
    assert [one.of for one in loud] == ["ds1 + em +6 dB", "ds1 + em +0 dB", "ds1 + em -6 dB"]
    assert loud[0].noisy[:300].sum() == 0
    assert loud[0].noisy[300:420].all()
    assert not loud[0].noisy[420:540].any()
    clean = next(one for one in seen(data_dir, "ds1") if one.name == loud[0].name)
    sizes = []
    for one in loud:
        added = (one.bands[0] - clean.bands[0]).reshape(-1, 100)
        sizes.append(np.sqrt((added[one.noisy] ** 2).mean()))
        assert np.abs(added[:299]).max() < 1e-4
    np.testing.assert_allclose(np.divide(sizes[1:], sizes[:-1]), 10**0.3, rtol=1e-3)
    assert loud[0].hours == pytest.approx(loud[0].noisy[LEARNT_NOISE_S:].sum() / 3600)


@pytest.mark.data
def test_no_record_of_the_test_set_is_learnt_from(data_dir: Path) -> None:
    names = {path.stem for path in paths(data_dir, "ds1")}
    assert len(names) == 22
    assert not names & {path.stem for path in paths(data_dir, "ds2")}
