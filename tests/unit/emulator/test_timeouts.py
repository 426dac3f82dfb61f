"""The action's own timeout ends the request; the flow step's only ends the waiting."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from architect.emulator.engine import Engine
from architect.emulator.export import DataAction
from architect.emulator.limits import Limits

from .conftest import ORGANIZATION, action
from .loopback import Answer, Service


@pytest.fixture
def release() -> Iterator[threading.Event]:
    """Lets the service go on; set at the latest when the test is over."""
    event = threading.Event()
    yield event
    event.set()


@pytest.fixture
def impatient() -> DataAction:
    """Return an action that times out after one second, the least Genesys allows."""
    return action(timeout=1, outputs={"type": "object", "properties": {"a": {"type": "string"}}})


@pytest.fixture
def patient() -> DataAction:
    return action(outputs={"type": "object", "properties": {"a": {"type": "string"}}})


def test_the_action_s_own_timeout_takes_the_failure_path(
    engine: Engine, service: Service, impatient: DataAction, release: threading.Event
) -> None:
    service.answer = lambda _: Answer(hold=release)
    execution = engine.execute(impatient, {}, flow_type="workflow")
    assert (execution.path, execution.response) == ("failure", None)
    assert execution.failure_outputs is not None
    assert (execution.failure_outputs["status"], execution.failure_outputs["errorCode"]) == (504, "GATEWAY_TIMEOUT")
    assert "No complete response within 1 s" in (execution.report.error or "")
    assert "failure-status" in [choice.id for choice in execution.report.choices]


def test_a_service_that_drips_its_answer_is_cut_off_as_well(
    engine: Engine, service: Service, impatient: DataAction, release: threading.Event
) -> None:
    service.answer = lambda _: Answer(body=b"x" * 1000, drip=release)
    started = time.monotonic()
    report = engine.test(impatient, {})
    assert "No complete response within 1 s" in (report.error or "")
    assert time.monotonic() - started < 4


def test_the_step_s_timeout_takes_the_timeout_path_and_the_request_goes_on(
    engine: Engine, service: Service, patient: DataAction, release: threading.Event
) -> None:
    service.answer = lambda _: Answer(hold=release)
    execution = engine.execute(patient, {}, flow_type="workflow", timeout_seconds=0.2)
    assert (execution.path, execution.outputs) == ("timeout", {})
    assert execution.failure_outputs is not None
    assert set(execution.failure_outputs.values()) == {None}
    assert not execution.report.success
    assert service.arrived.wait(5)
    assert service.last.headers["ININ-Correlation-Id"] == execution.correlation_id


def test_a_step_that_is_answered_in_time_succeeds(engine: Engine, service: Service, patient: DataAction) -> None:
    service.answers(body={"a": "x"})
    execution = engine.execute(patient, {}, timeout_seconds=10)
    assert (execution.path, execution.outputs) == ("success", {"a": "x"})


def test_a_request_the_flow_gave_up_on_still_holds_its_slot(
    service: Service, patient: DataAction, release: threading.Event
) -> None:
    service.answer = lambda _: Answer(hold=release)
    with Engine(organization_id=ORGANIZATION, base_url=service.url, limits=Limits(concurrent=1)) as engine:
        assert engine.execute(patient, {}, timeout_seconds=0.1).path == "timeout"
        refused = engine.execute(patient, {}, flow_type="workflow")
        assert (refused.path, refused.request) == ("failure", None)
        assert refused.failure_outputs is not None
        assert refused.failure_outputs["status"] == 429
        release.set()
    assert len(service.received) == 1


def test_closing_the_engine_waits_for_what_is_still_running(
    service: Service, patient: DataAction, release: threading.Event
) -> None:
    service.answer = lambda _: Answer(hold=release)
    engine = Engine(organization_id=ORGANIZATION, base_url=service.url)
    engine.execute(patient, {}, timeout_seconds=0.1)
    release.set()
    engine.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("run ")]
