from __future__ import annotations

from pathlib import Path

import pytest

from zoho_people.storage.location import LONGEST, InvalidLocation, Location


def refusal(text: object) -> str:
    with pytest.raises(InvalidLocation) as error:
        Location.parse(text)
    return str(error.value)


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("/data/zoho", "/data/zoho"),
        ("/data/zoho/", "/data/zoho"),
        ("//data///zoho//", "/data/zoho"),
        ("/data/./zoho/.", "/data/zoho"),
        ("/data/other/../zoho", "/data/zoho"),
        ("/../../data", "/data"),
        ("/", "/"),
        ("/data/with space/ünder-100%", "/data/with space/ünder-100%"),
        ("file:///data/../srv/zoho", "/srv/zoho"),
        ("FILE:///data", "/data"),
        ("s3://bucket", "s3://bucket"),
        ("S3://bucket/", "s3://bucket"),
        ("s3://aws_default@bucket//zoho/./x/../y/", "s3://aws_default@bucket/zoho/y"),
        ("gs://my.bucket-1/zoho", "gs://my.bucket-1/zoho"),
        ("gcs://b/zoho", "gcs://b/zoho"),
        ("abfs://wasb-conn.1@container/zoho", "abfs://wasb-conn.1@container/zoho"),
        ("abfss://container/a@b", "abfss://container/a@b"),
        ("az://container/zoho", "az://container/zoho"),
    ],
)
def test_a_location_has_one_notation(text: str, normal: str) -> None:
    location = Location.parse(text)
    assert str(location) == normal
    assert Location.parse(str(location)) == location
    assert (not location.bucket) is normal.startswith("/")


@pytest.mark.parametrize(
    "text",
    ["data", "./data", "~/data", "s3:/bucket", "c:data", "file://data/x", "file://host@data/x", "../data"],
)
def test_a_relative_path_is_refused(text: str) -> None:
    assert "is relative; write an absolute path" in refusal(text)


@pytest.mark.parametrize(
    "text", [None, 5, True, "", " /data", "/data\n", "/da\x00ta", "/da\u202eta", b"/data"]
)
def test_what_is_no_path_at_all_is_refused(text: object) -> None:
    assert "is not a path or URL; write /data/zoho or s3://…" in refusal(text)


@pytest.mark.parametrize(
    "protocol", ["ftp", "http", "https", "memory", "sftp", "local", "hdfs", "data", "", "s3a", "s3 "]
)
def test_another_protocol_is_refused_by_name_with_those_that_work(protocol: str) -> None:
    message = refusal(f"{protocol}://user:secret@host/x?key=secret")
    assert message.startswith(f"'{protocol}://…' has a protocol that is not supported")
    assert "s3://, gs://, gcs://, abfs://, abfss://, az://" in message
    assert "secret" not in message


@pytest.mark.parametrize(
    "text", ["zip://x.zip::s3://bucket/y", "simplecache::s3://bucket/y", "/data::x", "filecache::/data"]
)
def test_chained_file_systems_are_refused(text: str) -> None:
    assert "chains file systems by '::'" in refusal(text)


@pytest.mark.parametrize("text", ["/data/{{ 7*191 }}", "s3://bucket/{% raw %}", "/data/{# #}x"])
def test_a_template_is_refused(text: str) -> None:
    assert "looks like a template" in refusal(text)


@pytest.mark.parametrize(
    "text",
    [
        "s3://bucket/x?key=SECRET",
        "s3://bucket/x#SECRET",
        "s3://bucket/a%2e%2e/SECRET",
        "s3://bucket/..%2FSECRET",
        "file:///data%2FSECRET",
        "s3://bucket/..\\SECRET",
        "file:///data?SECRET",
    ],
)
def test_what_is_more_than_names_is_refused_without_repeating_it(text: str) -> None:
    message = refusal(text)
    assert "options and keys into the connection" in message
    assert "SECRET" not in message


@pytest.mark.parametrize(
    "text",
    [
        "s3://AKIA:SECRET@bucket/x",
        "s3://AKIA:SEC/RET@bucket/x",
        "s3://a@SECRET@bucket",
        "s3://@bucket/x",
        "s3://SECRET@/x",
        "s3:///x",
        "s3://",
        "s3://../SECRET",
        "s3://bucket:9000/SECRET",
        "s3://con n@bucket/SECRET",
    ],
)
def test_a_url_names_a_bucket_and_a_connection_and_no_key(text: str) -> None:
    message = refusal(text)
    assert "write s3://conn_id@bucket/folder, and keys and passwords into the connection" in message
    assert "SECRET" not in message


@pytest.mark.parametrize(
    "text",
    [
        "s3:/AKIA:SECRET@bucket",
        "bucket?key=SECRET",
        "file://AKIA:SECRET@host/x",
        " s3://AKIA:SECRET@bucket",
        "AKIA:SECRET://x",
        "s3://AKIA:SECRET@b::zip",
        "s3://AKIA:SECRET@b/{{ x }}",
    ],
)
def test_a_key_at_the_wrong_place_is_not_repeated(text: str) -> None:
    assert "SECRET" not in refusal(text)


@pytest.mark.parametrize("text", ["s3://bucket/..", "s3://bucket/a/../../other/x"])
def test_a_url_stays_in_its_bucket(text: str) -> None:
    assert "leads out of its bucket" in refusal(text)


@pytest.mark.parametrize("text", ["/data/*", "/data/a?b", "/data/[ab]", "s3://bucket/*/x", "/data/a#"])
def test_a_pattern_is_no_name(text: str) -> None:
    assert "stand for more than a name" in refusal(text)


def test_a_location_is_no_longer_than_a_key_may_be() -> None:
    assert str(Location.parse("/" + "x" * (LONGEST - 1)))
    assert refusal("/" + "x" * LONGEST) == "has 1025 characters, and at most 1024 are possible; shorten it"


@pytest.mark.parametrize(
    ("text", "root", "below"),
    [
        ("/data/zoho", "/data/zoho", ()),
        ("/data/zoho/x/y", "/data/zoho", ("x", "y")),
        ("/data/zoho/../zoho/x", "/data//zoho/", ("x",)),
        ("/data/zoho2", "/data/zoho", None),
        ("/data", "/data/zoho", None),
        ("/data/zoho/../other", "/data/zoho", None),
        ("/data/zoho", "/", ("data", "zoho")),
        ("file:///data/zoho", "/data", ("zoho",)),
        ("s3://c@bucket/zoho/x", "s3://c@bucket/zoho", ("x",)),
        ("S3://c@bucket/zoho", "s3://c@bucket", ("zoho",)),
        ("s3://c@bucket/zoho2", "s3://c@bucket/zoho", None),
        ("s3://c@bucket2/zoho", "s3://c@bucket", None),
        ("s3://other@bucket/zoho", "s3://c@bucket/zoho", None),
        ("s3://bucket/zoho", "s3://c@bucket/zoho", None),
        ("gs://c@bucket/zoho", "s3://c@bucket/zoho", None),
        ("/bucket/zoho", "s3://bucket", None),
        ("s3://bucket/data", "/", None),
    ],
)
def test_a_location_is_below_a_root_name_by_name(text: str, root: str, below: tuple[str, ...] | None) -> None:
    assert Location.parse(text).below(Location.parse(root)) == below


def test_symbolic_links_count_as_where_they_lead(tmp_path: Path) -> None:
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    inside.mkdir()
    outside.mkdir()
    (inside / "link").symlink_to(outside)
    (tmp_path / "root").symlink_to(inside)
    root = Location.parse(str(tmp_path / "root"))
    assert Location.parse(str(inside / "link" / "x")).below(root) is None
    assert Location.parse(str(inside / "x")).below(root) == ("x",)
    assert Location.parse(str(tmp_path / "root" / "x")).below(Location.parse(str(inside))) == ("x",)
