"""The benchmark's own parts: the load is sent as planned, and the figures are what they are called."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator

import msgpack
import pytest

from bench.alike import Work, differences
from bench.call import Call
from bench.connection import LoadError
from bench.figures import Figures, percentile, row, table
from bench.intake import spans_in
from bench.load import Measured, Plan, due_times, generate, send
from bench.self_time import by_package, package
from tests.unit.emulator.loopback import Answer, Service, running_service


@pytest.fixture
def service() -> Iterator[Service]:
    with running_service() as service:
        yield service


def plan(service: Service, seconds: float = 0.2, **more: float) -> Plan:
    port = int(service.url.rpartition(":")[2])
    body = '{"id": "@conversation@", "trace": "@trace-id@-@root-id@"}'
    return Plan(port, "/start", {"X-Id": "@conversation@"}, body, seconds, connections=4, **more)  # type: ignore[arg-type]


def test_at_a_rate_exactly_the_requests_that_were_due_are_sent(service: Service) -> None:
    measured = generate(plan(service, rate=100))
    assert measured.requests == len(measured.latencies) == len(service.received) == 20
    assert min(measured.latencies) > 0


def test_without_a_rate_every_connection_is_kept_busy_until_the_time_is_over(service: Service) -> None:
    measured = generate(plan(service))
    assert measured.requests == len(service.received) > 4
    assert measured.per_second == pytest.approx(measured.requests / measured.seconds)


def test_each_request_is_of_a_conversation_of_its_own_and_well_formed(service: Service) -> None:
    generate(plan(service, rate=100))
    bodies = [json.loads(received.body) for received in service.received]
    assert len({body["id"] for body in bodies}) == 20
    for body, received in zip(bodies, service.received, strict=True):
        hex_digits = body["id"].replace("-", "")
        assert body["trace"] == f"{hex_digits}-{hex_digits[:16]}"
        assert (received.method, received.path, received.headers["X-Id"]) == ("POST", "/start", body["id"])


def test_who_waits_behind_a_stalled_request_is_timed_from_when_it_was_due(service: Service) -> None:
    """All connections stall for 0.3 s after the first request; what is due within 0.1 s waits for 0.2 s at least."""
    hold = threading.Event()
    service.answer = lambda _: Answer(hold=hold)

    def let_go() -> None:
        service.arrived.wait(5)
        threading.Timer(0.3, hold.set).run()

    thread = threading.Thread(target=let_go)
    thread.start()
    measured = generate(plan(service, seconds=0.1, rate=200))
    thread.join()
    assert measured.requests == 20
    assert min(measured.latencies) > 0.2


def test_a_server_that_closes_after_each_answer_is_connected_to_again(service: Service) -> None:
    service.answers(body={}, headers={"Connection": "close"})
    assert generate(plan(service, rate=100)).requests == 20


def test_an_answer_other_than_200_ends_the_run(service: Service) -> None:
    service.answers(500, {})
    with pytest.raises(LoadError, match=r"^not answered 200 but HTTP/1\.1 500 .*: b'{}'$"):
        generate(plan(service, rate=100))


def test_a_server_that_is_not_there_ends_the_run(service: Service) -> None:
    gone = Plan(1, "/", {}, "", 0.1)
    with pytest.raises(LoadError, match="cannot connect: Connection refused"):
        generate(gone)


def test_a_process_of_its_own_sends_the_same_and_tells_why_it_failed(service: Service) -> None:
    assert send(plan(service, rate=100)).requests == len(service.received) == 20
    service.answers(401, {})
    with pytest.raises(LoadError, match=r"^not answered 200 but HTTP/1\.1 401 .*: b'{}'$"):
        send(plan(service, rate=100))


def test_requests_are_due_at_even_distances_from_the_start_on() -> None:
    assert list(due_times(10, 4, 1)) == [10, 10.25, 10.5, 10.75]


@pytest.mark.parametrize(
    ("share", "expected"), [(0.5, 500), (0.99, 990), (0.999, 999), (0.9991, 1000), (1, 1000), (0, 1)]
)
def test_a_percentile_is_the_least_value_that_so_many_do_not_exceed(share: float, expected: float) -> None:
    assert percentile(list(range(1000, 0, -1)), share) == expected


def test_no_values_have_no_percentile() -> None:
    with pytest.raises(ValueError, match="no values"):
        percentile([], 0.5)


def test_a_ratio_is_taken_within_its_round_and_then_the_median() -> None:
    unit = Figures("constant", "unit", cpu_us=[100, 200, 400], per_second=[1] * 3, rss_mb=[1], start_s=[1])
    unit.latencies = [0.001]
    other = Figures("other", "other", cpu_us=[300, 400, 400], per_second=[10, 30, 20], rss_mb=[1], start_s=[1])
    other.latencies = [0.001] * 99 + [0.1]
    found = row(other, unit)
    assert (found.cpu_ratio, found.cpu_ratio_range, found.per_second) == (2, (1, 3), 20)
    assert (found.p50_ms, found.p99_ms, found.p999_ms, found.requests_timed) == (1, 1, 100, 100)


def test_a_table_is_aligned() -> None:
    assert table(("", "n"), [("a", "1"), ("long", "200")]) == "        n\na       1\nlong  200"


def test_the_throughput_is_what_was_answered_in_the_time_it_took() -> None:
    assert Measured(100, 2, []).per_second == 50


def test_spans_are_read_from_both_versions_of_payloads() -> None:
    span = {"name": "callspan.start", "service": "callspan", "resource": "r", "trace_id": 1, "span_id": 2}
    span |= {"parent_id": 3, "start": 4, "duration": 5, "error": 0, "meta": {"a": "b"}, "metrics": {"m": 1.0}}
    assert list(spans_in("/v0.4/traces", msgpack.packb([[span, span]]))) == [span, span]
    strings = ["", "callspan.start", "callspan", "r", "a", "b", "m", "web"]
    packed = msgpack.packb([strings, [[[2, 1, 3, 1, 2, 3, 4, 5, 0, {4: 5}, {6: 1.0}, 7]]]])
    assert list(spans_in("/v0.5/traces", packed)) == [span]


def test_work_that_differs_is_told_part_by_part() -> None:
    def work(status: str, tag: str) -> Work:
        return Work([(200, {"status": status})], [], [401], {1: "-4"}, [{"name": "callspan.start", "tag": tag}])

    assert differences(work("ok", "a"), work("ok", "a")) == []
    answer, span = differences(work("ok", "a"), work("rejected", "b"))
    assert answer.startswith("answer: expected (200, {'status': 'ok'}), found")
    assert span.startswith("callspan.start: expected {'name': 'callspan.start', 'tag': 'a'}, found")


def test_the_time_of_built_in_functions_is_their_callers() -> None:
    callers = {("/somewhere/app.py", 1, "f"): (1, 1, 0.25, 0.25)}
    stats = {("~", 0, "len"): (1, 1, 0.25, 0.25, callers), ("/somewhere/app.py", 1, "f"): (1, 1, 0.5, 0.75, {})}
    assert by_package(stats) == {"Python": 0.75}
    assert package(__file__) == "callspan: tests"
    assert package(msgpack.__file__) == "msgpack"
    assert package(json.__file__) == "Python"


def test_the_call_is_what_the_flow_sends() -> None:
    assert json.loads(Call("token", tags="a:b", padding=10).body()) == {
        "conversationId": "@conversation@",
        "traceparent": "00-@trace-id@-@root-id@-01",
        "flowName": "Sales inbound",
        "tags": "a:b",
        "channel": "voice",
        "direction": "inbound",
        "queueName": "Sales",
        "padding": "x" * 10,
    }
