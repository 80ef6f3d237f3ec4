"""Clusters: the beats of a class that look alike, as readers have left them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ectopy.analysis.report.overlay import Overlay, overlay
from ectopy.analysis.result import Result
from ectopy.analysis.templates import Template
from ectopy.classes import AAMI
from ectopy.review.labels import LIKE_NO_OTHER, NEW_CLUSTERS, PER_CLASS, Labels


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
        ``V2``, or ``split 7``; a cluster whose beats were relabelled keeps its name.
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


def name_of(cluster: int) -> str:
    """Give the name of a cluster."""
    if cluster == LIKE_NO_OTHER:
        return "like no other"
    if cluster >= NEW_CLUSTERS:
        return f"split {cluster - NEW_CLUSTERS}"
    return f"{AAMI[cluster // PER_CLASS]}{cluster % PER_CLASS}"


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
                name=name_of(cluster),
                stated=int(np.count_nonzero(stated & own)),
                template=template,
            )
        )
    return found
