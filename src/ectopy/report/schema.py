"""What a run leaves in ``metrics.json`` and ``manifest.json``: typed, with a published schema."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal, TypeVar

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ectopy.errors import DataFormatError
from ectopy.runtime.bundle import Setting

METRICS, MANIFEST = "metrics.json", "manifest.json"


class Told(BaseModel):
    """Base of everything a run folder says of itself; unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Estimate(Told):
    """One figure over the seeds of a run."""

    mean: float = Field(description="mean over the seeds")
    sd: float | None = Field(None, description="sample standard deviation, 0 for one seed")
    values: tuple[float, ...] = Field((), description="the figure of each seed, in their order")
    interval: tuple[float, float] | None = Field(
        None, description="how much another test sample would vary: mean of the seeds' bounds"
    )

    @classmethod
    def over(cls, seeds: Sequence[Estimate | None]) -> Estimate | None:
        """Put the estimates of single seeds together; None where one is not defined."""
        known = [one for one in seeds if one is not None]
        if not known or len(known) < len(seeds):
            return None
        values = [one.mean for one in known]
        bounds = [one.interval for one in known if one.interval is not None]
        low_high = [float(bound) for bound in np.mean(bounds, axis=0)] if bounds else None
        return cls(
            mean=float(np.mean(values)),
            sd=float(np.std(values, ddof=1)) if len(values) > 1 else 0.0,
            values=tuple(values),
            interval=None if low_high is None else (low_high[0], low_high[1]),
        )


class ClassScores(Told):
    """Figures of one class."""

    precision: Estimate
    recall: Estimate
    f1: Estimate
    support: float = Field(description="test beats of the class, a mean where seeds differ")


class Scores(Told):
    """Figures on the beats of one part of a split, over the seeds."""

    accuracy: Estimate
    macro_f1: Estimate
    balanced_accuracy: Estimate
    per_class: dict[str, ClassScores]
    confusion: tuple[tuple[tuple[int, ...], ...], ...] = Field(
        description="one matrix a seed: rows true, columns predicted"
    )
    n: float = Field(description="beats, a mean where seeds differ")
    classes: tuple[str, ...]
    level: float = Field(description="of the intervals")
    resampled: str = Field(description="what the intervals are over: records or beats")


class Data(Told):
    """The data a study was run on."""

    name: str
    classes: tuple[str, ...]
    checksums: dict[str, str] = Field(default_factory=dict, description="SHA-256 by file")
    simulated: bool = False
    provenance: str = ""
    caveats: tuple[str, ...] = ()
    fs_hz: float | None = None
    counts: dict[str, dict[str, int]] = Field(
        default_factory=dict, description="beats of each class, by part of the split"
    )
    balancing: str = Field("", description="how classes were evened out in the training part")
    balanced: dict[str, int] = Field(
        default_factory=dict, description="training beats of each class after balancing"
    )
    shares_patients: bool = Field(description="whether test beats' patients are in training too")


class Model(Told):
    """The model a run hands on."""

    name: str
    parameters: int | None = None
    input: str = Field("", description="what it is given, in words")
    files: dict[str, str] = Field(
        default_factory=dict, description="what of it is in the run folder: name to meaning"
    )
    onnx_largest_difference: float | None = Field(
        None, description="between the outputs of Keras and of ONNX Runtime"
    )


class Published(Told):
    """A figure from the literature, printed beside ours."""

    label: str = Field(description="who published it")
    metric: Literal["accuracy", "macro_f1"] = Field(description="which figure")
    value: float = Field(ge=0, le=1, description="as a share, not per cent")
    protocol: str = Field(description="the split it was measured on, as far as it is known")
    source: str = Field("", description="where it stands")


class Beside(Told):
    """Figures of the same study that stand beside its own."""

    label: str
    protocol: str
    scores: Scores | None = None


class Ec57Class(Told):
    """SVEB or VEB as EC57 counts them; a figure is None where it is not defined."""

    se: Estimate | None
    ppv: Estimate | None
    f1: Estimate | None
    tp: Estimate | None
    fn: Estimate | None
    fp: Estimate | None


class Certain(Told):
    """Figures without the beats that are uncertain, and without the annotated beats they stand for.

    A figure over certain beats says little without the share of beats that is left.
    """

    share: Estimate | None = Field(description="share of the beats that are certain")
    SVEB: Ec57Class
    VEB: Ec57Class
    accuracy: Estimate | None


class OneRecord(Told):
    """What is told of a single record."""

    SVEB_f1: Estimate | None
    VEB_f1: Estimate | None
    accuracy: Estimate | None


class Ec57Row(Told):
    """Gross EC57 figures of a set of records under one setting."""

    records: str = Field(description="the set of records")
    role: str = Field(description="what its figures may be taken for")
    setting: Setting = Field(description="what a label depends on")
    peaks: Literal["reference", "detected"] = "reference"
    condition: str = Field("", description="another convention or a disturbance; empty: none")
    SVEB: Ec57Class
    VEB: Ec57Class
    accuracy: Estimate | None
    macro_f1_nsv: Estimate | None
    beats: Estimate | None
    certain: Certain | None = Field(None, description="the same over certain beats; null: not told")
    confusion: tuple[dict[str, dict[str, int]], ...] = Field(
        (), description="one a seed: reference class to test class to beats"
    )
    by_record: dict[str, OneRecord] = Field(default_factory=dict)


class Metrics(Told):
    """``metrics.json``: every figure of a finished run."""

    study: str
    kind: str = Field(description="what was studied: windows of beats, or records")
    title: str = ""
    protocol: str
    quick: bool = Field(False, description="a look whose figures are not for quoting")
    data: Data
    notes: tuple[str, ...] = Field((), description="what a reader must be told")
    seeds: tuple[int, ...]
    model: Model
    test: Scores
    validation: Scores | None = None
    beside: tuple[Beside, ...] = ()
    published: tuple[Published, ...] = ()
    ec57: tuple[Ec57Row, ...] = Field((), description="of a study of records")
    timing: dict[str, float] = Field(default_factory=dict, description="seconds by what took them")


class Manifest(Told):
    """``manifest.json``: where a run comes from."""

    study: str
    protocol: str
    command: str | None = Field(description="None where it was not run by the command line")
    started: str = Field(description="UTC")
    finished: str | None = Field(None, description="UTC; None while it is not finished")
    commit: str | None = Field(None, description="of the checkout, if it was run from one")
    versions: dict[str, str] = Field(default_factory=dict)
    machine: dict[str, str | int | None] = Field(default_factory=dict)
    data: str | None = None
    checksums: dict[str, str] = Field(default_factory=dict, description="SHA-256 by file")
    seeds: tuple[int, ...] = ()
    total_s: float | None = Field(None, description="of the process that finished it")


class RunFiles(BaseModel):
    """The JSON files of a run folder by name, for the published schema."""

    model_config = ConfigDict(title="Files of an ectopy run folder")

    metrics: Metrics = Field(alias=METRICS)
    manifest: Manifest = Field(alias=MANIFEST)


T = TypeVar("T", bound=Told)

_RATES: Final = ("se", "ppv", "f1")


def parse(kind: type[T], text: str, path: object) -> T:
    """Read what a run left.

    Raises
    ------
    DataFormatError
        If it is not JSON, or not what this version writes; the message names file and key.
    """
    try:
        return kind.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        if first["type"] == "json_invalid":
            raise DataFormatError(f"{path} is not JSON; run the study again") from error
        key = ".".join(str(part) for part in first["loc"])
        raise DataFormatError(
            f"{path} is not what this version of ectopy writes (key {key!r}: {first['msg']}); run "
            "the study again"
        ) from error


def ec57_row(
    entry: Mapping[str, Any], *, certain: Mapping[str, Any] | None = None, **about: Any
) -> Ec57Row:
    """Give the figures of one seed: ``entry`` is `ectopy.evaluation.ec57.counting`'s ``gross``.

    ``certain`` is the same over the beats that are not uncertain.
    """
    return Ec57Row(
        **_figures(entry),
        macro_f1_nsv=_one(entry["macro_f1_nsv"], entry["intervals"]["macro_f1_nsv"]),
        beats=_one(entry["beats"]),
        certain=None
        if certain is None
        else Certain(
            share=_one(certain["beats"] / entry["beats"]) if entry["beats"] else None,
            **_figures(certain),
        ),
        **about,
    )


def _figures(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Give the figures that a row and its certain beats share."""
    detected = {
        name: Ec57Class(
            **{key: _one(entry[name][key], entry[name]["intervals"][key]) for key in _RATES},
            **{key: _one(entry[name][key]) for key in ("tp", "fn", "fp")},
        )
        for name in ("SVEB", "VEB")
    }
    return {**detected, "accuracy": _one(entry["accuracy"], entry["intervals"]["accuracy"])}


def _one(value: float | None, interval: Sequence[float] | None = None) -> Estimate | None:
    if value is None:
        return None
    bounds = (interval[0], interval[1]) if interval else None
    return Estimate(mean=value, sd=0.0, values=(value,), interval=bounds)


def one_record(entry: Mapping[str, Any]) -> OneRecord:
    """Give the figures of one record and one seed."""
    figures = {
        "SVEB_f1": entry["SVEB"]["f1"],
        "VEB_f1": entry["VEB"]["f1"],
        "accuracy": entry["accuracy"],
    }
    return OneRecord.model_validate(
        {
            key: None if value is None else Estimate(mean=value, sd=0.0, values=(value,))
            for key, value in figures.items()
        }
    )


def merge_seeds(rows: Sequence[Told]) -> Any:
    """Put what single seeds say together: estimates over them, the rest as the first has it."""
    first = rows[0]
    merged: dict[str, Any] = {}
    for key in type(first).model_fields:
        values = [getattr(row, key) for row in rows]
        if any(isinstance(value, Estimate) for value in values):
            merged[key] = Estimate.over(values)
        elif isinstance(values[0], Told):
            merged[key] = merge_seeds(values)
        elif key == "confusion":
            merged[key] = tuple(matrix for value in values for matrix in value)
        elif key == "by_record":
            merged[key] = {name: merge_seeds([v[name] for v in values]) for name in values[0]}
        else:
            merged[key] = values[0]
    return type(first)(**merged)
