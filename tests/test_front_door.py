"""`import ectopy` is quick and light, and every name it or a room offers can be had."""

from __future__ import annotations

import importlib
import json
import pkgutil
import statistics
import subprocess
import sys
from types import ModuleType

import pytest

import ectopy
from ectopy.errors import MissingExtraError

HEAVY = (
    "numpy", "scipy", "pandas", "pyarrow", "onnxruntime", "pydantic", "keras", "tensorflow",
    "sklearn", "imblearn", "matplotlib", "wfdb", "edfio", "jinja2", "requests", "PIL", "onnx",
)  # fmt: skip
NEVER_AT_ONCE = tuple(name for name in HEAVY if name not in ("numpy", "pydantic"))
"""What no room may load before one of its names is asked for."""


def rooms() -> list[str]:
    found = pkgutil.walk_packages(ectopy.__path__, "ectopy.")
    return ["ectopy", *(info.name for info in found if info.ispkg)]


def python(code: str) -> str:
    """Run a line in a fresh process."""
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return done.stdout


def cpu_s(line: str, times: int = 5) -> float:
    """Seconds of processor time, start included, that a fresh process takes for a line."""
    code = f"{line}\nimport time; print(time.process_time())"
    return statistics.median(float(python(code)) for _ in range(times))


def test_import_takes_less_than_a_tenth_of_a_second() -> None:
    """A busy machine makes the clock run on, not the processor time."""
    bare = cpu_s("pass")
    assert cpu_s("import ectopy") - bare < 0.1
    # The measure sees what would be too much.
    assert cpu_s("import ectopy; ectopy.analyze", 1) - bare > 0.1


def test_import_loads_nothing_heavy() -> None:
    loaded = json.loads(python("import ectopy, json, sys; print(json.dumps([*sys.modules]))"))
    assert not {*HEAVY} & {*loaded}
    assert {name for name in loaded if name.startswith("ectopy.")} == {"ectopy.lazy"}


def test_rooms_load_nothing_heavy_before_a_name_is_asked_for() -> None:
    code = f"import json, sys, {', '.join(rooms())}; print(json.dumps([*sys.modules]))"
    assert not {*NEVER_AT_ONCE} & {*json.loads(python(code))}


@pytest.mark.parametrize("room", rooms())
def test_every_name_can_be_had(room: str) -> None:
    module = importlib.import_module(room)
    assert module.__doc__
    names = module.__all__
    assert len({*names}) == len(names) > 0
    assert {*names} <= {*dir(module)}
    for info in pkgutil.iter_modules(module.__path__):
        if info.name in names:  # a module must not hide the function of its name
            importlib.import_module(f"{room}.{info.name}")
    for name in names:
        try:
            value = getattr(module, name)
        except MissingExtraError:
            continue
        assert not isinstance(value, ModuleType), f"{room}.{name} is hidden by a module"
        namespace: dict[str, object] = {}
        exec(f"from {room} import {name}", namespace)
        assert namespace[name] is value


def test_the_front_door_has_what_people_come_for() -> None:
    assert {*ectopy.__all__} >= {
        "analyze", "open_recording", "Recording", "Annotations", "Stream", "detect", "evaluate",
        "simulate", "Settings", "BeatClassifier", "HeartbeatClassifier", "load_dataset",
        "run_study", "Request", "pieces", "Result", "Bundle",
    }  # fmt: skip


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="'ectopy' has no attribute 'analyse'"):
        _ = ectopy.analyse  # type: ignore[attr-defined]
    with pytest.raises(ImportError, match="cannot import name 'analyse'"):
        exec("from ectopy import analyse")


def test_what_an_extra_brings_is_named_with_the_extra() -> None:
    code = (
        "import sys\nsys.modules['sklearn'] = None\nimport ectopy\n"
        "from ectopy.errors import MissingExtraError\n"
        "try:\n    ectopy.HeartbeatClassifier\nexcept MissingExtraError as error:\n    print(error)"
    )
    told = python(code)
    assert told.startswith("ectopy.HeartbeatClassifier needs sklearn")
    assert 'pip install "ectopy[train]"' in told
