import asyncio
import pickle
from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from chargepipe.http import (
    BadAnswer,
    BadRecord,
    Breaker,
    Call,
    Gone,
    NeedsAdmin,
    Operation,
    PauseUntilReset,
    Reconnect,
    ServiceError,
    Throttle,
    Transient,
    Uncertain,
)
from chargepipe.pipedrive import Pipedrive, costs, open_pipedrive
from scripted import Scripted, reply
from virtual_time import VirtualClock

GET_PERSON, UPDATE_PERSON = costs.GET["person"], costs.UPDATE["person"]
PERSON = {"success": True, "data": {"id": 1}}
HTML = "<html>blocked</html>"


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


def client(transport: httpx2.AsyncBaseTransport, **options: Any) -> Pipedrive:
    return open_pipedrive(
        "https://acme.pipedrive.com",
        "token",
        throttle=Throttle.pipedrive(),
        transport=transport,
        **options,
    )


def refused(code: str | None = None, error: str = "no") -> dict[str, Any]:
    return {"success": False, "error": error, "data": None, **({"code": code} if code else {})}


ANSWERS: list[tuple[httpx2.Response, type[ServiceError], type[ServiceError]]] = [
    # answer, what a read makes of it, what a write makes of it
    (reply(400, refused("ERR_SCHEMA_VALIDATION_FAILED")), BadRecord, BadRecord),
    (reply(400, refused("ERR_DEAL_DELETED")), Gone, Gone),
    (reply(401, refused()), Reconnect, Reconnect),
    (reply(401, HTML), Reconnect, Reconnect),
    (reply(402, refused()), NeedsAdmin, NeedsAdmin),
    (reply(403, refused("feature_capping_custom_fields_limit")), NeedsAdmin, NeedsAdmin),
    (reply(403, HTML), Breaker, Breaker),
    (reply(404, refused()), Gone, Gone),
    (reply(404, HTML), BadAnswer, Uncertain),
    (reply(408, refused()), Transient, Uncertain),
    (reply(409, refused()), BadRecord, BadRecord),
    (reply(410, refused()), Gone, Gone),
    (reply(415, refused()), BadRecord, BadRecord),
    (reply(422, refused()), BadRecord, BadRecord),
    (reply(429, HTML), Transient, Transient),
    (reply(429, HTML, x_daily_ratelimit_token_remaining="0"), PauseUntilReset, PauseUntilReset),
    (reply(500, refused()), Transient, Uncertain),
    (reply(503, HTML), Transient, Uncertain),
    (reply(524, HTML), Transient, Uncertain),
    (reply(200, HTML), BadAnswer, Uncertain),
    (reply(200, "[]"), BadAnswer, Uncertain),
    (reply(200, "[" * 100_000), BadAnswer, Uncertain),
    (reply(200, ""), BadAnswer, Uncertain),
    (reply(204, ""), BadAnswer, Uncertain),
    (reply(200, {"success": True}), BadAnswer, Uncertain),
    (reply(200, {"success": True, "data": {"name": "Ann"}}), BadAnswer, Uncertain),
    (reply(200, refused()), BadRecord, BadRecord),
    (reply(302, "", location="https://elsewhere.example/"), BadAnswer, Uncertain),
    (reply(308, {}, location="https://elsewhere.example/"), BadAnswer, Uncertain),
]


@pytest.mark.parametrize(
    ("answer", "on_read", "on_write"),
    ANSWERS,
    ids=[f"{row[0].status_code}-{row[0].text[:40]}" for row in ANSWERS],
)
def test_each_answer_becomes_the_error_that_tells_what_to_do(
    clock: VirtualClock,
    answer: httpx2.Response,
    on_read: type[ServiceError],
    on_write: type[ServiceError],
) -> None:
    with pytest.raises(ServiceError) as read:
        clock.run(client(Scripted(answer)).get("person", 1))
    with pytest.raises(ServiceError) as write:
        clock.run(client(Scripted(answer)).update("person", 1, {"name": "Ann"}))
    assert (type(read.value), type(write.value)) == (on_read, on_write)
    assert read.value.status == write.value.status == answer.status_code
    assert read.value.service == "Pipedrive"
    assert "\n" not in str(read.value)
    assert len(str(read.value)) < 450


def test_an_error_tells_the_services_own_code_and_words(clock: VirtualClock) -> None:
    server = Scripted(reply(403, refused("feature_capping_custom_fields_limit", "No more fields.")))
    with pytest.raises(NeedsAdmin) as caught:
        clock.run(client(server).create_field("person", "CB Plan", "varchar"))
    assert caught.value.code == "feature_capping_custom_fields_limit"
    assert str(caught.value) == (
        "Pipedrive answered POST /api/v2/personFields with 403 feature_capping_custom_fields_limit"
        ' "No more fields.". A limit of the Pipedrive plan is reached: free some, or ask an admin.'
    )


def test_a_404_for_a_list_does_not_say_that_a_record_is_gone(clock: VirtualClock) -> None:
    server = Scripted(reply(404, refused()))
    with pytest.raises(BadAnswer):
        clock.run(client(server).currencies())
    with pytest.raises(BadRecord):
        clock.run(client(server).create("person", {"name": "Ann"}))


@pytest.mark.parametrize("failure", [httpx2.ReadTimeout, httpx2.ReadError, httpx2.WriteError])
def test_a_write_without_an_answer_is_uncertain_and_sent_once(
    clock: VirtualClock, failure: type[httpx2.RequestError]
) -> None:
    writes: list[Callable[[Pipedrive], Any]] = [
        lambda c: c.create("person", {"name": "Ann"}),
        lambda c: c.update("person", 1, {"name": "Ann"}),
        lambda c: c.delete("person", 1),
        lambda c: c.create_field("person", "CB Plan", "varchar"),
        lambda c: c.add_options("person", "abc", ["Active"]),
    ]
    for write in writes:
        server = Scripted(failure("lost"))
        with pytest.raises(Uncertain) as caught:
            clock.run(write(client(server)))
        assert len(server.requests) == 1
        assert caught.value.status is None


@pytest.mark.parametrize(
    "failure", [httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout]
)
def test_a_write_that_found_no_connection_was_certainly_not_made(
    clock: VirtualClock, failure: type[httpx2.RequestError]
) -> None:
    calls: list[Call] = []
    server = Scripted(failure("no"))
    with pytest.raises(Transient):
        clock.run(client(server, calls=calls.append).create("person", {"name": "Ann"}))
    assert [(call.status, call.cost) for call in calls] == [(None, 0)]


@pytest.mark.parametrize(
    "failure",
    [reply(503, HTML), reply(500, refused()), httpx2.ReadError("x"), httpx2.ConnectError("x")],
)
def test_a_read_is_tried_five_times(
    clock: VirtualClock, failure: httpx2.Response | Exception
) -> None:
    server = Scripted(failure)
    with pytest.raises(Transient):
        clock.run(client(server).get("person", 1))
    assert len(server.requests) == 5
    assert 0.5 < clock.seconds < 30


def test_a_read_that_fails_once_succeeds(clock: VirtualClock) -> None:
    server = Scripted([httpx2.RemoteProtocolError("cut"), reply(502, HTML), reply(200, PERSON)])
    assert clock.run(client(server).get("person", 1)) == {"id": 1}


def test_a_server_that_never_answers_ends_a_call_in_time(clock: VirtualClock) -> None:
    server = Scripted(reply(200, PERSON), delay=3600)
    with pytest.raises(Uncertain):
        clock.run(client(server, read_timeout=12.0).create("person", {"name": "Ann"}))
    assert clock.seconds == pytest.approx(12.0)


def test_a_redirect_is_refused_and_the_token_goes_nowhere_else(clock: VirtualClock) -> None:
    server = Scripted(reply(302, "", location="https://elsewhere.example/api/v2/persons/1"))
    with pytest.raises(BadAnswer):
        clock.run(client(server).get("person", 1))
    assert [request.url.host for request in server.requests] == ["acme.pipedrive.com"]


class LostLease(Exception):
    pass


def test_what_the_hook_before_a_write_raises_comes_through_and_nothing_is_sent(
    clock: VirtualClock,
) -> None:
    server, calls, lost = Scripted(reply(200, PERSON)), list[Call](), LostLease("over")

    def hook() -> None:
        raise lost

    guarded = client(server, before_write=hook, calls=calls.append)
    with pytest.raises(LostLease) as caught:
        clock.run(guarded.create("person", {"name": "Ann"}))
    assert caught.value is lost
    assert (server.requests, calls) == ([], [])
    assert clock.run(guarded.get("person", 1)) == {"id": 1}


def test_the_hook_is_asked_after_all_waiting_and_before_each_repetition(
    clock: VirtualClock,
) -> None:
    asked: list[float] = []
    server = Scripted([reply(429, {}, retry_after="9"), reply(200, PERSON)])
    guarded = client(server, before_write=lambda: asked.append(clock.seconds))

    async def main() -> None:
        await asyncio.gather(*(guarded.create("person", {"name": "Ann"}) for _ in range(8)))

    clock.run(main())
    assert len(asked) == 9
    assert asked == server.times


def test_every_request_is_reported_with_its_price_and_the_days_tokens(clock: VirtualClock) -> None:
    calls: list[Call] = []
    server = Scripted(
        [
            reply(
                200,
                PERSON,
                x_daily_ratelimit_token_limit="30000",
                x_daily_ratelimit_token_remaining="29000",
            ),
            reply(400, refused("ERR_SCHEMA_VALIDATION_FAILED")),
            httpx2.ReadError("cut"),
        ],
        delay=0.25,
    )
    pipedrive = client(server, calls=calls.append)
    clock.run(pipedrive.get("person", 7))
    with pytest.raises(BadRecord):
        clock.run(pipedrive.update("person", 7, {}))
    with pytest.raises(Uncertain):
        clock.run(pipedrive.create("deal", {}))
    assert calls == [
        Call("Pipedrive", "GET", "/api/v2/persons/{id}", 200, 1, 250.0, 30000, 29000),
        Call("Pipedrive", "PATCH", "/api/v2/persons/{id}", 400, 5, 250.0),
        Call("Pipedrive", "POST", "/api/v2/deals", None, 5, 250.0),
    ]


def test_a_cancelled_write_is_reported_for_it_may_have_been_done(clock: VirtualClock) -> None:
    calls: list[Call] = []
    pipedrive = client(Scripted(reply(200, PERSON), delay=9), calls=calls.append)

    async def main() -> None:
        task = asyncio.create_task(pipedrive.create("person", {"name": "Ann"}))
        await asyncio.sleep(1)
        task.cancel()
        await asyncio.wait([task])

    clock.run(main())
    assert [(call.status, call.cost) for call in calls] == [(None, 5)]


@pytest.mark.parametrize(
    "date",
    [
        "Mon, 02 Nov 2026 09:00:00 GMT",
        "Mon, 02 Nov 2026 09:00:00 -0000",
        "02 Nov 2026 10:00:00 +0100",
    ],
)
def test_the_servers_clock_is_read_from_its_date_header(clock: VirtualClock, date: str) -> None:
    pipedrive = client(Scripted(reply(200, PERSON, date=date)))
    assert pipedrive.server_time is None
    clock.run(pipedrive.get("person", 1))
    assert str(pipedrive.server_time) == "2026-11-02 09:00:00+00:00"


@pytest.mark.parametrize("date", ["", "yesterday", "99 Foo 2026 25:00:00 GMT"])
def test_an_odd_date_header_is_no_time(clock: VirtualClock, date: str) -> None:
    pipedrive = client(Scripted(reply(200, PERSON, date=date)))
    clock.run(pipedrive.get("person", 1))
    assert pipedrive.server_time is None


def test_errors_survive_pickling() -> None:
    for error in (Gone("Chargebee", "Gone.", 404, "x"), PauseUntilReset("Pipedrive", "Wait.", 429)):
        copy = pickle.loads(pickle.dumps(error))
        assert (type(copy), str(copy), copy.__dict__) == (type(error), str(error), error.__dict__)


QUOTA = "feature_capping_custom_fields_limit"
SEEN = [
    (reply(200, PERSON), 200, "", True),
    (reply(200, refused()), 200, "", False),
    (reply(400, refused("ERR_DEAL_DELETED")), 400, "ERR_DEAL_DELETED", False),
    (reply(403, refused(QUOTA)), 403, QUOTA, False),
    (reply(404, refused()), 404, "", False),
]


@pytest.mark.parametrize(("answer", "status", "code", "ok"), SEEN)
@pytest.mark.parametrize("operation", [GET_PERSON, UPDATE_PERSON])
def test_an_answer_can_be_had_as_it_came(
    answer: httpx2.Response,
    status: int,
    code: str,
    ok: bool,
    operation: Operation,
    clock: VirtualClock,
) -> None:
    heard = clock.run(client(Scripted(answer)).ask(operation, id=1))
    assert (heard.status, heard.code, heard.ok) == (status, code, ok)
    assert heard.body == answer.json()


MORE_THAN_ONE = [
    (reply(401, refused()), Reconnect),
    (reply(402, refused()), NeedsAdmin),
    (reply(403, HTML), Breaker),
    (reply(200, HTML), Uncertain),
    (reply(500, refused()), Uncertain),
]


@pytest.mark.parametrize(("answer", "error"), MORE_THAN_ONE)
def test_what_concerns_more_than_one_request_is_raised_all_the_same(
    answer: httpx2.Response, error: type[ServiceError], clock: VirtualClock
) -> None:
    with pytest.raises(error):
        clock.run(client(Scripted(answer)).ask(UPDATE_PERSON, body={"name": "Ann"}, id=1))


def test_a_get_that_is_asked_for_as_it_comes_is_tried_again(clock: VirtualClock) -> None:
    server = Scripted([reply(503, HTML), reply(200, PERSON)])
    assert clock.run(client(server).ask(GET_PERSON, id=1)).ok
    assert len(server.requests) == 2
