import numpy as np
import pytest

from ectopy.beats.conditioning.segments import segments


@pytest.mark.parametrize("n_samples", [1, 4, 5, 40])
def test_beyond_its_ends_the_lead_holds_its_level(n_samples):
    lead = np.random.default_rng(0).standard_normal(n_samples).astype(np.float32)
    starts = np.arange(-8, n_samples + 4)
    expected = lead[np.clip(starts[:, None] + np.arange(5), 0, n_samples - 1)]
    assert np.array_equal(segments(lead, starts, 5), expected)


def test_no_starts():
    assert segments(np.zeros(3, np.float32), np.zeros(0, np.int64), 5).shape == (0, 5)
