"""`HeartbeatClassifier`: any network or kernel machine of ours as a scikit-learn estimator."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from pydantic import ValidationError
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from ectopy.errors import ConfigError
from ectopy.models.inputs import NO_FEATURES, Features
from ectopy.training.fit import predict
from ectopy.training.recipe import Recipe
from ectopy.training.start import start_keras
from ectopy.training.task import Task
from ectopy.training.trainers import trainer

Float32 = npt.NDArray[np.float32]
Int64 = npt.NDArray[np.int64]

NOT_OFFERED: Final = ("refit",)
"""Options of the recipe that belong to a study: a second training on training and validation."""


def as_rows(X: npt.ArrayLike, features: Features = NO_FEATURES) -> Float32:
    """Lay signals and features side by side, one row a beat, as `HeartbeatClassifier` takes them.

    Parameters
    ----------
    X : array, shape (n_beats, n_samples) or (n_beats, n_samples, n_leads)
        Signals.
    features : mapping of str to array, shapes (n_beats, n_values)
        Features, in the order of the classifier's ``features``.

    Returns
    -------
    ndarray of float32, shape (n_beats, n_samples * n_leads + n_values)

    Examples
    --------
    >>> from ectopy.training import as_rows
    >>> as_rows(np.zeros((3, 187, 2)), {"rr": np.ones((3, 4))}).shape
    (3, 378)
    """
    signal = np.asarray(X, dtype=np.float32)
    return np.hstack([signal.reshape(len(signal), -1), *features.values()]).astype(np.float32)


class HeartbeatClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Classify beats with a network or a kernel machine, by scikit-learn's habits.

    It works in pipelines, grid searches and cross-validation, also with groups (records, so that
    no patient is trained and tested on), and pickles with its weights. Labels may be anything.

    Parameters
    ----------
    model : str
        A model of `ectopy.models.registry`.
    options : dict, optional
        The model's own options.
    trainer : {"gradient", "kernels", "ensemble"}
        How it is trained; "kernels" goes with the model "beat-kernels".
    trainer_options : dict, optional
        Settings of a trainer that has its own.
    leads : int
        Leads of a beat; a row then holds sample by sample the values of all leads.
    features : dict of str to int, optional
        Features at the end of each row, by name, with their number of values: {"rr": 4} says that
        the last four columns are the input ``rr`` of a network with several inputs. `as_rows` makes
        such rows.
    validation : float
        Share of the beats given to ``fit`` that are kept apart for ``patience`` and
        ``keep="best"``; whole groups where ``fit`` is given groups.
    random_state : int, RandomState or None
        The same number gives the same model.
    epochs, batch_size, optimizer, learning_rate, schedule, warmup, weight_decay, clip_norm, ema, \
settle_norm, precision, label_smoothing, soft_targets, balance, balance_strength, \
samples_per_epoch, augmentation, copies, patience, monitor, keep
        Options of `ectopy.training.recipe.Recipe`; None leaves the recipe's default.

    Attributes
    ----------
    classes_ : ndarray, shape (n_classes,)
        The labels, sorted.
    n_features_in_ : int
        Columns of a row.
    network_ : keras.Model
        The trained network.
    history_ : list of dict
        One row an epoch.

    Examples
    --------
    >>> from ectopy import HeartbeatClassifier
    >>> y = np.repeat(["N", "V"], 20)
    >>> X = np.random.default_rng(0).normal(size=(40, 60)) + (y == "V")[:, None]
    >>> HeartbeatClassifier("beat-kernels", trainer="kernels", random_state=0).fit(X, y).score(X, y)
    1.0
    """

    def __init__(
        self,
        model: str = "cnn1d",
        *,
        options: Mapping[str, Any] | None = None,
        trainer: str = "gradient",
        trainer_options: Mapping[str, Any] | None = None,
        leads: int = 1,
        features: Mapping[str, int] | None = None,
        validation: float = 0.0,
        random_state: int | np.random.RandomState | None = None,
        epochs: int | None = None,
        batch_size: int | None = None,
        optimizer: str | None = None,
        learning_rate: float | None = None,
        schedule: str | None = None,
        warmup: float | None = None,
        weight_decay: float | None = None,
        clip_norm: float | None = None,
        ema: float | None = None,
        settle_norm: bool | None = None,
        precision: str | None = None,
        label_smoothing: float | None = None,
        soft_targets: float | None = None,
        balance: str | None = None,
        balance_strength: float | None = None,
        samples_per_epoch: int | None = None,
        augmentation: Mapping[str, float] | None = None,
        copies: int | None = None,
        patience: int | None = None,
        monitor: str | None = None,
        keep: str | None = None,
    ) -> None:
        self.model = model
        self.options = options
        self.trainer = trainer
        self.trainer_options = trainer_options
        self.leads = leads
        self.features = features
        self.validation = validation
        self.random_state = random_state
        self.epochs = epochs
        self.batch_size = batch_size
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.schedule = schedule
        self.warmup = warmup
        self.weight_decay = weight_decay
        self.clip_norm = clip_norm
        self.ema = ema
        self.settle_norm = settle_norm
        self.precision = precision
        self.label_smoothing = label_smoothing
        self.soft_targets = soft_targets
        self.balance = balance
        self.balance_strength = balance_strength
        self.samples_per_epoch = samples_per_epoch
        self.augmentation = augmentation
        self.copies = copies
        self.patience = patience
        self.monitor = monitor
        self.keep = keep

    def fit(
        self, X: npt.ArrayLike, y: npt.ArrayLike, groups: npt.ArrayLike | None = None
    ) -> HeartbeatClassifier:
        """Train from scratch.

        Parameters
        ----------
        X : array, shape (n_beats, n_samples * leads + values of the features)
            Rows; see `as_rows`.
        y : array, shape (n_beats,)
            Labels of any kind; two classes or more.
        groups : array, shape (n_beats,), optional
            Record or patient of each beat, for a ``validation`` part of whole groups.

        Returns
        -------
        HeartbeatClassifier
            Itself.

        Raises
        ------
        ConfigError
            If an option cannot be used or there is only one class. It is a ValueError.
        """
        recipe = self._recipe()
        rows, labelled = validate_data(self, X, y, dtype=np.float32)
        check_classification_targets(labelled)
        self.classes_, labels = np.unique(labelled, return_inverse=True)
        if len(self.classes_) < 2:
            raise ConfigError(
                f"y holds only one class, '{self.classes_[0]}'; expected two classes or more"
            )
        start_keras()
        rng = check_random_state(self.random_state)
        seed = int(rng.randint(np.iinfo(np.int32).max))
        train, held = self._parts(labels, groups, seed)
        X_train, features = self._signal_and_features(rows[train])
        X_held, features_held = self._signal_and_features(rows[held])
        trained = trainer(self.trainer)(
            Task(
                X=X_train,
                y=labels[train],
                n_classes=len(self.classes_),
                model=self.model,
                recipe=recipe,
                seed=seed,
                options=dict(self.options or {}),
                settings=dict(self.trainer_options or {}),
                X_validation=X_held if len(held) else None,
                y_validation=labels[held] if len(held) else None,
                features=features,
                features_validation=features_held,
            )
        )
        self.network_ = trained.model
        self.history_ = trained.history
        return self

    def predict_proba(self, X: npt.ArrayLike) -> Float32:
        """Give the probability of each class, in the order of ``classes_``.

        Parameters
        ----------
        X : array, shape (n_beats, n_columns)
            Rows as for `fit`.

        Returns
        -------
        ndarray of float32, shape (n_beats, n_classes)

        Raises
        ------
        NotFittedError
            If it has not been fitted.
        """
        check_is_fitted(self)
        rows = validate_data(self, X, dtype=np.float32, reset=False)
        return predict(self.network_, *self._signal_and_features(rows))

    def predict(self, X: npt.ArrayLike) -> npt.NDArray[Any]:
        """Give the likeliest label of each beat, shape (n_beats,)."""
        chosen: npt.NDArray[Any] = self.predict_proba(X).argmax(axis=1)
        return np.asarray(self.classes_[chosen])

    def __getstate__(self) -> dict[str, Any]:
        """Give what pickles: the network as the bytes of a ``.keras`` file, without optimiser."""
        state: dict[str, Any] = dict(super().__getstate__())
        if "network_" in state:
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "network.keras"
                state["network_"].save(path, include_optimizer=False)
                state["network_"] = path.read_bytes()
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take up what `__getstate__` gave."""
        if isinstance(state.get("network_"), bytes):
            start_keras()
            import keras

            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "network.keras"
                path.write_bytes(state["network_"])
                state = {**state, "network_": keras.models.load_model(path, compile=False)}
        super().__setstate__(state)

    def _recipe(self) -> Recipe:
        given = {
            name: getattr(self, name) for name in Recipe.model_fields if name not in NOT_OFFERED
        }
        chosen = {name: value for name, value in given.items() if value is not None}
        try:
            return Recipe.model_validate(chosen)
        except ValidationError as error:
            first = error.errors()[0]
            key = ".".join(str(part) for part in first["loc"])
            what = first["msg"].removeprefix("Value error, ")
            raise ConfigError(f"{key} is {first['input']!r}: {what}" if key else what) from error

    def _parts(self, labels: Int64, groups: npt.ArrayLike | None, seed: int) -> tuple[Int64, Int64]:
        """Give the positions of training and validation beats."""
        everything = np.arange(len(labels))
        if not self.validation:
            return everything, everything[:0]
        from sklearn.model_selection import GroupShuffleSplit, StratifiedShuffleSplit

        kind = StratifiedShuffleSplit if groups is None else GroupShuffleSplit
        draw = kind(n_splits=1, test_size=self.validation, random_state=seed)
        train, held = next(draw.split(everything[:, None], labels, groups))
        return np.sort(train), np.sort(held)

    def _signal_and_features(self, rows: Float32) -> tuple[Float32, dict[str, Float32]]:
        """Cut rows into signals and features."""
        widths = dict(self.features or {})
        n_signal = rows.shape[1] - sum(widths.values())
        if n_signal < 1 or n_signal % self.leads:
            raise ConfigError(
                f"a row has {rows.shape[1]} columns, {sum(widths.values())} of them features; the "
                f"other {n_signal} cannot be the samples of {self.leads} lead(s)"
            )
        signal, found, begin = rows[:, :n_signal], {}, n_signal
        for name, width in widths.items():
            found[name] = rows[:, begin : begin + width]
            begin += width
        if self.leads > 1:
            signal = signal.reshape(len(rows), n_signal // self.leads, self.leads)
        return signal, found
