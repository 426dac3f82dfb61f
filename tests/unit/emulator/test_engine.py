"""The engine against a real web service on the loopback interface."""

from __future__ import annotations

import json
import threading
import uuid
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from architect.emulator.engine import Engine
from architect.emulator.report import STEP_NAMES

from .conftest import ORGANIZATION, action
from .loopback import Answer, Received, Service

STRINGS = {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}}}


class TestTheStepsOfTestMode:
    def test_a_successful_run_reports_every_step(self, engine: Engine, service: Service) -> None:
        service.answers(body={"status": "ok", "ids": {"trace": "8f14"}})
        report = engine.test(action(inputs=STRINGS), {"a": "x"}, flatten=True)
        assert [operation.name for operation in report.operations] == list(STEP_NAMES)
        assert [operation.step for operation in report.operations] == list(range(1, 13))
        assert all(operation.success for operation in report.operations)
        assert report.final_result == {"status": "ok", "ids.trace": "8f14"}

    def test_without_flatten_the_result_keeps_its_shape(self, engine: Engine, service: Service) -> None:
        service.answers(body={"ids": {"trace": "8f14"}})
        report = engine.test(action(), {})
        assert (report.success, report.final_result) == (True, {"ids": {"trace": "8f14"}})
        assert len(report.operations) == 11

    def test_the_run_stops_at_the_step_that_fails(self, engine: Engine, service: Service) -> None:
        report = engine.test(action(body="${input.gone}"), {})
        assert [operation.success for operation in report.operations] == [True] * 6 + [False]
        assert report.operations[-1].error == report.error
        assert (report.success, report.final_result, service.received) == (False, None, [])

    def test_the_report_has_the_api_s_names(self, engine: Engine) -> None:
        found = engine.test(action(), {}).as_dict()
        assert set(found) == {"operations", "finalResult", "success", "error"}
        assert json.loads(json.dumps(found))["operations"][0] == {
            "step": 1,
            "name": "Validate request body contains simple json (key-value pairs)",
            "success": True,
            "result": None,
            "error": None,
        }

    def test_the_report_can_be_read(self, engine: Engine) -> None:
        text = str(engine.test(action(body="${input.gone}"), {}))
        assert " 6. Resolve request header templates: ok" in text
        assert " 7. Resolve request body template: FAILED" in text
        assert "evaluated to null when attempting to render at requestTemplate[line 1, column 1]" in text

    @pytest.mark.parametrize(
        ("changes", "inputs", "step", "says"),
        [
            ({}, {"a": {"b": 1}}, 1, "`a` is an object"),
            ({}, {"a": float("nan")}, 1, "nan is not a JSON number"),
            ({}, ["a"], 1, "array where an object should be"),
            ({"inputs": {"type": "object", "properties": {"a": {"type": "object"}}}}, {}, 2, "no sub-objects"),
            ({"outputs": {"type": "file"}}, {}, 2, "successSchema/type"),
            ({"headers": {"Accept": "text/xml"}}, {}, 2, "The 'Accept' header only supports json content types"),
            ({"headers": {"a b": "c"}}, {}, 2, "'a b' is not a header name"),
            ({"headers": {"Content-Length": "3"}}, {}, 2, "Content-Length is computed"),
            ({"type": "static"}, {}, 2, "static actions are built into Genesys Cloud"),
            ({"inputs": STRINGS}, {"a": 1}, 3, 'instance type ("integer") does not match'),
            ({"inputs": {**STRINGS, "required": ["a"]}}, {}, 3, 'object has missing required properties (["a"])'),
            ({"url": "https://x.example/${input.id}"}, {}, 5, "at requestUrlTemplate[line 1, column 19]"),
            ({"url": "https://x.example/a b"}, {}, 5, "Illegal character in request URL at index"),
            ({"url": "https://x.example/?q=é"}, {}, 5, "Illegal character in request URL at index"),
            ({"url": "https://x.example/%zz"}, {}, 5, "Illegal character in request URL at index"),
            ({"headers": {"X-Id": "${input.id}"}}, {}, 6, "at X-Id[line 1, column 1]"),
            ({"headers": {"X-Id": "${input.a}"}}, {"a": "b\r\nX-Evil: 1"}, 6, "contains a line break"),
            ({"headers": {"X-Id": "${input.a}"}}, {"a": "é"}, 6, "beyond ASCII"),
            ({"headers": {"Accept": "${input.a}"}}, {"a": "text/html"}, 6, "only supports json content types"),
            ({"body": "$esc.nope(1)"}, {}, 7, "does not contain method nope(java.lang.Integer)"),
            ({"body": "#if(true)"}, {}, 7, 'Encountered "<EOF>" at requestTemplate'),
            ({"map": {"v": "$.["}}, {}, 9, "translationMap.v: "),
            ({"success": '{"v": ${v}}'}, {}, 10, "Variable $v has not been set at successTemplate[line 1, column 7]"),
            ({"success": "{'v': 1}"}, {}, 10, "successTemplate did not give JSON"),
            ({"outputs": {"type": "object", "required": ["v"]}}, {}, 11, "missing required properties"),
        ],
    )
    def test_each_step_fails_in_its_own_words(
        self, engine: Engine, changes: dict[str, object], inputs: dict[str, object], step: int, says: str
    ) -> None:
        report = engine.test(action(**changes), inputs)
        assert report.operations[-1].step == step
        assert says in (report.operations[-1].error or "")


class TestTheRequest:
    def test_null_inputs_are_dropped_before_anything_else(self, engine: Engine, service: Service) -> None:
        inputs = {"type": "object", "properties": {"input1": {"type": "string"}, "input2": {"type": "string"}}}
        assert engine.test(action(inputs=inputs), {"input1": None, "input2": "ABCD"}).success
        assert service.last.body == b'{"input2":"ABCD"}'

    def test_the_raw_request_keeps_every_digit(self, engine: Engine, service: Service) -> None:
        engine.test(action(), {"id": 18446744073709551615, "price": 1.5, "yes": True})
        assert service.last.body == b'{"id":18446744073709551615,"price":1.5,"yes":true}'

    def test_a_body_is_sent_in_chunks(self, engine: Engine, service: Service) -> None:
        engine.test(action(body='{"a":1}'), {})
        assert (service.last.chunks, service.last.body) == ([7], b'{"a":1}')
        assert service.last.headers["Transfer-Encoding"] == "chunked"
        assert "Content-Length" not in service.last.headers

    @pytest.mark.parametrize("name", ["Transfer-Encoding", "transfer-encoding"])
    def test_a_buffered_body_is_sent_with_its_length(self, engine: Engine, service: Service, name: str) -> None:
        execution = engine.execute(action(body='{"a":1}', headers={name: "buffered"}), {})
        assert (service.last.chunks, service.last.headers["Content-Length"]) == (None, "7")
        assert "Transfer-Encoding" not in service.last.headers
        assert execution.request is not None
        assert name not in execution.request.headers

    @pytest.mark.parametrize("buffered", [{}, {"Transfer-Encoding": "buffered"}], ids=["chunked", "buffered"])
    def test_an_empty_body_is_sent_too(self, engine: Engine, service: Service, buffered: dict[str, str]) -> None:
        assert engine.test(action(body="", headers=buffered), {}).success
        assert service.last.body == b""

    @pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
    def test_methods_with_a_body(self, engine: Engine, service: Service, method: str) -> None:
        engine.test(action(method=method, body="{}"), {})
        assert (service.last.method, service.last.body) == (method, b"{}")

    @pytest.mark.parametrize("method", ["GET", "DELETE"])
    def test_methods_without_a_body(self, engine: Engine, service: Service, method: str) -> None:
        engine.test(action(method=method, body="${input.gone}"), {})
        assert (service.last.method, service.last.body) == (method, b"")
        assert not {"Transfer-Encoding", "Content-Type"} & set(service.last.headers)

    def test_genesys_adds_its_own_headers(self, engine: Engine, service: Service) -> None:
        first = engine.execute(action(), {})
        second = engine.execute(action(), {})
        sent = [request.headers for request in service.received]
        assert [headers["ININ-Organization-Id"] for headers in sent] == [ORGANIZATION] * 2
        assert [headers["ININ-Home-Organization-Id"] for headers in sent] == [ORGANIZATION] * 2
        assert [headers["ININ-Correlation-Id"] for headers in sent] == [first.correlation_id, second.correlation_id]
        assert first.correlation_id != second.correlation_id
        assert str(uuid.UUID(first.correlation_id)) == first.correlation_id
        assert "ININ-User-Id" not in sent[0]

    def test_the_user_and_the_home_organization_are_sent_when_known(self, service: Service) -> None:
        with Engine(
            organization_id=ORGANIZATION, home_organization_id="home", user_id="user", base_url=service.url
        ) as engine:
            engine.test(action(), {})
        assert service.last.headers["ININ-User-Id"] == "user"
        assert service.last.headers["ININ-Home-Organization-Id"] == "home"

    def test_json_is_asked_for_and_announced_unless_the_action_says_other(
        self, engine: Engine, service: Service
    ) -> None:
        engine.test(action(), {})
        assert (service.last.headers["Accept"], service.last.headers["Content-Type"]) == ("application/json",) * 2
        engine.test(action(headers={"accept": "application/hal+json; q=1", "content-type": "text/x"}), {})
        assert service.last.headers["accept"] == "application/hal+json; q=1"
        assert service.last.headers["content-type"] == "text/x"

    def test_the_base_url_takes_the_place_of_scheme_and_host(self, engine: Engine, service: Service) -> None:
        engine.test(action(method="GET", url="https://api.example.com:8443/a/../b;c?q=%2f+1&r#f"), {})
        assert service.last.path == "/a/../b;c?q=%2F+1&r"

    def test_a_url_that_is_only_a_path_needs_a_base_url(self, engine: Engine, service: Service) -> None:
        relative = action(method="GET", url="/api/v2/users/me")
        assert engine.test(relative, {}).success
        assert service.last.path == "/api/v2/users/me"
        with Engine(organization_id=ORGANIZATION) as without:
            assert "not an absolute http or https URL" in (without.test(relative, {}).error or "")

    @pytest.mark.parametrize(
        "url", ["ftp://x.example/", "https://", "https://x.example:99999/", "x.example/a", "https://[x", ""]
    )
    def test_other_urls_are_refused(self, url: str) -> None:
        with Engine(organization_id=ORGANIZATION) as engine:
            assert "not an absolute http or https URL" in (engine.test(action(url=url), {}).error or "")

    @given(text=st.text())
    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
    def test_an_encoded_input_arrives_as_it_was_given(self, engine: Engine, service: Service, text: str) -> None:
        template = '{"a": "$esc.jsonEncode("$!{input.a}")"}'
        assert engine.test(action(inputs=STRINGS, body=template), {"a": text}).success
        assert json.loads(service.last.body) == {"a": text}

    @given(text=st.text(min_size=1))
    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
    def test_an_encoded_input_cannot_leave_its_place_in_the_url(
        self, engine: Engine, service: Service, text: str
    ) -> None:
        url = "https://x.example/v1/$esc.uriEncode(${input.a})?b=$esc.url(${input.a})"
        assert engine.test(action(method="GET", url=url, inputs=STRINGS), {"a": text}).success
        path, _, query = service.last.path.removeprefix("/v1/").partition("?")
        assert "/" not in path
        assert query.startswith("b=")
        assert "&" not in query


class TestTheResponse:
    @pytest.mark.parametrize(
        ("defaults", "result"),
        [({}, None), ({"v": '"none"'}, {"v": "none"})],
        ids=["without default", "with default"],
    )
    def test_a_missing_value_takes_its_default(self, engine: Engine, defaults: dict[str, str], result: object) -> None:
        report = engine.test(action(map={"v": "$.v"}, defaults=defaults, success='{"v": ${v}}'), {})
        assert report.final_result == result

    def test_an_existing_null_does_not(self, engine: Engine, service: Service) -> None:
        service.answers(body={"v": None})
        report = engine.test(action(map={"v": "$.v"}, defaults={"v": "1"}, success='{"v": ${v}}'), {})
        assert report.final_result == {"v": None}

    def test_a_filter_without_a_match_does_not(self, engine: Engine, service: Service) -> None:
        service.answers(body={"p": [{"id": "c1", "purpose": "agent"}]})
        first = action(
            map={"ids": "$.p[?(@.purpose=='customer')].id"},
            defaults={"ids": '["default"]'},
            success='{"id": ${successTemplateUtils.firstFromArray("${ids}", "$esc.quote$esc.quote")}}',
        )
        assert engine.test(first, {}).final_result == {"id": ""}

    def test_values_are_inserted_as_json_text(self, engine: Engine, service: Service) -> None:
        service.answers(body={"s": 'a"b', "n": 1, "o": {"x": [True]}})
        mapped = action(map={"s": "$.s", "n": "$.n", "o": "$.o"}, success='{"s": ${s}, "n": ${n}, "o": ${o}}')
        assert engine.test(mapped, {}).final_result == {"s": 'a"b', "n": 1, "o": {"x": [True]}}

    def test_digits_survive_from_response_to_result(self, engine: Engine, service: Service) -> None:
        service.answers(body=b'{"id": 18446744073709551615, "price": 1.10}')
        mapped = action(map={"id": "$.id", "price": "$.price"}, success='{"id": ${id}, "price": ${price}}')
        report = engine.test(mapped, {})
        assert report.as_dict()["finalResult"] == report.final_result
        assert 'Result: {"id":18446744073709551615,"price":1.10}' in str(report)

    def test_a_null_against_a_string_fails_the_output_contract(self, engine: Engine, service: Service) -> None:
        service.answers(body={"a": None})
        error = engine.test(action(outputs=STRINGS), {}).error or ""
        assert 'instance type ("null") does not match any allowed primitive type (allowed: ["string"])' in error

    @pytest.mark.parametrize(("status", "body"), [(204, None), (200, None), (200, b" \r\n")])
    def test_an_empty_answer_is_an_empty_object(
        self, engine: Engine, service: Service, status: int, body: bytes | None
    ) -> None:
        service.answers(status, body)
        report = engine.test(action(), {})
        assert (report.success, report.final_result) == (True, {})

    def test_an_answer_that_is_not_json_fails_as_genesys_documents(self, engine: Engine, service: Service) -> None:
        service.answers(body=b"<html>")
        report = engine.test(action(), {})
        assert report.error == (
            "REST call for action execute failed. Message: Request to backend service failed. "
            "To see error details, use test mode"
        )
        assert "<html>" in (report.operations[-1].error or "")

    @pytest.mark.parametrize("status", [400, 401, 404, 429, 500, 503])
    def test_an_error_status_fails_and_only_test_mode_tells_why(
        self, engine: Engine, service: Service, status: int
    ) -> None:
        service.answers(status, {"reason": "because"})
        report = engine.test(action(), {})
        assert "because" not in (report.error or "")
        assert f"answered {status}" in (report.operations[-1].error or "")
        assert "because" in (report.operations[-1].error or "")

    @pytest.mark.parametrize("status", [301, 302, 307, 308])
    def test_by_choice_a_redirect_is_not_followed(self, engine: Engine, service: Service, status: int) -> None:
        service.answers(status, {}, headers={"Location": f"{service.url}/elsewhere"})
        report = engine.test(action(), {})
        assert not report.success
        assert len(service.received) == 1
        assert "redirects" in [choice.id for choice in report.choices]

    def test_an_answer_nested_too_deeply_fails(self, engine: Engine, service: Service) -> None:
        service.answers(body=b"[" * 100_000)
        assert "nested deeper than 50 levels" in (engine.test(action(), {}).operations[-1].error or "")

    def test_inputs_are_not_visible_in_the_success_template(self, engine: Engine) -> None:
        report = engine.test(action(success='{"a": "${input.a}"}'), {"a": "x"})
        assert "Variable $input has not been set" in (report.error or "")
        assert "success-template-scope" in [choice.id for choice in report.choices]

    def test_a_service_that_cannot_be_reached_fails(self) -> None:
        with Engine(organization_id=ORGANIZATION) as engine:
            execution = engine.execute(action(url="http://127.0.0.1:1/"), {}, flow_type="workflow")
        assert (execution.path, execution.response) == ("failure", None)
        assert "Request to backend service failed" in str(execution.report)


class TestAFlowStep:
    OUTPUTS: ClassVar = {
        "type": "object",
        "properties": {
            "trace_id": {"type": "string"},
            "rows": {"type": "array", "items": {"type": "object", "properties": {"id": {"type": "string"}}}},
        },
    }

    def test_success_gives_the_declared_outputs_by_flat_name(self, engine: Engine, service: Service) -> None:
        service.answers(body={"trace_id": "8f14", "rows": [{"id": "1"}, {"id": "2"}], "undeclared": 1})
        execution = engine.execute(action(outputs=self.OUTPUTS), {})
        assert (execution.path, execution.outputs) == ("success", {"trace_id": "8f14", "rows.id": ["1", "2"]})
        assert execution.request is not None
        assert execution.response is not None
        assert (execution.request.method, execution.response.status) == ("POST", 200)

    @pytest.mark.parametrize("flow_type", ["inboundCall", "inqueueCall", "inQueueCall", "outboundCall", "secureCall"])
    @pytest.mark.parametrize("status", [200, 500])
    def test_voice_flows_get_no_failure_outputs(
        self, engine: Engine, service: Service, flow_type: str, status: int
    ) -> None:
        service.answers(status, {})
        assert engine.execute(action(), {}, flow_type=flow_type).failure_outputs is None

    @pytest.mark.parametrize("flow_type", ["workflow", "inboundShortMessage", "inboundEmail", "commonModule"])
    def test_other_flows_get_all_thirteen(self, engine: Engine, service: Service, flow_type: str) -> None:
        service.answers(500, {})
        execution = engine.execute(action(), {}, flow_type=flow_type)
        assert (execution.path, execution.outputs) == ("failure", {})
        assert execution.failure_outputs == {
            "errorCode": "BAD_REQUEST",
            "status": 400,
            "correlationId": execution.correlation_id,
            "entityId": "",
            "entityName": "",
            "userMessage": "The request could not be understood by the server due to malformed syntax.",
            "userParamsMessage": "",
            "userParams.key": [],
            "userParams.value": [],
            "details.errorCode": ["ACTION.REMOTE_ENDPOINT"],
            "details.fieldName": [],
            "details.entityId": [],
            "details.entityName": [],
        }

    def test_after_success_the_failure_outputs_are_unset(self, engine: Engine) -> None:
        failure = engine.execute(action(), {}, flow_type="workflow").failure_outputs
        assert failure is not None
        assert len(failure) == 13
        assert set(failure.values()) == {None}

    def test_a_template_error_is_one_of_processing(self, engine: Engine) -> None:
        failure = engine.execute(action(body="${input.gone}"), {}, flow_type="workflow").failure_outputs
        assert failure is not None
        assert failure["details.errorCode"] == ["ACTION.PROCESSING"]


class TestManyThreads:
    @pytest.fixture
    def echoing(self, service: Service) -> Service:
        def echo(request: Received) -> Answer:
            return Answer(body=request.body)

        service.answer = echo
        return service

    def test_executions_do_not_mix(self, engine: Engine, echoing: Service) -> None:
        results: dict[int, object] = {}
        example = action(outputs={"type": "object", "properties": {"n": {"type": "integer"}}})

        def one(number: int) -> None:
            results[number] = engine.execute(example, {"n": number}).outputs

        threads = [threading.Thread(target=one, args=(number,)) for number in range(32)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert results == {number: {"n": number} for number in range(32)}
        assert len({request.headers["ININ-Correlation-Id"] for request in echoing.received}) == 32
