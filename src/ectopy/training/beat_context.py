"""Train the inter-patient beat model on sequences of beats of whole records, disturbed anew."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from ectopy.beats.canonical import RATE_HZ
from ectopy.beats.context import LENGTH, BeatInputs, from_canonical
from ectopy.classes import AAMI
from ectopy.training.disturb import Disturbance

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]


@dataclass(frozen=True)
class TrainingRecord:
    """One annotated record, ready to train on.

    Attributes
    ----------
    name : str
        Record name.
    signal : ndarray of float32, shape (2, n)
        Canonical signal of two leads.
    at : ndarray of float64, shape (n_beats,)
        Annotated R peaks on the canonical grid.
    y : ndarray of int64, shape (n_beats,)
        Classes.
    """

    name: str
    signal: Float32
    at: Float64
    y: Int64


@dataclass(frozen=True)
class ContextRecipe:
    """How the beat model is trained; chosen on DS1 and svdb (docs/results/interpatient.md).

    Attributes
    ----------
    two_sided : bool
        The whole-recording setting.
    epochs, learning_rate, weight_decay : int, float, float
        AdamW, 7 % warm-up, cosine decay, clipped at norm 1, weights averaged (EMA 0.99).
    chunk, batch : int
        Beats of a sequence, sequences of a batch.
    one_lead : float
        Share of sequences that see only one of the two leads.
    class_weights : tuple of float
        Of the loss, in the order N S V F Q.
    keep_normal : float
        Share of sequences without an S, V or F beat that are kept, drawn each epoch.
    feature_noise : float
        Standard deviation of noise added to rhythm features, in their own deviations.
    disturbance : Disturbance
        Augmentation of the records.
    """

    two_sided: bool = False
    epochs: int = 14
    learning_rate: float = 2e-3
    weight_decay: float = 2e-3
    chunk: int = 96
    batch: int = 8
    one_lead: float = 0.5
    class_weights: tuple[float, ...] = (1.0, 4.0, 2.0, 1.0, 0.3)
    keep_normal: float = 0.4
    feature_noise: float = 0.02
    disturbance: Disturbance = field(default_factory=Disturbance)

    def told(self) -> dict[str, Any]:
        """Give every setting, ready for JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Trained:
    """The two halves of a trained model."""

    encoder: Any
    sequence: Any


def fit(
    records: Sequence[TrainingRecord],
    recipe: ContextRecipe,
    seed: int,
    *,
    observer: Callable[[int, float], None] | None = None,
) -> Trained:
    """Train on records; nothing else is looked at, and every epoch is trained to the end.

    Parameters
    ----------
    records : sequence of TrainingRecord
        Training patients.
    recipe : ContextRecipe
        Settings.
    seed : int
        Of weights, order and augmentation.
    observer : callable, optional
        Called with epoch and loss after each epoch.

    Returns
    -------
    Trained
    """
    import keras

    from ectopy.models import beat_context

    keras.utils.set_random_seed(seed)
    rng = np.random.default_rng(seed)
    plain = [from_canonical(r.signal, r.at, two_sided=recipe.two_sided) for r in records]
    leads = np.concatenate([p.leads for p in plain])
    rhythm = np.concatenate([p.rhythm for p in plain])
    spread = rhythm.std(axis=0) + 1e-3
    encoder = beat_context.encoder(LENGTH, leads.mean(axis=(0, 1)), leads.std(axis=(0, 1)) + 1e-3)
    sequence = beat_context.sequence(
        2 * encoder.output_shape[-1], rhythm.mean(axis=0), spread, len(AAMI),
        two_sided=recipe.two_sided,
    )  # fmt: skip
    del plain
    model = _join(encoder, sequence, leads.shape[-1], rhythm.shape[-1])
    optimizer = None
    for epoch in range(recipe.epochs):
        X, y, weight = _epoch(records, recipe, spread, rng)
        if optimizer is None:  # the first epoch tells how many steps there are
            optimizer = _optimizer(recipe, -(-len(y) // recipe.batch) * recipe.epochs)
            model.compile(
                optimizer,
                keras.losses.CategoricalCrossentropy(from_logits=True),
                weighted_metrics=[],
                jit_compile=False,
            )
        told = model.fit(X, y, sample_weight=weight, batch_size=recipe.batch, epochs=1, verbose=0)
        if observer is not None:
            observer(epoch + 1, float(told.history["loss"][-1]))
    assert optimizer is not None
    optimizer.finalize_variable_values(model.trainable_variables)
    return Trained(encoder, sequence)


def predict(trained: Trained, given: BeatInputs, use: Sequence[int] = (1, 1)) -> Float32:
    """Logits of one record, shape (n_beats, 5); ``use`` tells the leads to see."""
    from ectopy.runtime.networks import pool_leads

    n, n_leads = given.beats.shape[:2]
    embedded = trained.encoder.predict_on_batch(
        [
            given.beats.reshape(n * n_leads, LENGTH, -1),
            given.leads.reshape(n * n_leads, -1),
        ]
    ).reshape(n, n_leads, -1)
    seen = embedded[:, np.asarray(use[:n_leads], dtype=bool)]
    logits = trained.sequence.predict_on_batch([pool_leads(seen)[None], given.rhythm[None]])
    return np.asarray(logits[0], dtype=np.float32)


def _optimizer(recipe: ContextRecipe, steps: int) -> Any:
    import keras

    warmup = max(1, steps // 15)
    schedule = keras.optimizers.schedules.CosineDecay(
        recipe.learning_rate * 0.05,
        steps - warmup,
        warmup_target=recipe.learning_rate,
        warmup_steps=warmup,
        alpha=0.01,
    )
    return keras.optimizers.AdamW(
        schedule,
        weight_decay=recipe.weight_decay,
        use_ema=True,
        ema_momentum=0.99,
        clipnorm=1.0,
    )


def _join(encoder: Any, sequence: Any, n_lead: int, n_rhythm: int) -> Any:
    """Both halves as one model over sequences, with a mask of the leads to see."""
    import keras
    from keras import layers, ops

    width = encoder.output_shape[-1]
    beats = keras.Input((None, 2, LENGTH, 2))
    features = keras.Input((None, 2, n_lead))
    rhythm = keras.Input((None, n_rhythm))
    use = keras.Input((2,))

    class Pool(layers.Layer):  # type: ignore[misc]
        """Encode each lead, then mean and maximum over those in use."""

        def __init__(self) -> None:
            super().__init__()
            self.encoder = encoder

        def call(self, beats: Any, features: Any, use: Any, training: Any = None) -> Any:
            flat = [ops.reshape(beats, (-1, LENGTH, 2)), ops.reshape(features, (-1, n_lead))]
            shape = (ops.shape(beats)[0], ops.shape(beats)[1], 2, width)
            embedded = ops.reshape(self.encoder(flat, training=training), shape)
            share = use[:, None, :, None]
            mean = ops.sum(embedded * share, 2) / ops.maximum(ops.sum(share, 2), 1e-6)
            return ops.concatenate([mean, ops.max(embedded * share, 2)], -1)

    pooled = Pool()(beats, features, use)
    return keras.Model([beats, features, rhythm, use], sequence([pooled, rhythm]))


def _epoch(
    records: Sequence[TrainingRecord],
    recipe: ContextRecipe,
    spread: Float32,
    rng: np.random.Generator,
) -> tuple[list[Float32], Float32, Float32]:
    """Disturb every record and cut it into sequences."""
    parts: list[list[Any]] = [[], [], [], []]
    for record in records:
        signal, at, y = recipe.disturbance.apply(record.signal, record.at, record.y, rng)
        given = from_canonical(signal, at, two_sided=recipe.two_sided)
        noise = rng.standard_normal(given.rhythm.shape, dtype=np.float32)
        told = given.rhythm + recipe.feature_noise * spread * noise
        offset = int(rng.integers(recipe.chunk))
        count = (len(y) - offset) // recipe.chunk
        own = slice(offset, offset + count * recipe.chunk)
        rows = y[own].reshape(count, recipe.chunk)
        ectopic = ((rows >= 1) & (rows <= 3)).any(axis=1)
        kept = rng.random(count) < np.where(ectopic, 1.0, recipe.keep_normal)
        arrays: list[npt.NDArray[Any]] = [given.beats, given.leads, told, y]
        for part, values in zip(parts, arrays, strict=True):
            part.append(values[own].reshape(count, recipe.chunk, *values.shape[1:])[kept])
    beats, leads, rhythm, classes = (np.concatenate(part) for part in parts)
    use = np.ones((len(beats), 2), np.float32)
    draw = rng.random(len(beats))
    use[draw < recipe.one_lead / 2, 0] = 0
    use[draw > 1 - recipe.one_lead / 2, 1] = 0
    weight = np.asarray(recipe.class_weights, np.float32)[classes]
    return (
        [beats, leads, rhythm.astype(np.float32), use],
        np.eye(5, dtype=np.float32)[classes],
        weight,
    )


__all__ = ["RATE_HZ", "ContextRecipe", "Trained", "TrainingRecord", "fit", "predict"]
