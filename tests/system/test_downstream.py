"""Back ends join the call's trace: an instrumented one, asked by a data action that passes the two headers on."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from opentelemetry.trace import get_current_span
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from architect.action_commands import action
from architect.emulator.engine import Engine
from architect.emulator.export import DataAction
from architect.runner import Reply, Scenario, load_flow, run_flow
from architect.runner.examples import SUBSTITUTIONS
from architect.sandbox import BIN, ROOT, Agent, Process, Span, clean_environment, free_ports, wait_for
from tests.conftest import CONVERSATION, TRACE_ID, TRACEPARENT
from tests.system.conftest import Caller, new_conversation

EXPORT = Path(__file__).parent / "downstream" / "order-status.custom.json"
FLOW = ROOT / "architect" / "flows" / "inbound-call.yaml"
PAGE = (ROOT / "docs" / "back-ends.md").read_text()


class BackEnd(Process):
    """The back end in a process of its own, traced by ddtrace and by nothing of ours."""

    def __init__(self, agent_url: str) -> None:
        (port,) = free_ports(1)
        flask = [str(BIN / "flask"), "--app", "tests.system.downstream.app", "run", "--port", str(port)]
        env = {
            **clean_environment(),
            "DD_TRACE_AGENT_URL": agent_url,
            "DD_SERVICE": "orders",
            "DD_ENV": "production",
            "DD_VERSION": "7",
            "DD_LOGS_INJECTION": "true",
            "DD_INSTRUMENTATION_TELEMETRY_ENABLED": "false",
            "DD_REMOTE_CONFIGURATION_ENABLED": "false",
        }
        super().__init__([str(BIN / "ddtrace-run"), *flask], f"http://127.0.0.1:{port}", env, "/healthz")

    def log_line(self, order: str) -> dict[str, Any]:
        """Return what the back end logged of an order."""

        def line() -> str | None:
            return next((each for each in self.output().splitlines() if f"order {order}" in each), None)

        found: dict[str, Any] = json.loads(wait_for(f"a log line of order {order}", line))
        return found


@pytest.fixture(scope="module")
def back_end(agent: Agent) -> Iterator[BackEnd]:
    back_end = BackEnd(agent.url).start()
    yield back_end
    back_end.stop()


def ask(back_end: BackEnd, order: str, **headers: str | None) -> None:
    """Execute the back end's data action, as a later step of the flow does."""
    with Engine(organization_id=CONVERSATION, base_url=back_end.url) as engine:
        execution = engine.execute(DataAction.load(EXPORT), {"orderId": order, **headers})
    assert (execution.path, execution.outputs) == ("success", {"state": "shipped"}), execution


def request_span(agent: Agent, order: str) -> Span:
    """Return the span of the request for an order."""

    def requests(spans: list[Span]) -> list[Span]:
        return [s for s in spans if s["name"] == "flask.request" and s["meta"]["http.url"].endswith(f"/{order}")]

    (span,) = requests(agent.wait_for_spans(requests))
    return span


def trace_id(span: Span) -> str:
    """Return a span's 128-bit trace id as 32 hex digits."""
    return f"{span['meta']['_dd.p.tid']}{span['trace_id']:016x}"


def test_the_back_ends_span_is_in_the_calls_trace_below_its_root_and_is_kept(
    agent: Agent, caller: Caller, back_end: BackEnd
) -> None:
    conversation = new_conversation()
    answer = caller.start(conversation)
    ask(back_end, "1001", traceparent=answer["traceparent"], tracestate=answer["tracestate"])
    span = request_span(agent, "1001")
    assert trace_id(span) == answer["trace_id"] == conversation.replace("-", "")
    assert span["parent_id"] == int(answer["span_id"], 16)
    assert span["metrics"]["_sampling_priority_v1"] == 2
    assert span["meta"]["_dd.p.dm"] == "-4"
    assert span["service"] == "orders"


def test_its_log_line_carries_the_trace_id_that_is_on_the_call(caller: Caller, back_end: BackEnd, agent: Agent) -> None:
    answer = caller.start(CONVERSATION)
    ask(back_end, "1002", traceparent=answer["traceparent"], tracestate=answer["tracestate"])
    line = back_end.log_line("1002")
    assert line["dd.trace_id"] == answer["trace_id"] == TRACE_ID

    def that_span(spans: list[Span]) -> list[Span]:
        return [span for span in spans if str(span["span_id"]) == line["dd.span_id"]]

    (span,) = that_span(agent.wait_for_spans(that_span))
    assert (span["service"], f"{span['trace_id']:016x}") == ("orders", TRACE_ID[16:])
    (shown,) = re.findall(r"^{\"status\".*}$", PAGE, re.MULTILINE)
    assert json.loads(shown) | {"dd.span_id": line["dd.span_id"]} == line


def test_with_traceparent_alone_the_back_end_joins_the_trace_but_samplers_may_drop_it(
    agent: Agent, caller: Caller, back_end: BackEnd
) -> None:
    conversation = new_conversation()
    ask(back_end, "1003", traceparent=caller.start(conversation)["traceparent"])
    span = request_span(agent, "1003")
    assert trace_id(span) == conversation.replace("-", "")
    assert span["metrics"]["_sampling_priority_v1"] == 1


def test_a_traceparent_that_the_flow_computed_by_itself_does_as_well(agent: Agent, back_end: BackEnd) -> None:
    conversation = new_conversation()
    failing = Scenario(conversation_id=conversation, substitutions=SUBSTITUTIONS, replies={"*": (Reply("failure"),)})
    flow = run_flow(load_flow(FLOW, SUBSTITUTIONS), failing)
    assert flow.stored["callspan_source"] == "flow"
    traceparent, tracestate = flow.variables["Flow.Traceparent"], flow.variables["Flow.Tracestate"]
    assert isinstance(traceparent, str)
    assert isinstance(tracestate, str)
    ask(back_end, "1004", traceparent=traceparent, tracestate=tracestate)
    span = request_span(agent, "1004")
    assert trace_id(span) == flow.stored["dd_trace_id"] == conversation.replace("-", "")
    assert span["metrics"]["_sampling_priority_v1"] == 2
    assert back_end.log_line("1004")["dd.trace_id"] == flow.stored["dd_trace_id"]


@pytest.mark.parametrize(
    ("order", "headers"),
    [("1005", {}), ("1006", {"traceparent": "", "tracestate": ""}), ("1007", {"traceparent": None})],
    ids=["left out", "empty", "null"],
)
def test_a_flow_without_a_trace_still_gets_its_answer_and_the_back_end_a_trace_of_its_own(
    order: str, headers: dict[str, str | None], agent: Agent, back_end: BackEnd
) -> None:
    ask(back_end, order, **headers)
    span = request_span(agent, order)
    assert not span.get("parent_id")
    assert span["metrics"]["_sampling_priority_v1"] == 1


def test_opentelemetry_reads_the_same_trace_from_the_two_headers(caller: Caller) -> None:
    answer = caller.start(CONVERSATION)
    headers = {name: answer[name] for name in ("traceparent", "tracestate")}
    found = get_current_span(TraceContextTextMapPropagator().extract(headers)).get_span_context()
    assert (f"{found.trace_id:032x}", f"{found.span_id:016x}") == (TRACE_ID, TRACE_ID[:16])
    assert found.trace_flags.sampled
    carried: dict[str, str] = {}
    TraceContextTextMapPropagator().inject(carried, TraceContextTextMapPropagator().extract(headers))
    assert carried == headers == {"traceparent": TRACEPARENT, "tracestate": "dd=s:2;t.dm:-4"}


def test_the_example_is_what_the_page_shows_and_the_linter_finds_nothing_in_it() -> None:
    export = json.loads(EXPORT.read_text())
    inputs = export["contract"]["input"]["inputSchema"]
    headers, properties = re.findall(r"^```json\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    assert json.loads(f"{{{headers}}}").items() <= export["config"]["request"]["headers"].items()
    assert json.loads(f"{{{properties}}}").items() <= inputs["properties"].items()
    assert not {"traceparent", "tracestate"} & set(inputs["required"])
    assert CliRunner().invoke(action, ["lint", str(EXPORT)]).output == "1 file: nothing found\n"


def test_what_the_page_says_the_linter_finds_in_a_header_that_cannot_be_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = EXPORT.read_text().replace("$!{input.traceparent}", "${input.traceparent}")
    Path("order-status.custom.json").write_text(text)
    printed = CliRunner().invoke(action, ["lint", "order-status.custom.json"]).output
    assert f"$ callspan action lint order-status.custom.json\n{printed}" in PAGE
