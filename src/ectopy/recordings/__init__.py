"""From a file to a `Recording`: open formats, write annotations, simulate."""

from typing import TYPE_CHECKING

from ectopy.lazy import lazy

__all__ = [
    "AnnotatedRecord",
    "Annotations",
    "Clock",
    "Recording",
    "Subject",
    "as_recording",
    "open_annotated",
    "open_recording",
    "read_annotations",
    "simulate",
    "with_limb_leads",
    "write_annotations",
]

if TYPE_CHECKING:
    from ectopy.recordings.annotated import AnnotatedRecord, open_annotated
    from ectopy.recordings.annotations import Annotations, read_annotations, write_annotations
    from ectopy.recordings.clock import Clock
    from ectopy.recordings.given import as_recording
    from ectopy.recordings.limb_leads import with_limb_leads
    from ectopy.recordings.open import open_recording
    from ectopy.recordings.recording import Recording
    from ectopy.recordings.simulation.simulate import simulate
    from ectopy.recordings.subject import Subject
else:
    __getattr__, __dir__ = lazy(
        __name__,
        {
            "AnnotatedRecord": "ectopy.recordings.annotated",
            "Annotations": "ectopy.recordings.annotations",
            "Clock": "ectopy.recordings.clock",
            "Recording": "ectopy.recordings.recording",
            "Subject": "ectopy.recordings.subject",
            "as_recording": "ectopy.recordings.given",
            "open_annotated": "ectopy.recordings.annotated",
            "open_recording": "ectopy.recordings.open",
            "read_annotations": "ectopy.recordings.annotations",
            "simulate": "ectopy.recordings.simulation.simulate",
            "with_limb_leads": "ectopy.recordings.limb_leads",
            "write_annotations": "ectopy.recordings.annotations",
        },
    )
