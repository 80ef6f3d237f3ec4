"""Train the R-peak network on annotated records: how the packaged weights were made.

``python -m ectopy.training.r_peak_network --records ds1 --out r-peaks-ds1.onnx`` (about half an
hour on one core). Nothing but the annotated records named is looked at: there is no early
stopping, and the steps are fixed beforehand.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ectopy.beats.aami import DS1, DS2
from ectopy.beats.conditioning.qrs_band import NOMINAL_HZ, band_pass, normalise
from ectopy.files import atomic_write
from ectopy.models import r_peaks as network

Float32 = npt.NDArray[np.float32]

TRIANGLE: Final = np.array([1, 2, 3, 2, 1], dtype=np.float32) / 3
"""Target around a beat, in steps of 10 ms: an annotation is not sharper than that."""

STRETCH: Final = 3000  # network samples (30 s) marked in one training example
BATCH: Final = 32
WARM_UP: Final = 200  # steps until the full learning rate


@dataclass(frozen=True)
class Example:
    """One record, ready to be cut: network samples in rows of leads, targets and weights."""

    band: Float32
    target: Float32
    weight: Float32
    share: float


def prepare_example(
    signal_mv: Float32, fs_hz: float, samples: npt.ArrayLike, symbols: npt.ArrayLike
) -> Example:
    """Filter a record as the detector does, and lay out what it should say.

    Parameters
    ----------
    signal_mv : ndarray of float32, shape (n_leads, n_samples)
        All leads, in mV.
    fs_hz : float
        Sampling rate.
    samples, symbols : array_like, shape (n_beats,)
        Beat annotations. Where there are none, in ventricular flutter too, the target is no beat.
    """
    second = round(fs_hz)
    band = np.stack([normalise(band_pass(lead, second)) for lead in signal_mv])
    n = band.shape[1]
    letters = np.asarray(symbols)
    at = np.round(np.asarray(samples) * (NOMINAL_HZ / second)).astype(np.int64)
    weight = np.ones(n, dtype=np.float32)
    # Rare shapes count twice, what the annotators could not read a third.
    for beats, value in ((np.isin(letters, list("VEFejaAJ")), 2.0), (letters == "Q", 0.3)):
        around = (at[beats, None] + np.arange(-20, 21)).clip(0, n - 1)
        weight[around.ravel()] = value
    ectopic = float(np.isin(letters, list("VEF")).mean()) if len(letters) else 0.0
    # Records with many ventricular beats are seen up to two and a half times as often.
    return Example(band, targets(at, n), weight, 1 + min(1.5, 2 * ectopic))


def targets(at: npt.NDArray[np.int64], n: int) -> Float32:
    """Give the triangles of beats at network samples ``at``."""
    target = np.zeros(n + 4, dtype=np.float32)
    inside = at[(at >= 0) & (at < n)]
    for step, value in enumerate(TRIANGLE):
        target[inside + step] = np.maximum(target[inside + step], value)
    return target[2 : n + 2]


def draw_stretch(example: Example, rng: np.random.Generator) -> tuple[Float32, Float32, Float32]:
    """Cut a stretch at random and augment it: lead, tempo, gain, polarity, noise, artefacts."""
    before, extra = network.lost()
    length = STRETCH + extra
    tempo = rng.uniform(0.85, 1.2) if rng.random() < 0.5 else 1.0
    span = int(np.ceil(length * tempo)) + 2
    start = int(rng.integers(0, example.band.shape[1] - span))
    cut = slice(start, start + span)
    signal = _some_lead(example.band[:, cut], rng)
    target, weight = example.target[cut], example.weight[cut]
    if tempo != 1.0:
        at = np.arange(length) * tempo
        signal = np.interp(at, np.arange(span), signal)
        weight = weight[np.round(at).astype(np.int64).clip(0, span - 1)]
        target = targets(np.round(np.flatnonzero(target >= 1) / tempo).astype(np.int64), length)
    signal = _augment(signal[:length], rng)
    seen = slice(before, before + STRETCH)
    return signal, target[seen], weight[seen]


def _some_lead(leads: Float32, rng: np.random.Generator) -> Float32:
    """Take the first lead mostly, sometimes the second, or what an electrode between would see."""
    choice = rng.random()
    if len(leads) == 1 or choice < 0.55:
        lead: Float32 = leads[0]
    elif choice < 0.7:
        lead = leads[1]
    else:
        angle = rng.uniform(0, 2 * np.pi)
        mixed = np.cos(angle) * leads[0] + np.sin(angle) * leads[1]
        lead = (mixed / max(abs(np.cos(angle)), abs(np.sin(angle)))).astype(np.float32)
    return lead


def _augment(given: npt.NDArray[Any], rng: np.random.Generator) -> Float32:
    n = len(given)
    signal = given * np.exp(rng.normal(0, 0.25)) * (1 if rng.random() < 0.6 else -1)
    if rng.random() < 0.35:  # noise, white or of muscle
        level = 0.25 * rng.random() ** 2
        noise = rng.normal(size=n)
        if rng.random() < 0.5:
            noise = np.convolve(noise, np.hanning(5) / 1.2, "same")
        signal = signal + level * noise
    if rng.random() < 0.15:  # a gain that drifts
        knots = rng.normal(0, 0.4, 6)
        signal = signal * np.exp(np.interp(np.arange(n), np.linspace(0, n, 6), knots))
    if rng.random() < 0.1:  # an electrode that moves
        start, width = int(rng.integers(0, n)), int(rng.integers(20, 150))
        hit = signal[start : start + width]
        hit += rng.normal(0, 1.5) * np.hanning(2 * width)[: len(hit)]
    bounded: Float32 = np.clip(signal, -4, 4).astype(np.float32)
    return bounded


def fit(
    examples: list[Example],
    *,
    steps: int,
    learning_rate: float,
    seed: int,
    start_from: Any = None,
    say: Callable[[str], None] = print,
) -> Any:
    """Train the network.

    Parameters
    ----------
    examples : list of Example
        The training records.
    steps : int
        Batches of `BATCH` stretches.
    learning_rate : float
        Of AdamW, reached after `WARM_UP` steps and lowered along a cosine.
    seed : int
        Of weights and stretches.
    start_from : keras.Model, optional
        Weights to start from.
    say : callable
        Told the loss now and then.

    Returns
    -------
    keras.Model
    """
    import keras
    import tensorflow as tf

    keras.utils.set_random_seed(seed)
    rng = np.random.default_rng(seed)
    model = network.build()
    if start_from is not None:
        model.set_weights(start_from.get_weights())
    share = np.array([example.share * example.band.shape[1] for example in examples])
    share /= share.sum()
    schedule = keras.optimizers.schedules.CosineDecay(
        0.0, max(1, steps - WARM_UP), warmup_target=learning_rate, warmup_steps=WARM_UP, alpha=0.01
    )
    optimizer = keras.optimizers.AdamW(schedule, weight_decay=1e-4)

    @tf.function(jit_compile=False)  # type: ignore[untyped-decorator,unused-ignore]
    def step(x: Any, y: Any, w: Any) -> Any:
        with tf.GradientTape() as tape:
            logits = tf.reshape(model(x, training=True), (BATCH, STRETCH))
            each = tf.nn.sigmoid_cross_entropy_with_logits(labels=y, logits=logits)
            loss = tf.reduce_sum(w * each) / tf.reduce_sum(y)  # per mark
        slopes = tape.gradient(loss, model.trainable_variables)
        slopes, _ = tf.clip_by_global_norm(slopes, 5.0)
        optimizer.apply(slopes, model.trainable_variables)
        return loss

    begin, losses = time.perf_counter(), []
    for number in range(1, steps + 1):
        chosen = rng.choice(len(examples), size=BATCH, p=share)
        drawn = zip(*(draw_stretch(examples[i], rng) for i in chosen), strict=True)
        x, y, w = (np.stack(part) for part in drawn)
        losses.append(float(step(x[..., None], y, w)))
        if number % 200 == 0 or number == steps:
            say(f"{number} {np.mean(losses):.4f} {time.perf_counter() - begin:.0f} s")
            losses.clear()
    return model


def read_examples(folders: Iterable[Path], names: Sequence[str] | None) -> list[Example]:
    """Prepare the annotated records of WFDB folders, all of them or those named."""
    from ectopy.beats.reference import reference_beats
    from ectopy.recordings.annotated import open_annotated
    from ectopy.recordings.annotated_folder import annotated_records

    examples = []
    for folder in folders:
        found, _ = annotated_records(folder, wanted=names)
        for path in sorted(found.values()):
            record = open_annotated(path)
            beats, recording = reference_beats(record), record.recording
            examples.append(
                prepare_example(recording.read(), recording.fs_hz, beats.samples, beats.symbols)
            )
    return examples


def main() -> None:
    """Train from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with mitdb/ and svdb/")
    parser.add_argument("--records", choices=("ds1", "ds2", "all"), default="ds1")
    parser.add_argument("--steps", type=int, default=4500)
    parser.add_argument("--learning-rate", type=float, default=3e-3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--start-from", type=Path, help=".keras file to start from")
    parser.add_argument("--out", type=Path, required=True, help=".onnx file; a .keras beside it")
    chosen = parser.parse_args()
    import keras

    folders = [chosen.data / "mitdb", *([chosen.data / "svdb"] if chosen.records == "all" else [])]
    examples = read_examples(folders, {"ds1": DS1, "ds2": DS2, "all": None}[chosen.records])
    start = keras.models.load_model(chosen.start_from) if chosen.start_from else None
    model = fit(
        examples,
        steps=chosen.steps,
        learning_rate=chosen.learning_rate,
        seed=chosen.seed,
        start_from=start,
    )
    model.save(chosen.out.with_suffix(".keras"))
    atomic_write(chosen.out, network.to_onnx(model))


if __name__ == "__main__":
    main()
