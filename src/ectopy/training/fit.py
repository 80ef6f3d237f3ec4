"""The fit loop: Keras does the gradient steps; order, balance, averages and resuming are ours."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ectopy.errors import ConfigError
from ectopy.models.inputs import NO_FEATURES, Features, arrange, asked, call_with
from ectopy.training import checkpoint as checkpoints
from ectopy.training.augment import augment
from ectopy.training.balance import TrainingBeats
from ectopy.training.cpu_speedups import cpu_speedups
from ectopy.training.recipe import Recipe
from ectopy.training.soft_targets import soft_targets
from ectopy.training.task import Observer, Silent, Task, Trained

Float32 = npt.NDArray[np.float32]
Int64 = npt.NDArray[np.int64]

STEPS_PER_EXECUTION = 16
"""Gradient steps handed to TensorFlow at once: 1.4 times as fast as one by one on two cores."""

_PART = 1 << 16
"""Beats made ready at a time: 49 MB of 187 samples, whatever balancing multiplies them to."""

_SETTLE = 4096  # beats that fix a mean to 2 % of its spread
_SETTLE_BATCH = 256  # a training pass keeps every layer's output: 1,024 beats would take 500 MB
_PREDICT = 1024  # beats a forward pass: large enough to fill two cores, small enough for memory


def fit(task: Task, *, checkpoint: Path | None = None, observer: Observer | None = None) -> Trained:
    """Train a model from scratch, or go on where ``checkpoint`` stands.

    Parameters
    ----------
    task : Task
        Model, recipe, beats and seed.
    checkpoint : Path, optional
        Written after each epoch. If it exists, training continues from it, to the same figures,
        bit for bit, as if it had never stopped.
    observer : Observer, optional
        Told about progress.

    Returns
    -------
    Trained
        The model holds the weights that the recipe's ``keep`` and ``ema`` ask for.

    Raises
    ------
    ConfigError
        If the recipe watches a validation part that the task does not have.
    """
    recipe = task.recipe
    watched = task.X_validation is not None and len(task.X_validation) > 0
    if not watched and (recipe.patience or recipe.keep == "best"):
        raise ConfigError(
            "patience and keep = 'best' need validation beats, and there are none; "
            "set validation above 0, or patience to none and keep to 'last'"
        )
    import keras

    watch = observer or Silent()
    rng = np.random.default_rng([task.seed, 1])  # 1: apart from the generator of splits
    model = task.build()
    beats = TrainingBeats(
        task.X,
        task.y,
        task.n_classes,
        features=asked(model, task.features),
        method=recipe.balance,
        strength=recipe.balance_strength,
        per_epoch=recipe.samples_per_epoch,
        copies=recipe.copies,
        batch_size=recipe.batch_size,
        rng=rng,
    )
    targets = None
    if recipe.soft_targets:
        # 3: a generator of its own, so that a resumed training has the same targets.
        rng_soft = np.random.default_rng([task.seed, 3])
        targets = soft_targets(task.X, task.y, task.n_classes, recipe.soft_targets, rng_soft)
    steps = -(-beats.per_epoch // recipe.batch_size)
    _compile(model, recipe, steps)
    state = checkpoints.State()
    if checkpoint is not None and checkpoint.exists():
        state = checkpoints.load(checkpoint)
        _assign(model.variables + model.optimizer.variables, state.variables)
        rng.bit_generator.state = state.rng

    while not _finished(state, recipe):
        begin = time.perf_counter()
        row: dict[str, Any] = {"epoch": len(state.history) + 1}
        with cpu_speedups(model, recipe.precision):
            row |= _train_epoch(model, beats, targets, recipe, rng, watch)
        if recipe.ema:
            raw = _values(model.trainable_variables)
            type(model.optimizer).finalize_variable_values(
                model.optimizer, model.trainable_variables
            )
        if recipe.settle_norm:
            _settle_norm(model, beats, np.random.default_rng([task.seed, 2]))
        row |= _validate(model, task) if watched else _UNWATCHED
        row["learning_rate"] = float(keras.ops.convert_to_numpy(model.optimizer.learning_rate))
        _keep(model, row, state, recipe)
        if recipe.ema:
            _assign(model.trainable_variables, raw)
        row["seconds"] = time.perf_counter() - begin
        state.history.append(row)
        if checkpoint is not None:
            state.variables = _values(model.variables + model.optimizer.variables)
            state.rng = dict(rng.bit_generator.state)
            checkpoints.save(checkpoint, state)
        watch.epoch(row, recipe.epochs)

    _assign(model.weights, state.kept)
    return Trained(model, state.history, beats.balanced_counts())


def predict(model: Any, X: Float32, features: Features = NO_FEATURES) -> Float32:
    """Give class probabilities (n_beats, n_classes) for beats as a `Task` has them."""
    arrays = arrange(model, X, features)
    parts = [
        model.predict_on_batch(call_with(tuple(a[start : start + _PREDICT] for a in arrays)))
        for start in range(0, len(X), _PREDICT)
    ]
    return np.concatenate(parts)


_UNWATCHED: dict[str, Any] = {"val_loss": None, "val_accuracy": None, "val_macro_f1": None}


def _compile(model: Any, recipe: Recipe, steps_per_epoch: int) -> None:
    import keras

    rate: Any = recipe.learning_rate
    if recipe.schedule == "cosine":
        total = recipe.epochs * steps_per_epoch
        warmup = round(recipe.warmup * total)
        rate = keras.optimizers.schedules.CosineDecay(
            initial_learning_rate=0.0 if warmup else recipe.learning_rate,
            decay_steps=total - warmup,
            warmup_target=recipe.learning_rate if warmup else None,
            warmup_steps=warmup,
        )
    settings: dict[str, Any] = {"learning_rate": rate, "clipnorm": recipe.clip_norm}
    if recipe.ema:
        settings |= {"use_ema": True, "ema_momentum": recipe.ema}
    optimizer = (
        keras.optimizers.AdamW(weight_decay=recipe.weight_decay, **settings)
        if recipe.optimizer == "adamw"
        else keras.optimizers.Adam(**settings)
    )
    # Keras puts the average in place of the weights whenever a fit call ends. Ours ends with every
    # part of an epoch, and training must go on from the weights, so this is done by hand.
    optimizer.finalize_variable_values = lambda variables: None
    model.compile(
        optimizer=optimizer,
        loss=keras.losses.CategoricalCrossentropy(label_smoothing=recipe.label_smoothing),
        metrics=["accuracy"],
        jit_compile=False,  # XLA is slower on these networks, on a CPU
        steps_per_execution=STEPS_PER_EXECUTION,
    )
    optimizer.build(model.trainable_variables)


def _train_epoch(
    model: Any,
    beats: TrainingBeats,
    targets: Float32 | None,
    recipe: Recipe,
    rng: np.random.Generator,
    watch: Observer,
) -> dict[str, float]:
    """Train on one epoch's beats, made ready part by part; give mean loss and accuracy."""
    draw = beats.draw(rng)
    part = max(_PART // recipe.batch_size, 1) * recipe.batch_size  # whole batches
    loss = accuracy = 0.0
    for start in range(0, len(draw), part):
        X, y, weight = beats.beats(draw, slice(start, start + part))
        X = augment(X, recipe.augmentation, rng)
        target = np.eye(beats.n_classes, dtype=np.float32)[y]
        if targets is not None:
            target = targets[draw.first[start : start + part]]
        inputs = arrange(model, X, beats.features_of(draw, slice(start, start + part)))
        arrays = [target, weight] if recipe.balance == "class-weights" else [target]
        told = model.fit(**_feed(inputs, arrays, recipe.batch_size), verbose=0).history
        loss += told["loss"][0] * len(y)
        accuracy += told["accuracy"][0] * len(y)
        watch.beats(start + len(y), len(draw))
    return {"loss": loss / len(draw), "accuracy": accuracy / len(draw)}


def _settle_norm(model: Any, beats: TrainingBeats, rng: np.random.Generator) -> None:
    """Average batch normalisation's statistics anew, over a few thousand training beats.

    Keras' running averages forget 1 % a step and begin at a variance of 1; a layer whose true
    variance is 0.0001, as in the first layer on beats of 0 to 1, needs a thousand steps to get
    there. And they belong to the weights of the way, not to the average of them.
    """
    import keras

    layers = [x for x in model.layers if isinstance(x, keras.layers.BatchNormalization)]
    momenta = [layer.momentum for layer in layers]
    draw = beats.draw(rng)
    size = min(len(draw), _SETTLE)
    for number, start in enumerate(range(0, size, _SETTLE_BATCH)):
        part = slice(start, min(start + _SETTLE_BATCH, size))
        X, _, _ = beats.beats(draw, part)
        for layer in layers:
            layer.momentum = number / (number + 1)  # the plain mean over the batches so far
        inputs = arrange(model, X, beats.features_of(draw, part))
        model(call_with(inputs), training=True)
    for layer, momentum in zip(layers, momenta, strict=True):
        layer.momentum = momentum


def _feed(inputs: tuple[Float32, ...], arrays: list[npt.NDArray[Any]], size: int) -> dict[str, Any]:
    """Hand inputs, targets and weights to Keras in their order, with the least ado.

    On TensorFlow, slices of ready batches: a fit call then costs 26 ms and not 92 ms, which is
    felt where an epoch takes a quarter of a second.
    """
    import keras

    if keras.backend.backend() != "tensorflow":
        named = dict(zip(("y", "sample_weight"), arrays, strict=False))
        return {"x": call_with(inputs), **named, "batch_size": size, "shuffle": False}
    import tensorflow as tf

    def nested(cut: Callable[[npt.NDArray[Any]], npt.NDArray[Any]]) -> tuple[Any, ...]:
        return (call_with(tuple(cut(x) for x in inputs)), *(cut(a) for a in arrays))

    n = len(arrays[0])
    whole = n // size * size
    batches = tf.data.Dataset.from_tensor_slices(
        nested(lambda a: a[:whole].reshape(-1, size, *a.shape[1:]))
    )
    if whole < n:
        rest = tf.data.Dataset.from_tensors(nested(lambda a: a[whole:]))
        batches = batches.concatenate(rest)
    options = tf.data.Options()
    options.autotune.enabled = False  # there is nothing to tune in a plain list of batches
    options.experimental_optimization.apply_default_optimizations = False
    return {"x": batches.with_options(options), "shuffle": False}


def _validate(model: Any, task: Task) -> dict[str, float]:
    from sklearn.metrics import f1_score

    assert task.X_validation is not None
    assert task.y_validation is not None
    p = predict(model, task.X_validation, task.features_validation)
    chosen = p[np.arange(len(p)), task.y_validation]
    predicted = p.argmax(axis=1)
    return {
        "val_loss": float(-np.log(np.maximum(chosen, 1e-7)).mean()),  # Keras' own floor
        "val_accuracy": float((predicted == task.y_validation).mean()),
        "val_macro_f1": float(
            f1_score(task.y_validation, predicted, average="macro", zero_division=0)
        ),
    }


def _keep(model: Any, row: dict[str, Any], state: checkpoints.State, recipe: Recipe) -> None:
    """Note whether this epoch is the best so far, and keep its weights if they are wanted."""
    better = False
    if row[recipe.monitor] is not None:
        score = row[recipe.monitor] * (-1 if recipe.monitor == "val_loss" else 1)
        better = state.best is None or score > state.best
        state.best = score if better else state.best
        state.waited = 0 if better else state.waited + 1
    if better or recipe.keep == "last":
        state.kept = _values(model.weights)


def _finished(state: checkpoints.State, recipe: Recipe) -> bool:
    if recipe.patience is not None and state.waited >= recipe.patience:
        return True
    return len(state.history) >= recipe.epochs


def _values(variables: list[Any]) -> list[npt.NDArray[Any]]:
    import keras

    # Copies, because on a CPU the array may be the variable's own memory.
    return [keras.ops.convert_to_numpy(v).copy() for v in variables]


def _assign(variables: list[Any], values: list[npt.NDArray[Any]]) -> None:
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)
