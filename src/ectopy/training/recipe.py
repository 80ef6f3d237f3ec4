"""`Recipe`: every training setting, its default and its meaning, in one place."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Balance = Literal[
    "none", "oversample", "smote", "smote-on-the-fly", "class-weights", "balanced-batches"
]
"""How classes are evened out in the training part; see `ectopy.training.balance`."""

Precision = Literal["float32", "bfloat16"]
"""What a training step keeps activations and products in; see `ectopy.training.cpu_speedups`."""


class Augmentation(BaseModel):
    """Changes made to training beats, new ones each epoch; 0 switches one off.

    Examples
    --------
    >>> from ectopy.training import Augmentation
    >>> Augmentation(shift=0.05, noise=0.1).on
    True
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    scale: float = Field(
        0.0, ge=0, lt=1, description="largest relative change of speed, so 0.1 gives 0.9 to 1.1"
    )
    shift: float = Field(
        0.0, ge=0, lt=1, description="largest move along time, as a share of the beat's length"
    )
    noise: float = Field(
        0.0, ge=0, description="largest level of white noise, in standard deviations of the beat"
    )
    anchor: float = Field(
        0.5,
        ge=0,
        le=1,
        description="the point that scaling leaves in place: 0 the first sample, 1 the last",
    )
    share: float = Field(1.0, ge=0, le=1, description="share of beats that are changed at all")

    @property
    def on(self) -> bool:
        """Tell whether any beat is changed."""
        return self.share > 0 and (self.scale > 0 or self.shift > 0 or self.noise > 0)


class Recipe(BaseModel):
    """How a model is trained. Unknown keys are errors.

    Examples
    --------
    >>> from ectopy.training import Augmentation, Recipe
    >>> recipe = Recipe(epochs=5, balance="oversample", augmentation=Augmentation(noise=0.1))
    >>> recipe.epochs, recipe.batch_size
    (5, 32)
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    epochs: int = Field(20, ge=1, description="passes over the training part")
    batch_size: int = Field(32, ge=1, description="beats a gradient step")
    optimizer: Literal["adam", "adamw"] = Field(
        "adam", description="Adam, or Adam with decoupled weight decay"
    )
    learning_rate: float = Field(1e-3, gt=0, description="step size, at its highest")
    schedule: Literal["constant", "cosine"] = Field(
        "constant", description="course of the learning rate: constant, or warm-up and cosine"
    )
    warmup: float = Field(
        0.05, ge=0, lt=1, description="share of all steps that rise to the learning rate (cosine)"
    )
    weight_decay: float = Field(0.0, ge=0, description="decoupled weight decay (adamw)")
    clip_norm: float | None = Field(None, gt=0, description="largest norm of a step's gradient")
    ema: float | None = Field(
        None,
        gt=0,
        lt=1,
        description="momentum of the running average of weights that is evaluated and saved",
    )
    settle_norm: bool = Field(
        False,
        description="after each epoch, set batch normalisation's averages to those of training "
        "beats under the weights that are evaluated: for short trainings and averaged weights",
    )
    precision: Precision = Field(
        "float32",
        description="numbers that training steps multiply in; bfloat16 takes half the time on "
        "processors with units for it (AMX), and may take longer on others",
    )
    label_smoothing: float = Field(
        0.0, ge=0, lt=1, description="share of each target spread over all classes"
    )
    soft_targets: float = Field(
        0.0,
        ge=0,
        le=1,
        description="share of each target that the other training beats decide, not the label",
    )
    balance: Balance = Field("none", description="how classes are evened out")
    balance_strength: float = Field(
        1.0, ge=0, le=1, description="0 leaves the classes as they are, 1 makes them equal"
    )
    samples_per_epoch: int | None = Field(
        None, ge=1, description="beats drawn each epoch; by default all, after balancing"
    )
    augmentation: Augmentation = Field(
        default_factory=Augmentation, description="changes made to training beats"
    )
    copies: int = Field(
        1, ge=1, description="times each beat is seen in an epoch, each time changed anew"
    )
    patience: int | None = Field(
        None, ge=1, description="epochs without a better validation before training stops"
    )
    monitor: Literal["val_loss", "val_accuracy", "val_macro_f1"] = Field(
        "val_loss", description="what better means for patience and keep"
    )
    keep: Literal["last", "best"] = Field(
        "last", description="weights kept: of the last epoch, or of the best on validation"
    )
    refit: bool = Field(
        False,
        description="train once more on training and validation beats together, equally long",
    )

    @model_validator(mode="after")
    def _agree(self) -> Recipe:
        if self.weight_decay and self.optimizer != "adamw":
            raise ValueError(
                f"weight_decay = {self.weight_decay} has no effect with "
                f"optimizer = {self.optimizer!r}; set optimizer = 'adamw'"
            )
        if self.soft_targets and self.balance.startswith("smote"):
            raise ValueError(
                f"soft_targets = {self.soft_targets} needs beats that are there, and balance = "
                f"{self.balance!r} makes others; set balance = 'oversample'"
            )
        return self
