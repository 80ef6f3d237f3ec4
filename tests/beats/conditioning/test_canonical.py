import numpy as np
import pytest

from ectopy.beats.conditioning import canonical as module
from ectopy.beats.conditioning.canonical import BAND_HZ, BAND_TAPS, RATE_HZ, canonical, ratio


@pytest.mark.parametrize("fs_hz", [100, 128, 250, 333.33, 360, 1000, 2000])
@pytest.mark.parametrize("samples", [2, 37, 4001])
def test_the_matrices_do_what_scipy_does(
    fs_hz: float, samples: int, rng: np.random.Generator
) -> None:
    from scipy.signal import firwin, oaconvolve, resample_poly

    lead = np.cumsum(rng.normal(0, 0.05, samples)).astype(np.float32)
    step = ratio(fs_hz)
    expected = lead
    if step != 1:
        widest = max(step.numerator, step.denominator)
        taps = firwin(10 * widest + 1, 1 / widest, window=("kaiser", 5.0))
        expected = resample_poly(
            lead, step.numerator, step.denominator, window=taps, padtype="line"
        )
    padded = np.pad(expected.astype(np.float32), BAND_TAPS // 2, mode="edge")
    taps = firwin(BAND_TAPS, BAND_HZ, fs=RATE_HZ, pass_zero=False)
    expected = oaconvolve(padded, taps.astype(np.float32), mode="valid")
    given = canonical(lead, fs_hz)
    assert given.shape == (1, len(expected))
    assert np.abs(given[0] - expected).max() < 1e-5


def test_labelling_does_not_load_scipy() -> None:
    # scipy.signal takes a second to import, most of a cold start.
    assert "scipy" not in module.__dict__
    import subprocess
    import sys

    code = (
        "import sys, numpy as np\nfrom ectopy.runtime.classifier import BeatClassifier\n"
        "x = np.random.default_rng(0).normal(size=(1, 5000)).astype('f')\n"
        "BeatClassifier.load('ds1').classify(x, 250.0, np.arange(300, 4700, 200))\n"
        "assert 'scipy' not in sys.modules, 'scipy was imported'\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
