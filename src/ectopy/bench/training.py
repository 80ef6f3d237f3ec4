"""How fast we train: our loop beside a bare Keras ``fit`` of the same net on the same arrays."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ectopy.datasets import BeatDataset
from ectopy.datasets.protocols import Shares, protocol
from ectopy.models.inputs import Features, arrange, call_with
from ectopy.study.windows.settings import WindowStudy
from ectopy.training.augment import augment
from ectopy.training.balance import TrainingBeats
from ectopy.training.fit import STEPS_PER_EXECUTION, fit
from ectopy.training.recipe import Augmentation, Recipe
from ectopy.training.task import Task

Float32 = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Speeds:
    """Medians over interleaved rounds, warm: tracing is left out on both sides.

    Attributes
    ----------
    ours_s, bare_s, plain_s : float
        Seconds an epoch, validation included: our loop without augmentation; a Keras fit with
        the same settings; a Keras fit with Keras' default of one step at a time.
    augmentation_s : float
        Seconds an epoch that augmentation takes.
    augmented_s : float
        Seconds an epoch of our loop with augmentation.
    beats : int
        Training beats an epoch.
    rounds, epochs : int
        Trainings of each kind, and epochs timed of each.
    """

    ours_s: float
    bare_s: float
    plain_s: float
    augmentation_s: float
    augmented_s: float
    beats: int
    rounds: int
    epochs: int

    @property
    def ratio(self) -> float:
        """How many times faster ours is than the bare fit of the same settings."""
        return self.bare_s / self.ours_s

    @property
    def augmentation_share(self) -> float:
        """Share of training time that augmentation takes."""
        return self.augmentation_s / self.augmented_s


def time_training(
    config: WindowStudy, dataset: BeatDataset, *, rounds: int = 3, epochs: int = 6
) -> Speeds:
    """Time epochs of a study's network, ours and Keras' own in turn.

    Parameters
    ----------
    config : WindowStudy
        Gives network, batch size, copies, augmentation and precision (of ours; Keras' own fits
        are float32).
    dataset : BeatDataset
        Beats.
    rounds : int
        Trainings of each kind; in each round every kind runs once, so that a busy moment of the
        machine meets all of them.
    epochs : int
        Epochs of each training, of which the first is not counted.

    Returns
    -------
    Speeds
    """
    shares = Shares(config.validation or 0.2, config.test, config.folds)
    split, *_ = protocol(config.protocol).splits(dataset, np.random.default_rng([0, 0]), shares)
    rng = np.random.default_rng(0)
    recipe = Recipe(
        batch_size=config.recipe.batch_size,
        copies=config.recipe.copies,
        precision=config.recipe.precision,
    )
    settings = config.recipe.augmentation
    if not settings.on:
        settings = Augmentation(scale=0.1, shift=0.05, noise=0.1)
    task = Task(
        X=dataset.X[split.train],
        y=dataset.y[split.train],
        n_classes=len(dataset.classes),
        model=config.model.name,
        recipe=recipe,
        seed=0,
        options=config.model.options,
        X_validation=dataset.X[split.validation],
        y_validation=dataset.y[split.validation],
        features={name: values[split.train] for name, values in dataset.features.items()},
        features_validation={
            name: values[split.validation] for name, values in dataset.features.items()
        },
    )
    beats = TrainingBeats(
        task.X, task.y, task.n_classes, copies=recipe.copies, rng=rng, features=task.features
    )
    draw = beats.draw(rng)
    X, y, _ = beats.beats(draw, slice(None))  # the arrays that both are given
    features = beats.features_of(draw, slice(None))
    one = np.eye(task.n_classes, dtype=np.float32)

    def ours(augmentation: Augmentation) -> list[float]:
        own = recipe.model_copy(update={"epochs": epochs, "augmentation": augmentation})
        return [row["seconds"] for row in fit(replace(task, recipe=own)).history]

    times: dict[str, list[float]] = {}
    for _ in range(rounds):
        for name, seconds in (
            ("ours", ours(Augmentation())),
            ("bare", _bare(task, X, features, one[y], epochs, STEPS_PER_EXECUTION)),
            ("augmented", ours(settings)),
            ("plain", _bare(task, X, features, one[y], epochs, 1)),
            ("augmentation", [_time(lambda: augment(X, settings, rng)) for _ in range(epochs)]),
        ):
            times.setdefault(name, []).extend(seconds[1:])  # the first epoch traces the graph
    return Speeds(
        **{f"{name}_s": statistics.median(values) for name, values in times.items()},
        beats=len(y),
        rounds=rounds,
        epochs=epochs - 1,
    )


def _time(action: Callable[[], object]) -> float:
    begin = time.perf_counter()
    action()
    return time.perf_counter() - begin


def _bare(
    task: Task, X: Float32, features: Features, y: Float32, epochs: int, steps: int
) -> list[float]:
    """Give the seconds of each epoch of a Keras fit as the manual has it."""
    import keras

    class Clock(keras.callbacks.Callback):  # type: ignore[misc]
        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            self.begin = time.perf_counter()

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            seconds.append(time.perf_counter() - self.begin)

    seconds: list[float] = []
    assert task.X_validation is not None
    assert task.y_validation is not None
    one = np.eye(task.n_classes, dtype=np.float32)
    model = task.build()
    model.compile(
        optimizer=keras.optimizers.Adam(task.recipe.learning_rate),
        loss=keras.losses.CategoricalCrossentropy(),
        metrics=["accuracy"],
        jit_compile=False,
        steps_per_execution=steps,
    )
    model.fit(
        call_with(arrange(model, X, features)),
        y,
        batch_size=task.recipe.batch_size,
        epochs=epochs,
        validation_data=(
            call_with(arrange(model, task.X_validation, task.features_validation)),
            one[task.y_validation],
        ),
        validation_batch_size=1024,
        callbacks=[Clock()],
        verbose=0,
    )
    return seconds
