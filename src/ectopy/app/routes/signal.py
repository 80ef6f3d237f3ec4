"""The signal: windows in binary, as a canvas draws them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from ectopy.app.access import Open
from ectopy.review.windows import MOST_COLUMNS

router = APIRouter(tags=["signal"])

BINARY: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "little-endian 16-bit numbers, see the headers",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.get("/recordings/{recording}/window", response_class=Response, responses=BINARY)
async def window(
    opened: Open,
    start: Annotated[int, Query(ge=-(1 << 53), le=1 << 53, description="first sample")],
    stop: Annotated[int, Query(ge=-(1 << 53), le=1 << 53, description="the one after the last")],
    columns: Annotated[int, Query(ge=1, le=MOST_COLUMNS, description="columns to draw")] = 1200,
    leads: Annotated[
        str,
        Query(
            max_length=2000,
            pattern="^([0-9]{1,4}(,[0-9]{1,4})*)?$",
            description="numbers, as in 0,1, each once; by default all",
        ),
    ] = "",
) -> Response:
    """Give a stretch of some leads, in at least as many bins as there are columns.

    The body is int16, little-endian, -32768 where there is no sample: for each lead its numbers
    (``X-Per-Bin: 1``), or pairs of the lowest and highest of each bin. A number ``n`` of lead ``i``
    is ``X-Offset[i] + n * X-Scale[i]`` in mV.
    """
    chosen = [int(one) for one in leads.split(",")] if leads else []
    # At once, in this thread: it takes less than to hand it to another one and wait for that.
    found = opened.window(start, stop, chosen or range(len(opened.recording.leads)), columns)
    headers = {
        "x-start": str(found.start),
        "x-stop": str(found.stop),
        "x-per-bin": str(found.per_bin),
        "x-bins": str(found.numbers.shape[1]),
        "x-leads": ",".join(map(str, found.leads)),
        "x-offset": ",".join(f"{x:.9g}" for x in found.offset_mv.tolist()),
        "x-scale": ",".join(f"{x:.9g}" for x in found.scale_mv.tolist()),
        "cache-control": "private, max-age=3600",  # a signal never changes
    }
    return Response(
        found.numbers.astype("<i2").tobytes(), media_type="application/octet-stream",
        headers=headers,
    )  # fmt: skip
