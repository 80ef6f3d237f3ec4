"""The answers are those that the OpenAPI description promises: Schemathesis asks at random."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import requests
import schemathesis
from browser_site import served
from schemathesis.checks import CHECKS
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation import GenerationMode

from ectopy.app.create import create_app
from ectopy.app.settings import AppSettings
from ectopy.review.limits import Limits
from ectopy.review.service import Review
from ectopy.review.store import Store

CHECKED = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "positive_data_acceptance",
    "unsupported_method",
)
AWAITED = ("/files/{number}", "/analyse", "/cancel")
"""Asked of a recording whose files are awaited; all else of one that is ready."""
CANNOT = ("400", "401", "404", "409")
"""What is as described and still cannot be done: no such beat, no such token, not now."""
Described = tuple[str, dict[str, str]]


@pytest.fixture
def described(prepared: tuple[Path, str], tmp_path: Path) -> Iterator[Described]:
    """Serve a recording that is ready and one whose files are awaited; nothing is analysed."""
    folder, ready = prepared
    shutil.copytree(folder, tmp_path / "store")
    review = Review(Store(tmp_path / "store"), Limits(recordings=40))
    review.workers.submit = lambda *_: None  # type: ignore[method-assign]
    awaiting = review.submit("sent", "local", ["a.edf", "b.dat"], {}, {}, {}).id
    with served(create_app(review, AppSettings(folder=tmp_path))) as address:
        yield address, {"ready": ready, "awaiting": awaiting}


def asked(described: Described, examples: int) -> tuple[Counter[int], list[str]]:
    """Ask each operation so often, rightly and wrongly; give the statuses, and what was wrong."""
    address, ids = described
    schema = schemathesis.openapi.from_url(f"{address}/api/v1/openapi.json")
    accepted = schema.config.checks.positive_data_acceptance
    statuses: Counter[int] = Counter()
    wrong: list[str] = []

    def ask(operation: Any, mode: GenerationMode, session: requests.Session) -> None:
        # Whose record to train on it is must be said, where its file does not say it.
        patient = ["422"] if operation.path.endswith("/export/{what}") else []
        accepted.expected_statuses = ["2xx", *CANNOT, *patient]
        one = ids["awaiting" if operation.path.endswith(AWAITED) else "ready"]

        @hypothesis.settings(
            max_examples=examples,
            deadline=None,
            database=None,
            derandomize=True,
            suppress_health_check=list(hypothesis.HealthCheck),
            phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
        )
        @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
        def answered(case: Any) -> None:
            right = not case.meta.is_negative_at(ParameterLocation.PATH)
            if right and "recording" in case.path_parameters and operation.method != "delete":
                case.path_parameters["recording"] = one
            answer = case.call(session=session)
            statuses[answer.status_code] += 1
            case.validate_response(answer, checks=CHECKS.get_by_names(CHECKED))

        try:
            answered()
        except hypothesis.errors.Unsatisfiable:
            if mode.is_positive:  # some take nothing that could be wrong
                raise
        except (Exception, BaseExceptionGroup) as error:
            wrong.append(f"{mode.value} {operation.label}: {error}")

    with requests.Session() as session:
        session.headers["X-Ectopy"] = "test"
        for found in schema.get_all_operations():
            for mode in GenerationMode:
                ask(found.ok(), mode, session)
    return statuses, wrong


def test_a_few_requests_of_each_kind_are_answered_as_described(described: Described) -> None:
    statuses, wrong = asked(described, 2)
    assert not wrong, "\n\n".join(wrong)
    assert {200, 201, 202, 204, 404, 409, 422} <= set(statuses), statuses


@pytest.mark.slow
def test_many_requests_of_each_kind_are_answered_as_described(described: Described) -> None:
    statuses, wrong = asked(described, 50)
    print(statuses.total(), sorted(statuses.items()))
    assert not wrong, "\n\n".join(wrong)
