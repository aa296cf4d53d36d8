from __future__ import annotations

from zoho_emulator.journal import Journal


def write(journal: Journal, at: float, kind: str = "api", status: int | None = 200, **params: str) -> None:
    journal.write(at=at, kind=kind, method="GET", path="/x", params=params, status=status, decision="ok")


def test_requests_are_numbered_from_one_and_given_out_from_any_number_on() -> None:
    journal = Journal()
    for at in (1.0, 2.0, 3.0):
        write(journal, at)
    assert [entry.seq for entry in journal.since(0)] == [1, 2, 3]
    assert [entry.at for entry in journal.since(2)] == [3.0]
    assert journal.since(3) == []
    assert len(journal.since(-5)) == 3


def test_secrets_never_enter_the_journal() -> None:
    journal = Journal()
    write(journal, 1.0, client_secret="s3cret", Refresh_Token="s3cret", startIndex="25")
    entry = journal.entries[0]
    assert entry.params == {"client_secret": "[redacted]", "Refresh_Token": "[redacted]", "startIndex": "25"}


def test_api_and_token_requests_are_counted_apart() -> None:
    journal = Journal()
    write(journal, 1.0)
    write(journal, 2.0, kind="token")
    write(journal, 3.0, status=None)
    assert journal.arrivals() == [1.0, 3.0]
    assert journal.count_by_status("api") == {"200": 1, "none": 1}
    assert journal.count_by_decision("token") == {"ok": 1}
