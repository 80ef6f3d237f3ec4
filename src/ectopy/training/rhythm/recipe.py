"""`RhythmRecipe`: how the trees that tell fibrillation are trained."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class RhythmRecipe(BaseModel):
    """Settings of the training, chosen on left-out patients of LTAFDB.

    Examples
    --------
    >>> from ectopy.training.rhythm.recipe import RhythmRecipe
    >>> RhythmRecipe().folds
    3
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    places: int = Field(500, ge=10, description="places of each record that are learnt from")
    disturbed: int = Field(250, ge=0, description="and of its copy with beats missed and added")
    share: float = Field(0.25, gt=0, le=1, description="of a record's places, at most")
    near: float = Field(
        0.4, ge=0, le=1, description="share of them within 150 intervals of an episode's edge"
    )
    trees: int = Field(200, ge=1, description="trees")
    leaves: int = Field(31, ge=2, description="leaves of each")
    learning_rate: float = Field(0.08, gt=0, description="weight of each tree")
    features: float = Field(0.3, gt=0, le=1, description="share of the measures each split sees")
    folds: int = Field(3, ge=2, description="in which patients are left out, to choose and report")
    jitter_s: float = Field(0.006, ge=0, description="displacement of beats in the copy, SD")
    missed: float = Field(0.02, ge=0, lt=0.2, description="mean share of beats missed in it")
    added: float = Field(0.02, ge=0, lt=0.2, description="mean share of beats added in it")


class StripRecipe(BaseModel):
    """Settings of the training on strips, chosen in folds of four fifths of them.

    Examples
    --------
    >>> from ectopy.training.rhythm.recipe import StripRecipe
    >>> StripRecipe().folds
    5
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    aside: float = Field(
        0.2, gt=0, lt=0.6, description="share of the strips that is put aside and read at the end"
    )
    folds: int = Field(
        5, ge=2, description="in which the others are left out, to choose and report"
    )
    models: int = Field(2, ge=1, description="that are averaged")
    trees: int = Field(100, ge=1, description="steps, each a tree a kind")
    leaves: int = Field(8, ge=2, description="leaves of each")
    learning_rate: float = Field(0.07, gt=0, description="weight of each tree")
    features: float = Field(0.1, gt=0, le=1, description="share of the measures each split sees")
    parts: float = Field(
        0.5, ge=0, description="weight of a strip's three parts beside the whole of it"
    )
    l2: float = Field(3.0, ge=0, description="shrinkage of the leaves")
    fewest: int = Field(12, ge=1, description="windows in a leaf")
