"""Custom authentication: the token, its reuse, and what is done when a request with it fails."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator

import pytest

from architect.emulator.engine import Engine, Reauthentication
from architect.emulator.export import DataAction

from .conftest import ORGANIZATION, action
from .loopback import Answer, Received, Service

CREDENTIALS = {"clientId": "genesys", "clientSecret": "open sesame!"}
CALL = action(headers={"Authorization": "${authResponse.token_type} ${authResponse.access_token}"})


def auth_action(**changes: object) -> DataAction:
    return action(
        type="customAuth",
        url="https://service.example.com/oauth/token",
        headers={
            "Authorization": 'Basic $encoding.base64("${credentials.clientId}:${credentials.clientSecret}")',
            "Transfer-Encoding": "buffered",
            "Content-Type": "application/x-www-form-urlencoded",
        },
        body="grant_type=client_credentials&s=$esc.url(${credentials.clientSecret})",
        outputs={"type": "object", "properties": {}, "additionalProperties": True},
        **changes,
    )


class TokenService:
    """Issues token-secret-1, token-secret-2 ... and refuses the tokens in `refused` with `refusal`."""

    def __init__(self) -> None:
        self.issued = 0
        self.refused: set[str] = set()
        self.refusal = 401

    def __call__(self, request: Received) -> Answer:
        if request.path == "/oauth/token":
            self.issued += 1
            body = {"access_token": f"token-secret-{self.issued}", "token_type": "Bearer"}
            return Answer(body=json.dumps(body).encode())
        token = request.headers["Authorization"].removeprefix("Bearer ")
        return Answer(self.refusal if token in self.refused else 200)


@pytest.fixture
def tokens(service: Service) -> TokenService:
    service.answer = tokens = TokenService()
    return tokens


def new_engine(service: Service, reauthenticate_on: Reauthentication = "any-failure") -> Engine:
    return Engine(
        auth=auth_action(),
        credentials=CREDENTIALS,
        organization_id=ORGANIZATION,
        base_url=service.url,
        reauthenticate_on=reauthenticate_on,
    )


@pytest.fixture
def engine(service: Service, tokens: TokenService) -> Iterator[Engine]:
    with new_engine(service) as engine:
        yield engine


def test_the_auth_action_is_sent_with_the_credentials(engine: Engine, service: Service) -> None:
    assert engine.test(CALL, {}).success
    request = service.received[0]
    assert request.headers["Authorization"] == "Basic " + base64.b64encode(b"genesys:open sesame!").decode()
    assert (request.body, request.chunks) == (b"grant_type=client_credentials&s=open+sesame%21", None)


def test_its_fields_are_visible_to_the_other_actions(engine: Engine, service: Service) -> None:
    engine.test(CALL, {})
    assert service.last.headers["Authorization"] == "Bearer token-secret-1"


def test_the_token_is_used_again(engine: Engine, tokens: TokenService) -> None:
    assert [engine.test(CALL, {}).success for _ in range(3)] == [True] * 3
    assert tokens.issued == 1


def test_threads_that_start_together_cause_one_token_request(engine: Engine, tokens: TokenService) -> None:
    threads = [threading.Thread(target=engine.test, args=(CALL, {})) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert tokens.issued == 1


@pytest.mark.parametrize("refusal", [401, 403, 429, 500])
def test_by_choice_any_failure_with_a_cached_token_is_retried_once_with_a_new_one(
    engine: Engine, tokens: TokenService, service: Service, refusal: int
) -> None:
    engine.test(CALL, {})
    tokens.refused, tokens.refusal = {"token-secret-1"}, refusal
    report = engine.test(CALL, {})
    assert report.success
    assert [operation.step for operation in report.operations] == list(range(1, 12))
    assert "anew" in str(report.operations[3].result)
    assert "authentication-retry" in [choice.id for choice in report.choices]
    assert (tokens.issued, len(service.received)) == (2, 5)


def test_both_attempts_carry_the_same_correlation_id(engine: Engine, tokens: TokenService, service: Service) -> None:
    engine.test(CALL, {})
    tokens.refused = {"token-secret-1"}
    execution = engine.execute(CALL, {})
    first, _, second = service.received[-3:]
    assert {first.headers["ININ-Correlation-Id"], second.headers["ININ-Correlation-Id"]} == {execution.correlation_id}


def test_a_new_token_that_fails_is_not_replaced(engine: Engine, tokens: TokenService) -> None:
    tokens.refused = {"token-secret-1", "token-secret-2"}
    assert engine.execute(CALL, {}).path == "failure"
    assert tokens.issued == 1


def test_a_second_failure_ends_the_execution(engine: Engine, tokens: TokenService) -> None:
    engine.test(CALL, {})
    tokens.refused = {"token-secret-1", "token-secret-2"}
    assert engine.execute(CALL, {}).path == "failure"
    assert tokens.issued == 2


@pytest.mark.parametrize(
    ("policy", "refusal", "issued"), [("401", 401, 2), ("401", 500, 1), ("never", 401, 1), ("any-failure", 500, 2)]
)
def test_the_choice_can_be_narrowed(
    service: Service, tokens: TokenService, policy: Reauthentication, refusal: int, issued: int
) -> None:
    with new_engine(service, policy) as engine:
        engine.test(CALL, {})
        tokens.refused, tokens.refusal = {"token-secret-1"}, refusal
        engine.test(CALL, {})
    assert tokens.issued == issued


@pytest.mark.parametrize(
    ("status", "body", "says"),
    [(401, b"{}", "answered 401"), (200, b"no json", "not JSON"), (200, b"[]", "did not return an object")],
)
def test_failed_authentication_fails_the_execution_before_its_request(
    service: Service, status: int, body: bytes, says: str
) -> None:
    service.answers(status, body)
    auth = auth_action()
    if body == b"[]":
        auth = action(type="customAuth", outputs={"type": "array"})
    with Engine(auth=auth, credentials=CREDENTIALS, organization_id=ORGANIZATION, base_url=service.url) as engine:
        execution = engine.execute(CALL, {}, flow_type="workflow")
    assert execution.path == "failure"
    assert execution.failure_outputs is not None
    assert execution.failure_outputs["details.errorCode"] == ["ACTION.AUTHENTICATION"]
    assert execution.report.operations[-1].step == 4
    assert says in (execution.report.operations[-1].error or "")
    assert "INVALID_CREDENTIALS" in (execution.report.error or "")
    assert execution.request is None


def test_without_an_auth_action_there_is_no_auth_response(service: Service) -> None:
    with Engine(organization_id=ORGANIZATION, base_url=service.url) as engine:
        report = engine.test(CALL, {})
    assert report.operations[3].result == "not needed"
    assert report.error == "Variable $authResponse has not been set at Authorization[line 1, column 1]"


def test_user_defined_credentials_are_visible_without_an_auth_action(service: Service) -> None:
    keyed = action(headers={"X-Api-Key": "${credentials.key}"})
    with Engine(organization_id=ORGANIZATION, credentials={"key": "k-12345"}, base_url=service.url) as engine:
        assert engine.test(keyed, {}).success
    assert service.last.headers["X-Api-Key"] == "k-12345"


def test_only_a_custom_auth_action_can_authenticate() -> None:
    with pytest.raises(ValueError, match="a customAuth action is needed here, not custom"):
        Engine(auth=CALL, organization_id=ORGANIZATION)


def test_no_secret_is_shown(engine: Engine, service: Service) -> None:
    """Neither the credentials nor the token, in whichever encoding, reach a report or a request's text."""
    leaky = action(
        url="https://x.example/?k=$esc.url(${credentials.clientSecret})",
        headers={"Authorization": "Bearer ${authResponse.access_token}", "X-Copy": "${authResponse.access_token}"},
        body='{"s": "${credentials.clientSecret}", "t": "${authResponse.access_token}"}',
    )
    execution = engine.execute(leaky, {})
    auth_report = engine.test(auth_action(), {})
    shown = f"{execution.report}{execution.report.as_dict()}{execution.request}{execution.request!r}{auth_report}"
    assert service.received[1].headers["X-Copy"] == "token-secret-1"
    for secret in ("open sesame!", "open+sesame", "open%20sesame", "token-secret"):
        assert secret not in shown
    assert execution.request is not None
    assert execution.request.headers["Authorization"] == "Bearer token-secret-1"


def test_the_auth_action_can_be_tested_itself(engine: Engine) -> None:
    report = engine.test(auth_action(), {})
    assert report.final_result == {"access_token": "token-secret-1", "token_type": "Bearer"}
    assert "Result: (access_token, token_type)" in str(report)
