import numpy as np
import pytest

from ectopy.errors import ConfigError
from ectopy.recordings.recording import Recording, lead_called


def test_read_clips_to_the_recording(rng: np.random.Generator) -> None:
    signal = rng.normal(size=(2, 50)).astype(np.float32)
    recording = Recording.from_array(signal, 250, ("I", "II"))
    np.testing.assert_array_equal(recording.read(-5, 10), signal[:, :10])
    np.testing.assert_array_equal(recording.read(40, 99), signal[:, 40:])
    assert recording.read(60).shape == (2, 0)
    assert recording.duration_s == 0.2


@pytest.mark.parametrize("number", [np.inf, -np.inf, 1e300, 1e30, -1e9])
def test_a_number_that_cannot_be_a_voltage_is_a_missing_sample(number: float) -> None:
    given = np.array([[0.5, number, 2.0**24, np.nan]])
    read = Recording.from_array(given, 250, ("I",)).read()
    np.testing.assert_array_equal(read, np.float32([[0.5, np.nan, 2.0**24, np.nan]]))
    assert given[0, 1] == number  # what was given stays as it was


def test_lead_is_found_by_name_whatever_its_case() -> None:
    recording = Recording.from_array(np.zeros((2, 5)), 250, ("MLII", "V1"))
    assert recording.lead_index("v1") == 1
    with pytest.raises(ConfigError, match="MLII, V1"):
        recording.lead_index("V5")


def test_shape_must_fit_the_leads() -> None:
    with pytest.raises(ConfigError, match=r"\(2, 5\)"):
        Recording.from_array(np.zeros((2, 5)), 250, ("MLII",))


@pytest.mark.parametrize(
    ("name", "said"), [("II", "lead II"), ("lead 2", "lead 2"), ("Lead I", "Lead I")]
)
def test_a_sentence_says_lead_once(name: str, said: str) -> None:
    assert lead_called(name) == said
