"""Clusters: the beats of a class that look alike, as readers have left them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ectopy.analysis.report.overlay import Overlay, overlay
from ectopy.analysis.result import Result
from ectopy.analysis.templates import Template
from ectopy.classes import AAMI
from ectopy.review.labels import Labels


@dataclass(frozen=True, eq=False)
class Cluster:
    """One of them.

    Attributes
    ----------
    of : str
        Class of its beats.
    cluster : int
        Its number, see `ectopy.review.labels.Labels`; together with the class it is the one.
    name : str
        Its class, and its place in it by size, as the report calls it: ``V2``. So a cluster that
        was relabelled never has the name of another class.
    stated : int
        Beats whose class a reader stated.
    template : Template
        What is told of it, with members that are looked at.
    """

    of: str
    cluster: int
    name: str
    stated: int
    template: Template = field(repr=False)

    def seen(self) -> Overlay:
        """Read its members."""
        return overlay(self.template)


def clusters(labels: Labels, result: Result) -> list[Cluster]:
    """Tell all clusters, class by class, the largest first, beats like no others last.

    Parameters
    ----------
    labels : Labels
        As they stand.
    result : Result
        Made of them, see `ectopy.review.corrected.corrected`.
    """
    shown = np.flatnonzero(labels.there)
    which, stated = labels.cluster[shown], labels.stated[shown]
    numbers = result.beats.template
    found = []
    for template in result.templates:
        own = (labels.classes[shown] == AAMI.index(template.of)) & (numbers == template.number)
        first = int(np.argmax(own))
        cluster = int(which[first])
        found.append(
            Cluster(
                of=template.of,
                cluster=cluster,
                name=f"{template.of}{template.number}" if template.number else "like no other",
                stated=int(np.count_nonzero(stated & own)),
                template=template,
            )
        )
    return found
