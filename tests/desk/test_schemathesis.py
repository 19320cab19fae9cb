"""The API against its own OpenAPI document: generated requests, right and wrong, alone and in sequences."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from typing import Any

import pytest

schemathesis = pytest.importorskip("schemathesis", reason="schemathesis is not installed (extra `real`)")

from hypothesis import HealthCheck, Phase, given, settings  # noqa: E402
from hypothesis.errors import FlakyStrategyDefinition, Unsatisfiable  # noqa: E402
from schemathesis import GenerationMode  # noqa: E402
from schemathesis.checks import not_a_server_error  # noqa: E402
from schemathesis.specs.openapi.checks import (  # noqa: E402
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from pricesmith.apps.service.app import application  # noqa: E402
from pricesmith.apps.service.ask import Desk  # noqa: E402
from pricesmith.apps.service.jobs import Job, Jobs  # noqa: E402
from pricesmith.apps.service.limits import Limits  # noqa: E402
from pricesmith.apps.service.openapi import address  # noqa: E402
from pricesmith.apps.service.route import Route  # noqa: E402
from pricesmith.apps.service.routes import every  # noqa: E402

from .place import Place, place  # noqa: E402

API = [route for route in every() if route.api]
pytestmark = pytest.mark.real
CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
)
"""Whether what is right by its kind is also taken is not asked: an unknown column, a price that no rule allows are refused too (422)."""
EXAMPLES = settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


class Told(Jobs):
    """Work that is begun is only told of."""

    def begin(self, kind: str, words: Sequence[str], by: str) -> Job:
        name = secrets.token_hex(6)
        self._jobs[name] = Job(name, kind, by, self.clock(), tuple(words), "done", ended=self.clock())
        return self._jobs[name]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Place:
    made = place(tmp_path_factory.mktemp("schema") / "shop")
    old = made.desk
    made.desk = Desk(old.reading, old.accounts, Told(made.folder, old.jobs.clock), old.secret, old.hosts | {"testserver"})
    return made


@pytest.fixture(scope="module")
def schema(found: Place) -> Any:
    app = application(found.desk, every(), Limits(1e9, 1e9))
    made = schemathesis.openapi.from_asgi("/api/v1/openapi.json", app)
    refusals = made.config.checks.negative_data_rejection
    refusals.expected_statuses = [*refusals.expected_statuses, "413"]  # more items than there may be are more bytes than there may be too
    return made


@pytest.fixture(scope="module")
def headers(found: Place) -> dict[str, str]:
    key = found.key("approver", "read", "quote", "draft", "stop", "approve", "publish")
    return {"Authorization": f"Bearer {key}"}


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("route", API, ids=lambda route: route.name)
def test_an_operation(route: Route, mode: GenerationMode, schema: Any, headers: dict[str, str]) -> None:
    operation = schema[address(route)][route.method]

    @EXAMPLES
    @given(case=operation.as_strategy(generation_mode=mode))
    def holds(case: Any) -> None:
        case.call_and_validate(headers=headers, checks=list(CHECKS))

    try:
        holds()
    except Unsatisfiable:
        assert mode is GenerationMode.NEGATIVE, "there is nothing to be asked wrongly"


def test_operations_one_after_the_other(schema: Any, headers: dict[str, str]) -> None:
    """What an answer names is gone on with, along the links of the document. Names are random, and draws with them: several are made."""
    done: set[str] = set()

    class Machine(schema.as_state_machine()):  # type: ignore[misc]
        def get_call_kwargs(self, case: Any) -> dict[str, Any]:
            return {"headers": headers}

        def validate_response(self, response: Any, case: Any, **kwargs: Any) -> None:
            case.validate_response(response, checks=list(CHECKS))
            if response.status_code == 200 and case.path_parameters:
                done.add(case.operation.definition.raw["operationId"])

    named = {"api.run", "api.decisions", "api.draft", "api.view"}
    for _ in range(4):
        _until_drawn_alike(lambda: Machine.run(settings=settings(EXAMPLES, max_examples=40, stateful_step_count=8)))
        if done & named:
            break
    assert done & named, "things that were named are found again"


def _until_drawn_alike(run: Callable[[], None], tries: int = 4) -> None:
    """The desk keeps what earlier sequences did, so a sequence may find more links than at first; Hypothesis gives up then."""
    for left in reversed(range(tries)):
        try:
            return run()
        except FlakyStrategyDefinition:
            if not left:
                raise
    return None
