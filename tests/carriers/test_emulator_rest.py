"""The emulator's REST API, as any client of Twilio's would use it."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import ClientSession, encode_basic_auth

from smsgateway.carriers.emulator import Configuration, EmulatorServer, Stuck, Undelivered
from tests.carriers.doing import OURS, PATIENT, send, text


def call(
    emulator: EmulatorServer,
    method: str,
    path: str = ".json",
    *,
    query: dict[str, str] | None = None,
    form: dict[str, str] | None = None,
    token: str | None = None,
) -> tuple[int, dict[str, Any]]:
    """Status and JSON of one request to the account's messages."""
    account = emulator.configuration.account_sid
    url = path if path.startswith("/") else f"/2010-04-01/Accounts/{account}/Messages{path}"
    headers = {"Authorization": encode_basic_auth(account, token or emulator.configuration.auth_token)}

    async def calling() -> tuple[int, dict[str, Any]]:
        async with (
            ClientSession(emulator.base_url) as session,
            session.request(method, url, params=query, data=form, headers=headers) as answer,
        ):
            return answer.status, await answer.json() if answer.status != 204 else {}

    return asyncio.run(calling())


def test_a_created_message_looks_like_twilio_s(emulator: EmulatorServer) -> None:
    form = {"To": PATIENT, "From": OURS, "Body": "Hei! " * 40}
    status, message = call(emulator, "POST", form=form)

    assert status == 201
    assert message["sid"].startswith("SM")
    assert len(message["sid"]) == 34
    assert message["uri"].endswith(f"/Messages/{message['sid']}.json")
    assert {key: message[key] for key in ("status", "direction", "num_segments", "num_media", "price")} == {
        "status": "queued",
        "direction": "outbound-api",
        "num_segments": "2",
        "num_media": "0",
        "price": None,
    }
    assert message["date_sent"] is None
    assert message["date_created"].endswith("+0000")


@pytest.mark.parametrize(
    ("method", "path", "token", "status", "code"),
    [
        ("POST", ".json", "wrong", 401, 20003),
        ("GET", ".json", "wrong", 401, 20003),
        ("GET", "/2010-04-01/Accounts/AC1/Messages.json", None, 404, 20404),
        ("GET", "/SM1.json", "wrong", 404, 20404),
        ("POST", ".json", None, 400, 21604),
    ],
)
def test_an_error_looks_like_twilio_s(
    emulator: EmulatorServer, method: str, path: str, token: str | None, status: int, code: int
) -> None:
    account = emulator.configuration.account_sid
    if path == "/SM1.json":
        path, token = f"/2010-04-01/Accounts/{account}/Messages/SM1.json", None

    got, error = call(emulator, method, path, token=token)

    assert (got, error["status"], error["code"]) == (status, status, code)
    assert error["more_info"] == f"https://www.twilio.com/docs/errors/{code}"
    assert error["message"]


def test_a_message_can_be_redacted_and_deleted(emulator: EmulatorServer) -> None:
    [accepted] = send(emulator, text())
    one = f"/{accepted.sid}.json"
    path = f"/2010-04-01/Accounts/{emulator.configuration.account_sid}/Messages{one}"

    assert call(emulator, "POST", path, form={"Body": ""})[1]["body"] == ""
    assert call(emulator, "GET", path)[1]["body"] == ""
    assert call(emulator, "DELETE", path)[0] == 204
    assert [call(emulator, method, path)[0] for method in ("GET", "POST", "DELETE")] == [404, 404, 404]
    assert emulator.messages_of(PATIENT) == []


def test_pages_follow_each_other_without_gap_or_double(emulator: EmulatorServer) -> None:
    send(emulator, *(text(body=str(number)) for number in range(7)))
    bodies, path, query = [], ".json", {"To": PATIENT, "PageSize": "3"}
    sizes = []
    while path:
        _, page = call(emulator, "GET", path, query=query)
        bodies += [message["body"] for message in page["messages"]]
        sizes.append(len(page["messages"]))
        path, query = page["next_page_uri"], {}
        send(emulator, text(body="came in between"))

    assert bodies == ["6", "5", "4", "3", "2", "1", "0"]
    assert sizes == [3, 3, 1]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, [3, 2, 1]),
        ({"DateSent>": "2026-03-02"}, [3, 2]),
        ({"DateSent>": "2026-03-02T12:00:00Z"}, [3, 2]),
        ({"DateSent>": "2026-03-02T12:00:01Z"}, [3]),
        ({"DateSent<": "2026-03-02"}, [2, 1]),
        ({"DateSent<": "2026-03-02T11:59:59Z"}, [1]),
        ({"DateSent": "2026-03-02"}, [2]),
        ({"DateSent>": "2026-03-02", "DateSent<": "2026-03-02"}, [2]),
        ({"From": "+358457000009"}, []),
        ({"From": OURS, "To": PATIENT}, [3, 2, 1]),
        ({"From": OURS}, [3, 2, 1]),
    ],
)
def test_lists_are_filtered(query: dict[str, str], found: list[int]) -> None:
    now = [datetime(2026, 3, 1, 12, tzinfo=UTC)]
    with EmulatorServer(clock=lambda: now[0]) as emulator:
        for day in (1, 2, 3):
            send(emulator, text(body=str(day)))
            now[0] += timedelta(days=1)

        _, page = call(emulator, "GET", query=query)

    assert [int(message["body"]) for message in page["messages"]] == found


def test_a_message_that_has_not_left_is_in_no_period(emulator: EmulatorServer) -> None:
    emulator.fault(Stuck())
    send(emulator, text())

    assert call(emulator, "GET", query={"DateSent>": "2020-01-01"})[1]["messages"] == []
    assert len(call(emulator, "GET")[1]["messages"]) == 1


@pytest.mark.parametrize("query", [{"PageSize": "many"}, {"DateSent>": "yesterday"}, {"Page": "x"}])
def test_a_senseless_query_is_refused(emulator: EmulatorServer, query: dict[str, str]) -> None:
    assert call(emulator, "GET", query=query)[0] == 400


def test_an_undelivered_message_says_why(emulator: EmulatorServer) -> None:
    emulator.fault(Undelivered(30006), to="67")
    send(emulator, text(), text("+358409999999"))

    [failed], [fine] = emulator.messages_of(PATIENT), emulator.messages_of("+358409999999")
    assert (failed.status, failed.error_code) == ("undelivered", 30006)
    assert (fine.status, fine.error_code) == ("delivered", None)


def test_a_bounded_store_forgets_the_oldest() -> None:
    with EmulatorServer(Configuration(keep=2)) as emulator:
        send(emulator, *(text(body=str(number)) for number in range(4)))

        assert [message.body for message in emulator.messages_of(PATIENT)] == ["2", "3"]
        assert emulator.sent == 4


def test_a_fault_strikes_as_often_as_it_was_told_to(emulator: EmulatorServer) -> None:
    emulator.fault(Undelivered(30003), times=2)
    emulator.fault(Undelivered(30005), probability=0.0)
    send(emulator, *(text() for _ in range(4)))

    assert [message.error_code for message in emulator.messages_of(PATIENT)] == [30003, 30003, None, None]


def test_cleared_faults_strike_no_more(emulator: EmulatorServer) -> None:
    emulator.fault(Undelivered(30003))
    emulator.clear_faults()
    send(emulator, text())

    assert [message.error_code for message in emulator.messages_of(PATIENT)] == [None]


def test_the_clock_handed_in_dates_the_messages() -> None:
    moment = datetime(2031, 5, 1, 9, tzinfo=UTC)
    with EmulatorServer(clock=lambda: moment) as emulator:
        send(emulator, text())

        [message] = emulator.messages_of(PATIENT)
    assert (message.created, message.sent) == (moment, moment)


def test_a_port_that_is_taken_is_an_error_and_not_a_hang(emulator: EmulatorServer) -> None:
    port = int(emulator.base_url.rpartition(":")[2])

    with pytest.raises(OSError, match="address already in use"), EmulatorServer(port=port):
        pass
