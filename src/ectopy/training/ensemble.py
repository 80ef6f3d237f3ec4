"""The `ensemble` trainer: several trained models in one graph, their probabilities averaged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from ectopy.models.inputs import feature_names, n_leads, signal_place
from ectopy.models.registry import check_options
from ectopy.training.task import Observer, Task, Trained, Trainer
from ectopy.training.trainer_settings import TrainerSettings

_SEED_STEP = 100_003
"""Seeds of members lie this far apart: more than a study's seeds and folds ever do."""


class Member(BaseModel):
    """One kind of member. Unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: str = Field(description="a model of the registry")
    trainer: str = Field("gradient", description="a trainer of the registry")
    copies: int = Field(1, ge=1, description="how many are trained, each with its own seed")
    weight: float = Field(1.0, gt=0, description="share of the average, all copies together")
    options: dict[str, Any] = Field(default_factory=dict, description="settings of the model")
    settings: dict[str, Any] = Field(default_factory=dict, description="settings of the trainer")


class EnsembleSettings(TrainerSettings):
    """Settings of the trainer. Unknown keys are errors."""

    members: tuple[Member, ...] = Field(min_length=1, description="what is averaged")


def fit_ensemble(
    task: Task,
    trainer: Callable[[str], Trainer],
    *,
    checkpoint: Path | None = None,
    observer: Observer | None = None,
) -> Trained:
    """Train each member and join them into one Keras model.

    Parameters
    ----------
    task : Task
        Beats, seed, the recipe that gradient members share, and `EnsembleSettings` (in
        ``task.settings``); ``task.model`` is a name for reports only.
    trainer : callable
        Gives the trainer of a member by its name.
    checkpoint : Path, optional
        Each member keeps its own beside it.
    observer : Observer, optional
        Told about the epochs of each member in turn.

    Returns
    -------
    Trained
        With the history of the member that has most epochs.

    Raises
    ------
    ConfigError
        If a setting is unknown or has a value that cannot be used.
    """
    settings = EnsembleSettings.of(task)
    for member in settings.members:  # all of them, before the first is trained
        trainer(member.trainer)
        if member.trainer != "ensemble":
            check_options(member.model, member.options)
    trained: list[tuple[float, Trained]] = []
    for member in settings.members:
        train = trainer(member.trainer)
        for _ in range(member.copies):
            number = len(trained)
            one = replace(
                task,
                model=member.model,
                options=member.options,
                settings=member.settings,
                seed=task.seed + _SEED_STEP * number,
            )
            path = checkpoint and checkpoint.with_name(f"{checkpoint.stem}-{number}.npz")
            done = train(one, checkpoint=path, observer=observer)
            trained.append((member.weight / member.copies, done))
    model = _join(trained, task, settings.votes)
    longest = max((one for _, one in trained), key=lambda one: len(one.history))
    return replace(longest, model=model)


def _join(trained: list[tuple[float, Trained]], task: Task, votes: tuple[float, ...] | None) -> Any:
    """Average the members' probabilities; weigh classes by votes, and make the sum 1 again."""
    import keras
    from keras import layers

    signal = keras.Input((task.X.shape[1], n_leads(task.X)), name="signal")
    features: dict[str, Any] = {}
    parts = []
    for number, (weight, one) in enumerate(trained):
        # A copy without the optimiser, which a saved model would carry along at twice its size.
        member = keras.Model.from_config(one.model.get_config())
        member.set_weights(one.model.get_weights())
        member.name = f"member_{number}_{member.name}"
        own = []
        for name in feature_names(member):
            if name not in features:
                features[name] = keras.Input((task.features[name].shape[1],), name=name)
            own.append(features[name])
        own.insert(signal_place(member), signal)
        p = member(own[0] if len(own) == 1 else own)
        parts.append(layers.Rescaling(weight, name=f"weight_{number}")(p))
    p = layers.Add(name="average")(parts) if len(parts) > 1 else parts[0]
    p = layers.Rescaling(list(votes) if votes else 1.0, name="votes")(p)
    output = p / keras.ops.sum(p, axis=-1, keepdims=True)
    inputs = [signal, *features.values()] if features else signal
    return keras.Model(inputs, output, name="ensemble")
