import numpy as np
import pytest

pytest.importorskip("keras")
pytest.importorskip("onnx")


def test_the_file_marks_what_the_model_marks(rng: np.random.Generator) -> None:
    import keras
    import onnxruntime

    from ectopy.models import r_peaks

    keras.utils.set_random_seed(0)
    model = r_peaks.build()
    for layer in model.layers:  # statistics that a fresh normalisation does not have
        if layer.name.startswith("norm"):
            layer.set_weights([rng.uniform(0.5, 1.5, w.shape) for w in layer.get_weights()])
    before, extra = r_peaks.lost()
    band = rng.normal(0, 1, 1200 + extra).astype(np.float32)
    logits = np.asarray(model(band[None, :, None], training=False)).ravel()
    session = onnxruntime.InferenceSession(r_peaks.to_onnx(model))
    # The file's frames begin on the input's first sample, the model's on its first full view.
    skip = before % r_peaks.STRIDE
    given = band[skip : len(band) - (-skip % r_peaks.STRIDE)]
    out = session.run(None, {"band": given[None, None, None, :]})[0]
    marks = np.moveaxis(out[:, :, 0, :], 1, 2).ravel()
    assert len(marks) == len(given)
    expected = 1 / (1 + np.exp(-logits))
    first = before - skip
    assert (
        np.abs(marks[first : first + len(logits)] - expected).max() < 1e-4
    )  # of weights far from trained ones


def test_the_detector_gives_the_network_all_it_sees() -> None:
    from ectopy.beats.detection.r_peaks import MARGIN
    from ectopy.models import r_peaks

    before, extra = r_peaks.lost()
    assert max(before, extra - before) <= MARGIN
