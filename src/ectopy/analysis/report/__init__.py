"""The report of one recording: charts, strips on ECG paper, one HTML page."""

from typing import TYPE_CHECKING

from ectopy.lazy import lazy

__all__ = [
    "EcgStrip",
    "Strip",
    "choose",
    "disclose",
    "ecg_strip",
    "strip",
]

if TYPE_CHECKING:
    from ectopy.analysis.report.disclosure import disclose
    from ectopy.analysis.report.ecg_paper import ecg_strip
    from ectopy.analysis.report.strip_choice import Strip, choose
    from ectopy.analysis.report.strips import EcgStrip, strip
else:
    __getattr__, __dir__ = lazy(
        __name__,
        {
            "EcgStrip": "ectopy.analysis.report.strips",
            "Strip": "ectopy.analysis.report.strip_choice",
            "choose": "ectopy.analysis.report.strip_choice",
            "disclose": "ectopy.analysis.report.disclosure",
            "ecg_strip": "ectopy.analysis.report.ecg_paper",
            "strip": "ectopy.analysis.report.strips",
        },
    )
