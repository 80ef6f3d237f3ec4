"""What is told of a recording, from the labels as they stand."""

from __future__ import annotations

from collections import Counter
from math import isnan
from typing import Annotated, Any, Literal

import numpy as np
from fastapi import APIRouter, Path, Query, Response

from ectopy.analysis.events import Kind as EventKind
from ectopy.analysis.summary.model import Hour, Summary
from ectopy.app.access import Open
from ectopy.app.model import (
    Beat,
    Beats,
    ClusterOut,
    ClusterSeen,
    ClustersOut,
    EventOut,
    EventsOut,
    ItemOut,
    Letter,
    Members,
    QueueOut,
    RhythmKind,
    RhythmOut,
    Span,
)
from ectopy.app.routes.signal import BINARY
from ectopy.classes import AAMI
from ectopy.errors import DataNotFoundError
from ectopy.review.changes import members as members_of
from ectopy.review.clusters import Cluster
from ectopy.review.corrected import relabelled
from ectopy.review.opened import Opened
from ectopy.review.queue import Kind as ItemKind
from ectopy.review.tables import chosen_beats, packed
from ectopy.runtime.rhythm.kinds import KEYS, RHYTHMS

router = APIRouter(tags=["labels"])

Second = Annotated[float | None, Query(ge=0, le=1e9, description="seconds from the start")]
After = Annotated[int, Query(ge=-1, le=1 << 53, description="`next` of the page before")]
Limit = Annotated[int, Query(ge=1, le=10_000)]
Of = Annotated[Letter, Path(description="class of its beats")]
Number = Annotated[int, Path(ge=0, le=1 << 30, description="its number")]


@router.get("/recordings/{recording}/beats", summary="Beats, paged and filtered")
def beats(
    opened: Open,
    start_s: Second = None,
    stop_s: Second = None,
    label: Annotated[list[Letter] | None, Query(description="classes; by default all")] = None,
    uncertain: bool | None = None,
    stated: bool | None = None,
    after: After = -1,
    limit: Limit = 200,
) -> Beats:
    """Give beats in order of time, those after a sample."""
    current = opened.current
    found = chosen_beats(
        current.labels, opened.base.fs_hz, start_s, stop_s, label, uncertain, stated
    )
    intervals = current.intervals
    there = np.flatnonzero(current.labels.there)
    rows = np.searchsorted(there, found)
    samples = intervals.beats.samples[rows]
    begin = int(np.searchsorted(samples, after, side="right"))
    page, at = rows[begin : begin + limit], found[begin : begin + limit]
    table, rr_s = intervals.beats, intervals.rr_s
    learnt = relabelled(opened.base, current.labels, at)
    out = [
        Beat(
            sample=int(table.samples[row]),
            time_s=round(float(table.samples[row] / intervals.fs_hz), 4),
            label=AAMI[table.classes[row]],
            uncertain=bool(table.uncertain[row]),
            stated=bool(current.labels.stated[i]),
            rr_s=None if np.isnan(rr_s[row]) else round(float(rr_s[row]), 4),
            probability=None
            if follows
            else round(float(table.probabilities[row, table.classes[row]]), 4),
            cluster=int(current.labels.cluster[i]),
        )
        for row, i, follows in zip(page.tolist(), at.tolist(), learnt.tolist(), strict=True)
    ]
    more = begin + limit < len(rows)
    return Beats(
        revision=current.revision,
        total=len(rows),
        next=out[-1].sample if more else None,
        beats=out,
    )


@router.get(
    "/recordings/{recording}/beats.bin",
    summary="All beats in binary",
    response_class=Response,
    responses=BINARY,
)
def beats_in_binary(opened: Open, start_s: Second = None, stop_s: Second = None) -> Response:
    """Give all beats, or those of a stretch, column after column, little-endian.

    ``X-Beats`` numbers each: float64 samples; float32 RR intervals in s (NaN for none); uint8
    classes (positions in ``NSVFQ``); uint8 flags: 1 uncertain, 2 stated by a reader, 4 the interval
    is of good signal throughout.
    """
    current = opened.current
    body, n = packed(current.labels, current.intervals, start_s, stop_s)
    headers = {"x-beats": str(n), "x-revision": str(current.revision)}
    return Response(body, media_type="application/octet-stream", headers=headers)


@router.get("/recordings/{recording}/summary", summary="The Holter summary")
def summary(opened: Open) -> Summary:
    """Give what the report says, as one document."""
    return opened.current.result.summary


@router.get("/recordings/{recording}/hours", summary="Counts and rates hour by hour")
def hours(opened: Open) -> list[Hour]:
    """Give the trend of the recording."""
    return opened.current.result.summary.hours


@router.get("/recordings/{recording}/rhythm", summary="The course of rhythms")
def rhythm(opened: Open) -> RhythmOut:
    """Give the spans of each rhythm, which follow each other without a gap."""
    current = opened.current
    course = current.result.rhythm
    spans = [
        Span(
            kind=KEYS[kind],
            start_s=round(start, 3),
            stop_s=round(stop, 3),
            probability=None if isnan(likely) else round(likely, 3),
        )
        for kind, start, stop, likely in zip(
            course.kind.tolist(),
            course.onset_s.tolist(),
            course.end_s.tolist(),
            course.probability.tolist(),
            strict=True,
        )
    ]
    kinds = [
        RhythmKind(kind=kind.key, title=kind.title, seconds=course.seconds(i))
        for i, kind in enumerate(RHYTHMS)
    ]
    return RhythmOut(
        revision=current.revision, kinds=kinds, spans=spans, artefacts=current.labels.artefacts
    )


@router.get("/recordings/{recording}/events", summary="Events, paged and filtered")
def events(
    opened: Open,
    kind: Annotated[
        list[EventKind] | None, Query(max_length=10, description="by default all")
    ] = None,
    of: Annotated[
        list[Literal["VEB", "SVEB", "RR"]] | None,
        Query(max_length=10, description="RR is that of a pause; by default all"),
    ] = None,
    certain: bool | None = None,
    after: After = -1,
    limit: Limit = 200,
) -> EventsOut:
    """Give events in order of time; `after` is a place in that list."""
    current = opened.current
    result = current.result
    found = [
        event
        for event in result.events
        if (not kind or event.kind in kind)
        and (not of or event.of in of)
        and (certain is None or event.certain == certain)
    ]
    page = found[after + 1 : after + 1 + limit]
    samples = result.beats.samples
    out = [
        EventOut(
            kind=event.kind,
            of=event.of,
            start_s=round(event.start_s, 4),
            duration_s=round(event.duration_s, 4),
            first=int(samples[event.first]),
            last=int(samples[event.last]),
            beats=event.n_beats,
            uncertain=event.uncertain,
            certain=event.certain,
            rate_bpm=None if event.rate_bpm is None else round(event.rate_bpm, 1),
        )
        for event in page
    ]
    end = after + len(out)
    return EventsOut(
        revision=current.revision,
        total=len(found),
        next=end if end + 1 < len(found) else None,
        events=out,
    )


@router.get("/recordings/{recording}/queue", summary="What must not be missed, in order")
def queue(
    opened: Open,
    kind: Annotated[list[ItemKind] | None, Query(description="by default all")] = None,
    done: Annotated[bool | None, Query(description="only what was accepted, or was not")] = None,
    after: After = -1,
    limit: Limit = 200,
) -> QueueOut:
    """Give runs, pauses, fibrillation, fast runs, hours of most ectopy, then uncertain beats.

    `after` is a place in that list.
    """
    current = opened.current
    every = current.queue
    found = [
        item
        for item in every
        if (not kind or item.kind in kind) and (done is None or item.done == done)
    ]
    page = found[after + 1 : after + 1 + limit]
    end = after + len(page)
    return QueueOut(
        revision=current.revision,
        total=len(found),
        next=end if end + 1 < len(found) else None,
        done=sum(item.done for item in every),
        kinds=dict(Counter(item.kind for item in every)),
        items=[ItemOut(**{**vars(item), "beats": list(item.beats)}) for item in page],
    )


@router.get("/recordings/{recording}/clusters", summary="Beats that look alike")
def clusters(opened: Open) -> ClustersOut:
    """Give the clusters of each class, the largest first."""
    current = opened.current
    return ClustersOut(
        revision=current.revision, clusters=[_cluster(one) for one in current.clusters]
    )


@router.get("/recordings/{recording}/clusters/{of}/{cluster}", summary="What a cluster looks like")
def cluster(opened: Open, of: Of, cluster: Number) -> ClusterSeen:
    """Give some members over one another, and their median, in mV at 250 Hz."""
    from ectopy.analysis.report.overlay import BEFORE_S, RATE_HZ

    current = opened.current
    found = _found(opened, of, cluster)
    seen = found.seen()
    return ClusterSeen(
        revision=current.revision,
        cluster=_cluster(found),
        leads=list(seen.leads),
        rate_hz=RATE_HZ,
        before_s=BEFORE_S,
        median_mv=_listed(seen.median_mv),
        members_mv=_listed(seen.members_mv),
    )


@router.get("/recordings/{recording}/clusters/{of}/{cluster}/members", summary="Beats of a cluster")
def members(
    opened: Open, of: Of, cluster: Number, after: After = -1, limit: Limit = 1000
) -> Members:
    """Give their samples, in order, those after one."""
    current = opened.current
    _found(opened, of, cluster)
    samples = current.labels.samples[members_of(current.labels, of, cluster)]
    begin = int(np.searchsorted(samples, after, side="right"))
    page = samples[begin : begin + limit].tolist()
    return Members(
        revision=current.revision,
        total=len(samples),
        next=page[-1] if begin + limit < len(samples) else None,
        samples=page,
    )


@router.get("/recordings/{recording}/why/{sample}", summary="Why a beat has its label")
def why(
    opened: Open, sample: Annotated[int, Path(ge=0, le=1 << 53, description="of the beat")]
) -> dict[str, Any]:
    """Tell why the model called a beat what it did, whatever a reader called it since."""
    return opened.why(sample).to_json()


def _found(opened: Opened, of: str, cluster: int) -> Cluster:
    for one in opened.current.clusters:
        if one.of == of and one.cluster == cluster:
            return one
    raise DataNotFoundError(f"class {of} has no such template any more; choose again")


def _cluster(one: Cluster) -> ClusterOut:
    told = one.template
    return ClusterOut(
        of=one.of,
        cluster=one.cluster,
        name=one.name,
        number=told.number,
        count=told.count,
        uncertain=told.uncertain,
        stated=one.stated,
        share_percent=told.share_percent,
        rr_s=told.rr_s,
        early_percent=told.early_percent,
        first_s=told.first_s,
    )


def _listed(values: np.ndarray[Any, np.dtype[np.float32]]) -> Any:
    """Give lists, None where there is no sample."""
    rounded = np.round(values.astype(np.float64), 4).astype(object)
    rounded[~np.isfinite(values)] = None
    return rounded.tolist()
