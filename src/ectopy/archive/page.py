"""The page over an archive: what is in it, what failed, which recordings to review first."""

from __future__ import annotations

from collections.abc import Sequence

from ectopy.analysis.report.page import environment
from ectopy.analysis.report.sections import MARGIN_MM
from ectopy.analysis.report.wording import percent
from ectopy.analysis.summary.background import DISCLAIMER
from ectopy.archive.files.base import Files
from ectopy.archive.model import Part, Plan
from ectopy.archive.overview import overview
from ectopy.archive.query import connect_files
from ectopy.classes import AAMI_NAMES
from ectopy.recordings.clock import Clock


def page(files: Files, plan: Plan, parts: Sequence[Part], shards: int) -> str:
    """Make the page over some files of tables.

    Its size does not grow with the archive: of a million recordings it names the hundred to review
    first, and of as many failures the reasons.

    Parameters
    ----------
    files : Files
        Where the archive is.
    plan : Plan
        What labelled it.
    parts : sequence of Part
        Files of the snapshot.
    shards : int
        How many shards of the plan are in it.
    """
    from jinja2 import ChoiceLoader, PackageLoader

    with connect_files(files, parts) as connection:
        told = overview(connection)
    loaders = [PackageLoader("ectopy.archive"), PackageLoader("ectopy.analysis.report")]
    template = environment().overlay(loader=ChoiceLoader(loaders)).get_template("archive.html.j2")
    html: str = template.render(
        told=told,
        whole=told.whole,
        plan=plan,
        shards=shards,
        address=files.address,
        disclaimer=DISCLAIMER,
        class_names=AAMI_NAMES,
        margin_mm=MARGIN_MM,
        length=_length,
        percent=percent,
    )
    return html


def _length(duration_s: float) -> str:
    return Clock(None, duration_s).text(duration_s).removesuffix(" elapsed")
