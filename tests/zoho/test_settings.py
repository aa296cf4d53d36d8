from __future__ import annotations

from typing import Any

import pytest

from zoho_people.zoho.data_centers import DATA_CENTERS, DataCenter
from zoho_people.zoho.errors import InvalidSettings
from zoho_people.zoho.hosts import allowed_hosts
from zoho_people.zoho.settings import EXTRA_KEYS, ConnectionSettings

CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN = "1000.CLIENT", "s3cret-of-client", "1000.refresh-it"


def parse(extra: dict[str, Any] | None = None, **fields: Any) -> ConnectionSettings:
    known = {"login": CLIENT_ID, "password": CLIENT_SECRET, **fields}
    return ConnectionSettings.parse(**known, extra={"refresh_token": REFRESH_TOKEN, **(extra or {})})


def refusal(extra: dict[str, Any] | None = None, **fields: Any) -> str:
    with pytest.raises(InvalidSettings) as error:
        parse(extra, **fields)
    assert error.value.http_status is None
    return error.value.message


def test_credentials_alone_mean_the_us_data_centre_and_zohos_documented_limits() -> None:
    assert parse() == ConnectionSettings(
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        refresh_token=REFRESH_TOKEN,
        api_url="https://people.zoho.com",
        accounts_url="https://accounts.zoho.com",
        window_s=60.0,
        lock_s=300.0,
        timeout_s=30.0,
        daily_limit=None,
        reserve_percent=10,
    )


@pytest.mark.parametrize(
    ("name", "domain"),
    [
        ("us", "zoho.com"),
        ("eu", "zoho.eu"),
        ("in", "zoho.in"),
        ("au", "zoho.com.au"),
        ("jp", "zoho.jp"),
        ("cn", "zoho.com.cn"),
        ("ca", "zohocloud.ca"),
        ("sa", "zoho.sa"),
    ],
)
def test_a_data_centre_has_its_own_api_and_accounts_server(name: str, domain: str) -> None:
    settings = parse({"data_center": name})
    assert (settings.api_url, settings.accounts_url) == (
        f"https://people.{domain}",
        f"https://accounts.{domain}",
    )


def test_an_empty_data_centre_is_the_us_one() -> None:
    assert parse({"data_center": ""}).api_url == "https://people.zoho.com"


@pytest.mark.parametrize("name", ["US", "us ", 1, True, "mars", "zoho.eu"])
def test_an_unknown_data_centre_is_refused_with_those_that_are_known(name: object) -> None:
    message = refusal({"data_center": name})
    assert "extra.data_center" in message
    assert repr(name) in message or name == "zoho.eu"
    assert all(f"{center.name} ({center.country})" in message for center in DATA_CENTERS.values())
    assert "set host and extra.accounts_url" in message


@pytest.mark.parametrize("name", ["uk", "UK", "gb"])
def test_the_united_kingdom_is_sent_to_the_data_centre_of_europe(name: str) -> None:
    message = refusal({"data_center": name})
    assert f"extra.data_center {name!r} " in message
    assert message.endswith("live in the data centre eu; write eu")


@pytest.mark.parametrize(
    ("fields", "field"),
    [({"login": value}, "login") for value in (None, "", "  ")]
    + [({"password": value}, "password") for value in (None, "", "\t")],
)
def test_a_missing_credential_is_named(fields: dict[str, Any], field: str) -> None:
    assert refusal(**fields).startswith(f"connection {field} is missing; put ")


@pytest.mark.parametrize("value", [None, "", " ", 5, True, {"a": 1}])
def test_a_missing_refresh_token_is_named(value: object) -> None:
    assert refusal({"refresh_token": value}).startswith("connection extra.refresh_token is missing; put ")


@pytest.mark.parametrize("text", ["a b", "a\nb", "a\x00b", "sécret", "a\u200bb"])
def test_a_credential_that_was_pasted_wrongly_is_named_and_not_shown(text: str) -> None:
    for message in (refusal(login=text), refusal(password=text), refusal({"refresh_token": text})):
        assert "blanks or unprintable characters; paste " in message
        assert text not in message


def test_blanks_around_a_credential_are_dropped() -> None:
    settings = parse(
        {"refresh_token": f"{REFRESH_TOKEN}\n"}, login=f" {CLIENT_ID}", password=f"{CLIENT_SECRET} "
    )
    assert (settings.client_id, settings.client_secret, settings.refresh_token) == (
        CLIENT_ID,
        CLIENT_SECRET,
        REFRESH_TOKEN,
    )


def test_an_unknown_extra_key_is_refused_with_the_allowed_ones() -> None:
    message = refusal({"datacenter": "eu"})
    assert "unknown key 'datacenter'" in message
    for key in (
        "refresh_token",
        "data_center",
        "accounts_url",
        "window_seconds",
        "lock_seconds",
        "timeout_seconds",
        "allow_http",
        "daily_limit",
        "reserve_percent",
    ):
        assert key in message


@pytest.mark.parametrize(
    ("fields", "url"),
    [
        ({"host": "people.zoho.eu"}, "https://people.zoho.eu"),
        ({"host": " people.zoho.eu "}, "https://people.zoho.eu"),
        ({"host": "people.zoho.eu", "schema": "https"}, "https://people.zoho.eu"),
        ({"host": "people.zoho.eu", "port": 8443}, "https://people.zoho.eu:8443"),
        ({"host": "people.zoho.eu", "port": 0}, "https://people.zoho.eu"),
        ({"host": "people.zoho.eu:8443"}, "https://people.zoho.eu:8443"),
        ({"host": "people.zoho.eu:8443", "port": 9}, "https://people.zoho.eu:8443"),
        ({"host": "https://people.zoho.eu"}, "https://people.zoho.eu"),
        ({"host": "https://people.zoho.eu/"}, "https://people.zoho.eu"),
        ({"host": "https://people.zoho.eu/", "port": 8443}, "https://people.zoho.eu:8443"),
        ({"host": "https://People.Zoho.EU/zoho/"}, "https://people.zoho.eu/zoho"),
        ({"host": "https://people.zoho.eu", "schema": "http"}, "https://people.zoho.eu"),
        ({"host": "127.0.0.1", "port": 8090, "schema": "http"}, "http://127.0.0.1:8090"),
        ({"host": "http://localhost:8090"}, "http://localhost:8090"),
        ({"host": "http://[::1]:8090"}, "http://[::1]:8090"),
        ({"host": "http://[::1]", "port": 8090}, "http://[::1]:8090"),
        ({"host": ""}, "https://people.zoho.com"),
    ],
)
def test_the_host_overrides_the_api_base_however_it_is_written(fields: dict[str, Any], url: str) -> None:
    assert parse(**fields).api_url == url


def test_a_host_leaves_the_accounts_server_alone() -> None:
    settings = parse({"data_center": "eu"}, host="127.0.0.1:8090", schema="http")
    assert settings.accounts_url == "https://accounts.zoho.eu"


def test_a_host_of_zohos_own_is_of_its_data_centre() -> None:
    assert parse(host="people.zoho.eu").accounts_url == "https://accounts.zoho.eu"


@pytest.mark.parametrize(
    ("extra", "host"),
    [
        ({"data_center": "us"}, "people.zoho.eu"),
        ({"data_center": "eu", "accounts_url": "https://accounts.zoho.com"}, None),
        ({"accounts_url": "https://accounts.zoho.com"}, "people.zoho.eu"),
    ],
)
def test_an_api_and_an_accounts_server_of_different_data_centres_are_refused(
    extra: dict[str, Any], host: str | None
) -> None:
    message = refusal(extra, host=host)
    assert "people.zoho.eu is of the data centre eu" in message
    assert "accounts.zoho.com of us" in message
    assert "set extra.data_center" in message


ELSEWHERE = [
    "https://evil.example",
    "https://people.zoho.com.evil.example",
    "https://evilzoho.com",
    "https://accounts-zoho.eu",
    "https://mail.zoho.eu",
    "https://10.0.0.1",
    "https://2130706433",
    "https://[2001:db8::1]:8443",
]


@pytest.mark.parametrize("url", ELSEWHERE)
def test_credentials_are_sent_nowhere_but_to_zoho_and_what_the_deployer_allows(url: str) -> None:
    for message, field in (
        (refusal(host=url), "host"),
        (refusal({"accounts_url": url}), "extra.accounts_url"),
    ):
        assert message.startswith(f"connection {field} would send credentials to ")
        assert "allowed_hosts in the section [zoho_people] of Airflow's configuration" in message
    host = url.removeprefix("https://").removesuffix(":8443")
    allowed = allowed_hosts([host])
    settings = parse({"accounts_url": url}, host=url, allowed_hosts=allowed)
    assert (settings.api_url, settings.accounts_url) == (url, url)


def test_a_host_that_is_refused_is_named() -> None:
    assert "credentials to zoho.evil.example, which is not Zoho's" in refusal(host="Zoho.Evil.example/people")


@pytest.mark.parametrize("center", DATA_CENTERS.values())
def test_each_of_zohos_own_hosts_may_be_named(center: DataCenter) -> None:
    settings = parse({"accounts_url": center.accounts_url}, host=center.api_url.removeprefix("https://"))
    assert (settings.api_url, settings.accounts_url) == (center.api_url, center.accounts_url)


@pytest.mark.parametrize(
    ("entry", "url", "is_allowed"),
    [
        ("gateway.example", "https://gateway.example", True),
        ("Gateway.Example", "https://gateway.example:8443/zoho", True),
        ("https://gateway.example", "https://gateway.example:1", True),
        ("gateway.example:8443", "https://gateway.example:8443", True),
        ("gateway.example:8443", "https://gateway.example", False),
        ("gateway.example:443", "https://gateway.example", True),
        ("gateway.example", "https://other.gateway.example", False),
        ("gateway.example", "http://gateway.example", False),
        ("http://gateway.example", "http://gateway.example:80", True),
        ("http://gateway.example", "https://gateway.example", True),
        ("http://gateway.example:8080", "http://gateway.example", False),
    ],
)
def test_an_entry_allows_its_host_its_port_and_plain_http_where_it_says_so(
    entry: str, url: str, *, is_allowed: bool
) -> None:
    allowed = allowed_hosts(["other.example", entry])
    if is_allowed:
        assert parse({"allow_http": True}, host=url, allowed_hosts=allowed).api_url == url
    else:
        assert "connection host would send" in refusal({"allow_http": True}, host=url, allowed_hosts=allowed)


@pytest.mark.parametrize(
    "entry", ["*", "*.example", "gateway.example/path", "ftp://x.example", "a b", "x:0", ""]
)
def test_an_entry_that_is_no_host_is_refused_by_value_and_place(entry: str) -> None:
    with pytest.raises(InvalidSettings) as error:
        allowed_hosts([entry])
    assert error.value.message.startswith(
        f"{entry!r} is not a host; write allowed_hosts in the section [zoho_peo"
    )


IMPOSSIBLE_URLS = [
    "ftp://people.zoho.com",
    "https://",
    "https:///path",
    "https://user@people.zoho.com",
    "https://user:pass@people.zoho.com",
    "https://people.zoho.com?x=1",
    "https://people.zoho.com#x",
    "https://people.zoho.com:0",
    "https://people.zoho.com:65536",
    "https://people.zoho.com:port",
    "https://people zoho.com",
    "https://-people.zoho.com",
    "https://péople.zoho.com",
]
ESCAPING_URLS = [
    pytest.param("https://[::1", id="bracket left open"),
    pytest.param("https://people.zoho.com℀", id="host with a slash after normalisation"),
    pytest.param("https://people.zoho.com:²", id="superscript port"),
]
LENIENT_URLS = [
    pytest.param("https://people.zoho.com:٨٠", id="port in other digits"),
    pytest.param("https://people.zo\nho.com", id="line feed in the host"),
    pytest.param("https://people.zoho.com/a\tb", id="tab in the path"),
    pytest.param("https://people..zoho.com", id="empty label"),
    pytest.param(f"https://{'a' * 64}.com", id="label of 64 characters"),
    pytest.param("https://[::::]", id="no IPv6 address"),
]


@pytest.mark.parametrize("url", IMPOSSIBLE_URLS)
def test_a_host_that_is_no_url_of_a_host_is_refused_by_name(url: str) -> None:
    assert refusal(host=url).startswith("connection host is not an http(s) URL of a host; write ")


@pytest.mark.parametrize("url", [*IMPOSSIBLE_URLS, "accounts.zoho.com", 5, ["https://accounts.zoho.com"]])
def test_an_accounts_url_that_is_no_url_of_a_host_is_refused_by_name(url: object) -> None:
    message = refusal({"accounts_url": url})
    assert message.startswith("connection extra.accounts_url is not an http(s) URL of a host; write ")


@pytest.mark.parametrize("url", [*ESCAPING_URLS, *LENIENT_URLS])
@pytest.mark.parametrize("where", ["host", "extra.accounts_url"])
def test_a_url_that_only_looks_like_one_is_refused_by_name(url: str, where: str) -> None:
    message = refusal(host=url) if where == "host" else refusal({"accounts_url": url})
    assert message.startswith(f"connection {where} is not an http(s) URL of a host")


def test_a_url_is_not_shown_when_it_is_refused() -> None:
    assert "pass" not in refusal(host="https://user:pass@people.zoho.com")


PLAIN_HTTP = [
    "http://people.zoho.com",
    "http://localhost.evil.example",
    "http://127.0.0.1.evil.example",
    "http://10.0.0.1",
    "http://2130706433",
    "http://[::2]:80",
    "HTTP://people.zoho.com",
]


@pytest.mark.parametrize("url", PLAIN_HTTP)
def test_plain_http_to_another_machine_is_refused(url: str) -> None:
    assert "connection host would send the access token over plain http" in refusal(host=url)
    assert "connection extra.accounts_url would send" in refusal({"accounts_url": url})


@pytest.mark.parametrize("allowed", [True, "true", "True"])
@pytest.mark.parametrize("url", PLAIN_HTTP)
def test_plain_http_is_used_where_connection_and_deployer_allow_it(url: str, allowed: object) -> None:
    deployer = allowed_hosts([url])
    settings = parse({"allow_http": allowed, "accounts_url": url}, host=url, allowed_hosts=deployer)
    assert (settings.api_url, settings.accounts_url) == (url.lower(), url.lower())
    assert "over plain http" in refusal({"allow_http": allowed}, host=url)
    assert "over plain http" in refusal(host=url, allowed_hosts=deployer)


@pytest.mark.parametrize(
    "url", ["http://localhost", "http://127.0.0.1:8090", "http://127.9.9.9", "http://[::1]"]
)
def test_plain_http_stays_possible_on_the_same_machine(url: str) -> None:
    assert parse({"accounts_url": url}, host=url).api_url == url


@pytest.mark.parametrize("value", [None, "", False, "false", "False"])
def test_plain_http_is_not_allowed_by_an_empty_or_false_value(value: object) -> None:
    assert "plain http" in refusal({"allow_http": value}, host="http://people.zoho.com")


@pytest.mark.parametrize("value", ["yes", "1", 1, 0, 1.0, [], "truee"])
def test_an_unclear_allow_http_is_refused_by_name(value: object) -> None:
    message = refusal({"allow_http": value})
    assert message.startswith("connection extra.allow_http ")
    assert message.endswith(" is neither true nor false")
    assert repr(value) in message or value == []


@pytest.mark.parametrize(
    ("key", "attribute"),
    [("window_seconds", "window_s"), ("lock_seconds", "lock_s"), ("timeout_seconds", "timeout_s")],
)
class TestSeconds:
    @pytest.mark.parametrize(
        ("value", "seconds"), [(5, 5.0), (2.5, 2.5), ("90", 90.0), (" 7 ", 7.0), (86400, 86400)]
    )
    def test_are_taken_as_number_or_text(
        self, key: str, attribute: str, value: object, seconds: float
    ) -> None:
        assert getattr(parse({key: value}), attribute) == seconds

    @pytest.mark.parametrize("value", [None, ""])
    def test_left_empty_are_the_default(self, key: str, attribute: str, value: object) -> None:
        assert getattr(parse({key: value}), attribute) == getattr(parse(), attribute)

    @pytest.mark.parametrize(
        "value",
        [
            0,
            -1,
            0.05,
            86401,
            "60s",
            "nan",
            "inf",
            float("nan"),
            float("inf"),
            True,
            False,
            [],
            {},
            pytest.param(10**400, id="beyond any float"),
        ],
    )
    def test_that_cannot_be_are_refused_by_name_and_value(
        self, key: str, attribute: str, value: object
    ) -> None:
        message = refusal({key: value})
        assert message.startswith(f"connection extra.{key} ")
        assert "is not a number of seconds from" in message


@pytest.mark.parametrize(
    ("key", "attribute", "most"),
    [("daily_limit", "daily_limit", 10_000_000), ("reserve_percent", "reserve_percent", 99)],
)
class TestWholeNumbers:
    @pytest.mark.parametrize("value", [5, "5", "05"])
    def test_are_taken_as_number_or_text(self, key: str, attribute: str, most: int, value: object) -> None:
        number = getattr(parse({key: value}), attribute)
        assert (number, type(number)) == (5, int)

    def test_may_be_as_large_as_allowed_and_no_larger(self, key: str, attribute: str, most: int) -> None:
        assert getattr(parse({key: most}), attribute) == most
        assert refusal({key: most + 1}).startswith(f"connection extra.{key} {most + 1} is not a whole")

    @pytest.mark.parametrize("value", [None, ""])
    def test_left_empty_are_the_default(self, key: str, attribute: str, most: int, value: object) -> None:
        assert getattr(parse({key: value}), attribute) == getattr(parse(), attribute)

    @pytest.mark.parametrize(
        "value",
        [
            -1,
            1.0,
            5.5,
            "5.0",
            "-5",
            "+5",
            " 5 ",
            "5\n",
            "5_0",
            "٥",
            "many",
            True,
            False,
            [],
            {},
            float("nan"),
            pytest.param(10**400, id="beyond any float"),
            pytest.param("9" * 100_000, id="a long text"),
        ],
    )
    def test_that_cannot_be_are_refused_by_name_and_range(
        self, key: str, attribute: str, most: int, value: object
    ) -> None:
        message = refusal({key: value})
        assert message.startswith(f"connection extra.{key} ")
        assert message.endswith(f"to {most}")
        assert len(message) < 300


def test_a_day_without_any_request_is_no_limit() -> None:
    assert "from 1 to" in refusal({"daily_limit": 0})


def test_nothing_may_be_left_to_other_applications() -> None:
    assert parse({"reserve_percent": 0}).reserve_percent == 0


@pytest.mark.parametrize(
    ("extra", "budget"),
    [
        ({}, None),
        ({"reserve_percent": 50}, None),
        ({"daily_limit": 1000}, 900),
        ({"daily_limit": 1000, "reserve_percent": 0}, 1000),
        ({"daily_limit": 1000, "reserve_percent": 99}, 10),
        ({"daily_limit": 9}, 8),
        ({"daily_limit": 1}, 0),
        ({"daily_limit": 10_000_000, "reserve_percent": 1}, 9_900_000),
    ],
)
def test_the_budget_of_a_day_is_what_the_reserve_leaves_and_never_more(
    extra: dict[str, Any], budget: int | None
) -> None:
    assert parse(extra).daily_budget == budget


def test_secrets_are_absent_from_repr() -> None:
    text = repr(parse())
    assert CLIENT_SECRET not in text
    assert REFRESH_TOKEN not in text
    assert CLIENT_ID in text


SECRETS = [
    "1000.8cb99d7f1e2a3b4c5d6e7f8091a2b3c4.9b8a7c6d5e4f3a2b1c0d9e8f7a6b5c4d",
    "9f8e7d6c5b4a39281706f5e4d3c2b1a09f8e7d6c5b",
    "1000.AB12CD34EF56GH78IJ90KL12MN34OP",
    "abcdefabcdefabcdefabcdefabcdefabcdefabcdef",
    "hunter2",
]
MISPLACED = [
    *EXTRA_KEYS[1:],
    "client_secret",
    "host",
    "host with https",
    "key",
]


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("place", MISPLACED)
def test_a_secret_in_a_wrong_place_is_not_shown(secret: str, place: str) -> None:
    match place:
        case "host":
            message = refusal(host=secret)
        case "host with https":
            message = refusal(host=f"https://{secret}/")
        case "key":
            message = refusal({secret: "client_secret"})
        case _:
            message = refusal({place: secret})
    assert secret not in message
    assert place.partition(" ")[0] in message


def test_a_misspelt_key_is_named() -> None:
    assert "unknown key 'datacenter'; allowed: refresh_token, " in refusal({"datacenter": "eu"})


@pytest.mark.parametrize(
    ("extra", "host", "url"),
    [
        ({}, None, "https://people.zoho.com"),
        ({"data_center": "ca"}, None, "https://people.zohocloud.ca"),
        ({}, "https://people.zoho.eu:443/", "https://people.zoho.eu"),
        ({"accounts_url": "http://127.0.0.1:8081"}, "http://127.0.0.1:8081", ""),
    ],
)
def test_a_browser_opens_the_data_centre_and_no_other_host(
    extra: dict[str, Any], host: str | None, url: str
) -> None:
    assert parse(extra, host=host).people_url == url
