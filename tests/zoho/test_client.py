from __future__ import annotations

import gzip
import itertools
import json
import traceback
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.helpers.local_server import (
    LocalServer,
    Reply,
    drips,
    gzipped,
    in_chunks,
    never_answers,
    resets,
    running_server,
    says,
)
from zoho_people.endpoints.course_learners import COURSE_LEARNERS
from zoho_people.endpoints.progress import of_unit
from zoho_people.model.entity_type import EntityType
from zoho_people.model.unit import Course, Unit
from zoho_people.zoho.answer import Answer
from zoho_people.zoho.bounds import Bounds
from zoho_people.zoho.client import ZohoPeopleClient
from zoho_people.zoho.errors import (
    LearnerNotFound,
    Locked,
    RequestFailed,
    TemporaryFailure,
    TokenRejected,
    UnexpectedAnswer,
    ZohoError,
)
from zoho_people.zoho.settings import ConnectionSettings

TOKEN = "1000.access-token-in-use"
SECRETS = {"client_secret": "client-secret-0815", "refresh_token": "1000.refresh-token-4711"}
COURSE, BATCH, LEARNER = "100002000000039001", "100002000000040002", "100002000000045011"
UNIT = Unit(Course(COURSE), LEARNER, EntityType.FEEDBACKS)
EMPTY_PAGE = {"code": 200, "learnerProgress": [], "hasMoreRecords": False}


@pytest.fixture
def session() -> Iterator[requests.Session]:
    with requests.Session() as session:
        yield session


@pytest.fixture
def client(server: LocalServer, session: requests.Session) -> ZohoPeopleClient:
    return client_of(server, session)


def client_of(
    server: LocalServer, session: requests.Session, *, timeout_s: float = 5.0, **options: Any
) -> ZohoPeopleClient:
    settings = ConnectionSettings(
        client_id="1000.CLIENT",
        api_url=server.url,
        accounts_url=server.url,
        timeout_s=timeout_s,
        **SECRETS,
    )
    return ZohoPeopleClient(settings, session, **options)


def failure_of(client: ZohoPeopleClient) -> ZohoError:
    """The error of a page that can't be had. Whatever is ever shown of it holds no token and no secret."""
    with pytest.raises(ZohoError) as error:
        client.get_page(of_unit(UNIT).request(0), access_token=TOKEN)
    shown = repr(error.value) + str(error.value.facts()) + "".join(traceback.format_exception(error.value))
    assert not [secret for secret in (TOKEN, *SECRETS.values()) if secret in shown]
    return error.value


def test_a_page_is_asked_for_under_course_and_learner(server: LocalServer, client: ZohoPeopleClient) -> None:
    server.script(says(EMPTY_PAGE))
    client.get_page(of_unit(UNIT).request(50), access_token=TOKEN)
    [request] = server.received
    assert request.method == "GET"
    assert (
        request.target == f"/api/v1/courses/{COURSE}/learners/{LEARNER}/progress?entityType=9&startIndex=50"
    )
    assert request.body == b""


def test_a_pseudonym_is_never_sent(server: LocalServer, client: ZohoPeopleClient) -> None:
    unit = Unit(Course(COURSE), "1" * 39, EntityType.FEEDBACKS)
    with pytest.raises(ValueError, match="is not an id"):
        client.get_page(of_unit(unit).request(0), access_token=TOKEN)
    assert not server.received


def test_a_page_of_a_batch_is_asked_for_under_the_batch(
    server: LocalServer, client: ZohoPeopleClient
) -> None:
    server.script(says(EMPTY_PAGE))
    client.get_page(
        of_unit(Unit(Course(COURSE, BATCH), LEARNER, EntityType.OFFLINE_TESTS)).request(0), access_token=TOKEN
    )
    assert server.received[0].target == (
        f"/api/v1/courses/{COURSE}/batches/{BATCH}/learners/{LEARNER}/progress?entityType=0&startIndex=0"
    )


def test_a_list_is_asked_for_by_one_request_and_read(server: LocalServer, client: ZohoPeopleClient) -> None:
    body = f'{{"code":"200","courseProgress":[{{"learnerId":{LEARNER}}}],"hasMoreRecords":true}}'.encode()
    server.script(says(body))
    page = client.get_page(COURSE_LEARNERS.of(Course(COURSE, BATCH)).request(25), access_token=TOKEN)
    assert (page.start_index, page.ids, page.next_start_index) == (25, (LEARNER,), 26)
    [request] = server.received
    assert request.target == f"/api/v1/courses/{COURSE}/batches/{BATCH}/course-progress?startIndex=25"
    assert request.headers["authorization"] == f"Zoho-oauthtoken {TOKEN}"


def test_the_path_of_the_base_url_is_kept(server: LocalServer, session: requests.Session) -> None:
    server.script(says(EMPTY_PAGE))
    settings = ConnectionSettings(
        client_id="1000.CLIENT", api_url=f"{server.url}/gateway", accounts_url=server.url, **SECRETS
    )
    ZohoPeopleClient(settings, session).get_page(of_unit(UNIT).request(0), access_token=TOKEN)
    assert server.received[0].target.startswith("/gateway/api/v1/courses/")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.9.9.9", "[::1]"])
@pytest.mark.parametrize("by", ["environment", "session"])
def test_what_is_for_this_machine_never_goes_to_a_proxy(
    server: LocalServer, session: requests.Session, monkeypatch: pytest.MonkeyPatch, host: str, by: str
) -> None:
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    if by == "session":
        session.proxies = {"http": server.url, "all": server.url}
    else:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
            monkeypatch.setenv(name, server.url)
    base_url = f"http://{host}:1"
    settings = ConnectionSettings(
        client_id="1000.CLIENT", api_url=base_url, accounts_url=base_url, timeout_s=2.0, **SECRETS
    )
    client = ZohoPeopleClient(settings, session)
    failure_of(client)
    with pytest.raises(TemporaryFailure):
        client.post_token()
    assert server.received == []


def test_what_is_for_another_host_goes_to_the_proxy(
    server: LocalServer, session: requests.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", server.url)
    server.script(says(EMPTY_PAGE))
    settings = ConnectionSettings(
        client_id="1000.CLIENT", api_url="http://people.test", accounts_url="http://people.test", **SECRETS
    )
    ZohoPeopleClient(settings, session).get_page(of_unit(UNIT).request(0), access_token=TOKEN)
    assert server.received[0].target.startswith("http://people.test/api/v1/courses/")


def test_the_token_goes_in_zohos_own_header(server: LocalServer, client: ZohoPeopleClient) -> None:
    server.script(says(EMPTY_PAGE))
    client.get_page(of_unit(UNIT).request(0), access_token=TOKEN)
    assert server.received[0].headers["authorization"] == f"Zoho-oauthtoken {TOKEN}"


def test_a_page_is_read_with_ids_beyond_2_to_the_53(server: LocalServer, client: ZohoPeopleClient) -> None:
    body = f'{{"code":"200","learnerId":{LEARNER},"learnerProgress":[{{"feedbackId":9007199254740993}}]}}'.encode()
    server.script(says(body))
    page = client.get_page(of_unit(UNIT).request(0), access_token=TOKEN)
    assert page.records == ({"feedbackId": 9007199254740993},)
    assert page.next_start_index == 1


def test_an_answer_without_a_body_is_an_empty_page(server: LocalServer, client: ZohoPeopleClient) -> None:
    server.script(says(b"", status=204), says(b"", status=204))
    page = client.get_page(of_unit(UNIT).request(25), access_token=TOKEN)
    assert (page.records, page.next_start_index) == ((), None)
    listed = client.get_page(COURSE_LEARNERS.of(Course(COURSE)).request(25), access_token=TOKEN)
    assert (listed.records, listed.next_start_index) == ((), None)


REPLIES: list[tuple[str, Reply, type[ZohoError]]] = [
    ("locked", says({"code": 7209, "message": "threshold limit"}, status=429), Locked),
    ("token refused", says({"code": "INVALID_OAUTHTOKEN"}, status=401), TokenRejected),
    ("not found", says({"code": 404}, status=404), LearnerNotFound),
    ("server error", says({"code": 500}, status=500), TemporaryFailure),
    ("server error as HTML", says(b"<html>502</html>", status=502), TemporaryFailure),
    ("sign-in page", says(b"<html>Sign in</html>"), TemporaryFailure),
    ("no body", says(b""), TemporaryFailure),
    ("broken JSON", says(b'{"code": 200, "learnerPro'), TemporaryFailure),
    ("reset", resets, TemporaryFailure),
    ("shorter than it says", says(EMPTY_PAGE, content_length=5000), TemporaryFailure),
    ("redirect", says(b"", status=302, headers={"Location": "/elsewhere"}), UnexpectedAnswer),
    ("a list", says([]), UnexpectedAnswer),
    (
        "refused token that it repeats",
        says({"code": "X", "message": "bad request"}, status=400),
        RequestFailed,
    ),
]


@pytest.mark.parametrize(
    ("reply", "meaning"), [pytest.param(reply, meaning, id=name) for name, reply, meaning in REPLIES]
)
def test_a_failure_costs_exactly_one_request(
    server: LocalServer, client: ZohoPeopleClient, reply: Reply, meaning: type[ZohoError]
) -> None:
    server.script(reply, says(EMPTY_PAGE))
    assert type(failure_of(client)) is meaning
    assert len(server.received) == 1


STATUS_MEANINGS = [
    (429, Locked),
    (401, TokenRejected),
    (503, TemporaryFailure),
    (404, TemporaryFailure),
]


@pytest.mark.parametrize("body", [b"<html>", b"", b"slow down"])
@pytest.mark.parametrize(("status", "meaning"), STATUS_MEANINGS)
def test_an_error_status_means_the_same_without_json(
    server: LocalServer, client: ZohoPeopleClient, body: bytes, status: int, meaning: type[ZohoError]
) -> None:
    server.script(says(body, status=status))
    assert type(failure_of(client)) is meaning


@pytest.mark.parametrize("body", [b"[]", b'"slow down"', b"null", b"429", b'{"a": NaN}'])
@pytest.mark.parametrize(("status", "meaning"), STATUS_MEANINGS)
def test_an_error_status_means_the_same_whatever_its_json(
    server: LocalServer, client: ZohoPeopleClient, body: bytes, status: int, meaning: type[ZohoError]
) -> None:
    server.script(says(body, status=status))
    assert type(failure_of(client)) is meaning


def test_a_lock_is_known_even_when_its_body_is_cut_off(server: LocalServer, client: ZohoPeopleClient) -> None:
    server.script(says(b'{"code": 72', status=429, content_length=500))
    assert type(failure_of(client)) is Locked


def test_two_pages_are_two_requests_on_one_connection(server: LocalServer, client: ZohoPeopleClient) -> None:
    server.script(says(EMPTY_PAGE), says(EMPTY_PAGE))
    client.get_page(of_unit(UNIT).request(0), access_token=TOKEN)
    client.get_page(of_unit(UNIT).request(0), access_token=TOKEN)
    assert len(server.received) == 2


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed_and_the_token_not_sent_on(
    server: LocalServer, client: ZohoPeopleClient, status: int
) -> None:
    with running_server() as elsewhere:
        server.script(says(b"", status=status, headers={"Location": f"{elsewhere.url}/api"}))
        error = failure_of(client)
    assert type(error) is UnexpectedAnswer
    assert error.http_status == status
    assert "data_center and host" in error.message
    assert elsewhere.received == []
    assert len(server.received) == 1


def test_the_secrets_are_not_redirected_either(server: LocalServer, client: ZohoPeopleClient) -> None:
    with running_server() as elsewhere:
        server.script(says(b"", status=307, headers={"Location": f"{elsewhere.url}/oauth/v2/token"}))
        with pytest.raises(UnexpectedAnswer):
            client.post_token()
    assert elsewhere.received == []


def test_no_answer_in_time_is_temporary(server: LocalServer, session: requests.Session) -> None:
    server.script(never_answers)
    error = failure_of(client_of(server, session, timeout_s=0.2))
    assert type(error) is TemporaryFailure
    assert error.message == "no answer within 0.2 s"


def test_an_answer_that_drips_in_is_given_up_when_its_time_is_over(
    server: LocalServer, session: requests.Session
) -> None:
    server.script(drips)
    error = failure_of(client_of(server, session, timeout_s=0.3))
    assert type(error) is TemporaryFailure
    assert error.message == "the answer took longer than 0.3 s"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("location", ["http://[nowhere", "http://[::1", "https://people.zoho.com:port/"])
def test_a_redirect_to_nowhere_is_an_answer_that_was_not_expected(
    server: LocalServer, client: ZohoPeopleClient, location: str, status: int
) -> None:
    server.script(says(b"", status=status, headers={"Location": location}))
    assert type(failure_of(client)) is UnexpectedAnswer
    assert len(server.received) == 1


@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_a_packed_answer_in_chunks_is_read_whole(
    server: LocalServer, client: ZohoPeopleClient, size: int
) -> None:
    server.script(in_chunks(gzip.compress(json.dumps(EMPTY_PAGE).encode()), size))
    assert client.get_page(of_unit(UNIT).request(0), access_token=TOKEN).records == ()


def test_nobody_listening_is_temporary(session: requests.Session) -> None:
    with running_server() as gone:
        client = client_of(gone, session)
    error = failure_of(client)
    assert type(error) is TemporaryFailure
    assert error.message == "the connection failed: ConnectionError"


@pytest.mark.parametrize("host", ["a..b", "a" * 64 + ".example"])
def test_a_host_name_that_cannot_be_is_an_error_of_the_client(session: requests.Session, host: str) -> None:
    client = client_of(LocalServer(f"http://{host}"), session)
    assert isinstance(failure_of(client), (RequestFailed, TemporaryFailure))


MEGABYTE = 1024 * 1024
LARGE = {
    "a long text": b'{"message": "' + b"x" * (8 * MEGABYTE) + b'"}',
    "many objects": b'{"learnerProgress": [' + b"{}," * 530_000 + b"{}]}",
    "many lists": b'{"learnerProgress": [' + b"[]," * 530_000 + b"[]]}",
    "many keys": b'{"learnerProgress": [{' + b'"a":0,' * 530_000 + b'"a":0}]}',
}


@pytest.mark.parametrize("body", LARGE.values(), ids=LARGE.keys())
@pytest.mark.parametrize("packed", [False, True])
def test_an_answer_larger_than_any_page_is_refused_before_it_is_parsed(
    server: LocalServer, client: ZohoPeopleClient, body: bytes, *, packed: bool
) -> None:
    headers = {"Content-Encoding": "gzip"} if packed else {}
    server.script(says(gzip.compress(body, 1) if packed else body, headers=headers))
    error = failure_of(client)
    assert type(error) is UnexpectedAnswer
    assert error.http_status == 200
    assert error.message == Bounds().too_large


def test_an_answer_within_the_deployers_bound_is_read(server: LocalServer, session: requests.Session) -> None:
    body = json.dumps({**EMPTY_PAGE, "padding": "x" * (9 * MEGABYTE)}).encode()
    server.script(says(body), says(body))
    client = client_of(server, session, bounds=Bounds(answer_mib=10))
    assert client.get_page(of_unit(UNIT).request(0), access_token=TOKEN).records == ()
    assert type(failure_of(client_of(server, session))) is UnexpectedAnswer


def test_an_error_stays_what_it_is_whatever_its_size(server: LocalServer, client: ZohoPeopleClient) -> None:
    server.script(says(b"x" * (9 * MEGABYTE), status=429))
    error = failure_of(client)
    assert type(error) is Locked
    assert error.message.endswith(Bounds().too_large)


def test_an_answer_that_unpacks_to_more_than_any_page_is_refused(
    server: LocalServer, client: ZohoPeopleClient
) -> None:
    packed = gzip.compress(b" " * (64 * MEGABYTE))
    server.script(says(packed, headers={"Content-Encoding": "gzip"}))
    assert failure_of(client).message == Bounds().too_large


def empty_blocks(send: Callable[[bytes], None]) -> None:
    """A gzip member that never comes to a byte: blocks of nothing."""
    packer = zlib.compressobj(wbits=16 + zlib.MAX_WBITS)
    send(packer.compress(b"") + packer.flush(zlib.Z_SYNC_FLUSH))
    while True:
        send(packer.flush(zlib.Z_FULL_FLUSH) or b"\0\0\0\xff\xff" * 10_000)


def empty_members(send: Callable[[bytes], None]) -> None:
    """Gzip members of nothing, one behind the other."""
    while True:
        send(gzip.compress(b"") * 1_000)


@pytest.mark.parametrize("write", [empty_blocks, empty_members])
def test_a_packed_answer_that_comes_to_nothing_is_refused_by_what_was_received(
    server: LocalServer, session: requests.Session, write: Callable[[Callable[[bytes], None]], None]
) -> None:
    server.script(gzipped(write))
    error = failure_of(client_of(server, session, bounds=Bounds(answer_mib=1), timeout_s=60.0))
    assert error.message == Bounds(answer_mib=1).too_large


def test_a_packed_answer_that_comes_to_nothing_is_given_up_when_its_time_is_over(
    server: LocalServer, session: requests.Session
) -> None:
    now = itertools.count(0.0, 1.0)
    server.script(gzipped(empty_members))
    client = client_of(server, session, timeout_s=20.0, monotonic=lambda: next(now))
    assert failure_of(client).message == "the answer took longer than 20 s"


@pytest.mark.parametrize("kept", [1, 10, -1])
def test_a_packed_answer_that_is_cut_off_is_temporary(
    server: LocalServer, client: ZohoPeopleClient, kept: int
) -> None:
    server.script(
        says(gzip.compress(json.dumps(EMPTY_PAGE).encode())[:kept], headers={"Content-Encoding": "gzip"})
    )
    error = failure_of(client)
    assert type(error) is TemporaryFailure
    assert error.message == "the answer's packing is cut off"


@pytest.mark.parametrize("packing", ["br", "zstd", "gzip, gzip", "x" * 1_000])
def test_a_packing_that_was_not_asked_for_is_refused(
    server: LocalServer, client: ZohoPeopleClient, packing: str
) -> None:
    server.script(says(EMPTY_PAGE, headers={"Content-Encoding": packing}))
    error = failure_of(client)
    assert type(error) is UnexpectedAnswer
    assert error.message.startswith(f"the answer is packed as {packing[:40]}")
    assert server.received[0].headers["accept-encoding"] == "gzip"


def test_a_packed_answer_may_have_several_members(server: LocalServer, client: ZohoPeopleClient) -> None:
    body = json.dumps(EMPTY_PAGE).encode()
    packed = b"".join(map(gzip.compress, (body[:20], b"", body[20:])))
    server.script(says(packed, headers={"Content-Encoding": "gzip"}))
    assert client.get_page(of_unit(UNIT).request(0), access_token=TOKEN).records == ()


def test_a_packed_answer_is_unpacked(server: LocalServer, client: ZohoPeopleClient) -> None:
    server.script(says(gzip.compress(json.dumps(EMPTY_PAGE).encode()), headers={"Content-Encoding": "gzip"}))
    assert client.get_page(of_unit(UNIT).request(0), access_token=TOKEN).records == ()


def test_an_answer_that_lies_about_its_packing_is_temporary(
    server: LocalServer, client: ZohoPeopleClient
) -> None:
    server.script(says(EMPTY_PAGE, headers={"Content-Encoding": "gzip"}))
    assert type(failure_of(client)) is TemporaryFailure


def test_the_secrets_go_in_the_body_of_a_post_only(server: LocalServer, client: ZohoPeopleClient) -> None:
    server.script(says({"access_token": TOKEN}))
    assert client.post_token() == Answer(200, {"access_token": TOKEN})
    [request] = server.received
    assert (request.method, request.target) == ("POST", "/oauth/v2/token")
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    assert request.form == {"grant_type": "refresh_token", "client_id": "1000.CLIENT", **SECRETS}
    assert "authorization" not in request.headers
    assert not [value for value in request.headers.values() for secret in SECRETS.values() if secret in value]


def test_a_page_request_carries_no_secret(server: LocalServer, client: ZohoPeopleClient) -> None:
    server.script(says(EMPTY_PAGE))
    client.get_page(of_unit(UNIT).request(0), access_token=TOKEN)
    assert not [secret for secret in SECRETS.values() if secret in repr(server.received[0])]


def test_the_users_netrc_is_ignored(
    server: LocalServer, client: ZohoPeopleClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    server.script(says(EMPTY_PAGE), says({"access_token": TOKEN}), says({"code": 200}))
    client.get_page(of_unit(UNIT).request(0), access_token=TOKEN)
    client.post_token()
    client.get("/api/v1/courses", {}, access_token=TOKEN)
    page, token, courses = (request.headers.get("authorization") for request in server.received)
    assert (page, token, courses) == (f"Zoho-oauthtoken {TOKEN}", None, f"Zoho-oauthtoken {TOKEN}")


@pytest.mark.parametrize(
    ("headers", "wait_s"),
    [
        ({"Retry-After": "900"}, 900.0),
        ({"Retry-After": " 0 "}, 0.0),
        ({"Retry-After": "86401"}, 86_400.0),
        ({"Retry-After": "9" * 5000}, 86_400.0),
        (
            {"Retry-After": "Mon, 23 Nov 2099 10:00:00 GMT", "Date": "Mon, 23 Nov 2026 10:00:00 GMT"},
            86_400.0,
        ),
        ({"Retry-After": "Mon, 23 Nov 2026 10:10:00 GMT", "Date": "Mon, 23 Nov 2026 10:00:00 GMT"}, 600.0),
        ({"Retry-After": "Mon, 23 Nov 2026 09:00:00 GMT", "Date": "Mon, 23 Nov 2026 10:00:00 GMT"}, 0.0),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": ""}, None),
        ({"Retry-After": "-5"}, None),
        ({"Retry-After": "Mon, 99 Nov 2026 10:10:00 GMT"}, None),
        ({"Retry-After": f"Mon, 23 Nov 2026 10:10:00 +{'9' * 19}"}, None),
        ({"Retry-After": f"Mon, 23 Nov {'9' * 19} 10:10:00 GMT"}, None),
        ({"Retry-After": "Mon, 01 Jan 0001 00:00:00 +2359", "Date": "Mon, 23 Nov 2026 10:00:00 GMT"}, 0.0),
        ({}, None),
    ],
)
def test_the_servers_wait_is_read_as_number_or_date(
    server: LocalServer, client: ZohoPeopleClient, headers: dict[str, str], wait_s: float | None
) -> None:
    server.script(replies_with_own_date({"code": 7209}, status=429, headers=headers))
    error = failure_of(client)
    assert type(error) is Locked
    assert error.retry_after_s == wait_s


def replies_with_own_date(body: object, *, status: int, headers: dict[str, str]) -> Reply:
    """As :func:`says`, but with the scripted ``Date`` instead of the server's."""
    answer = says(body, status=status, headers={k: v for k, v in headers.items() if k != "Date"})

    def reply(exchange: object) -> None:
        if "Date" in headers:
            exchange.date_time_string = lambda timestamp=None: headers["Date"]  # type: ignore[attr-defined]
        answer(exchange)  # type: ignore[arg-type]

    return reply


def test_any_path_can_be_asked_for_and_the_answer_is_given_as_it_is(
    server: LocalServer, client: ZohoPeopleClient
) -> None:
    server.script(says({"code": "INVALID_OAUTHTOKEN"}, status=401))
    answer = client.get("/api/v1/courses", {"startIndex": 0}, access_token=TOKEN)
    assert answer == Answer(401, {"code": "INVALID_OAUTHTOKEN"})
    assert server.received[0].target == "/api/v1/courses?startIndex=0"
