"""``python -m zoho_people``, as a person types it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.every_byte import found_in
from tests.helpers.populated import ADA, ADAS, BOB
from zoho_people.__main__ import main
from zoho_people.commands import COMMANDS
from zoho_people.model.pseudonyms import Pseudonyms
from zoho_people.storage.claim import Side, claimed
from zoho_people.storage.forgotten import Forgotten
from zoho_people.storage.layout import FORGOTTEN_FILE
from zoho_people.storage.store import Store

PLUGINS = Path(__file__).parents[1] / "plugins"


@pytest.fixture
def output(tmp_path: Path, populated: Path) -> Path:
    return Path(shutil.copytree(populated, tmp_path / "out"))


def traces(output: Path) -> set[tuple[str, str]]:
    store = Store(output)
    return found_in(store.fs, store.root, *ADAS)


def run(*arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "zoho_people", *arguments],
        env={**os.environ, "PYTHONPATH": str(PLUGINS)},
        input=given,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.component
def test_a_learner_is_forgotten_from_a_shell(output: Path) -> None:
    done = run("forget", "--ids-from", "-", "--output-path", str(output), given=f"{ADA}\n")
    assert done.returncode == 0, done.stderr
    assert traces(output) == set()
    assert ADA in Forgotten.read(Store(output))
    lines = [line.strip() for line in done.stdout.splitlines()]
    assert lines[0] == f"{output}:"
    assert "erased  learners 2026-01-02  2 files  2 rows" in lines
    assert lines[-1] == "no id is left anywhere, nor one of 2 names and e-mail addresses"
    assert not [text for text in ADAS if text in done.stdout + done.stderr]


def test_names_that_have_a_root_of_their_own_go_with_the_rest(
    output: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    names = tmp_path / "names"
    names.mkdir()
    (output / "learners").rename(names / "learners")
    monkeypatch.setenv("AIRFLOW__ZOHO_PEOPLE__LEARNERS_ROOT", str(names))
    assert main(["forget", ADA, "--output-path", str(output)]) == 0
    assert traces(output) | traces(names) == set()
    assert ADA in Forgotten.read(Store(names))
    assert f"{names}:" in capsys.readouterr().out


def test_a_learner_who_has_a_pseudonym_is_named_by_zohos_id_or_by_that(
    output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = "0123456789abcdef0123456789abcdef"
    monkeypatch.setenv("AIRFLOW_CONN_PSEUDONYMS", json.dumps({"conn_type": "generic", "password": key}))
    monkeypatch.setenv("AIRFLOW__ZOHO_PEOPLE__PSEUDONYM_CONN_ID", "pseudonyms")
    pseudonym = Pseudonyms(key).of(ADA)
    assert main(["forget", ADA, "--output-path", str(output)]) == 0
    assert Forgotten.read(Store(output)).among([ADA, pseudonym]) == {ADA, pseudonym}
    assert main(["forget", pseudonym, "--undo", "--output-path", str(output)]) == 0
    assert pseudonym not in Forgotten.read(Store(output))


def test_it_may_be_undone(output: Path, capsys: pytest.CaptureFixture[str]) -> None:
    where = ["--output-path", str(output)]
    assert main(["forget", ADA, BOB, "--no-look", *where]) == 0
    capsys.readouterr()
    assert main(["forget", ADA, "--undo", *where]) == 0
    assert capsys.readouterr().out == "1 of 1 learners may be asked for again\n"
    assert Forgotten.read(Store(output)).among([ADA, BOB]) == {BOB}


def test_where_an_id_is_left_the_exit_code_says_so(output: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (output / "notes.txt").write_text(f"see {ADA}")
    assert main(["forget", ADA, "--output-path", str(output)]) == 1
    assert "LEFT  notes.txt  an id in bytes, 1 rows" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--output-path", "{out}"], "no learner is named"),
        (["Ada", "--output-path", "{out}"], "learner 'Ada' is not an id"),
        ([ADA, "--output-path", "{out}x"], "is not there; write it as the runs have it"),
        ([ADA, "--ids-from", "{out}/none", "--output-path", "{out}"], "No such file"),
    ],
)
def test_what_cannot_be_is_refused_by_name(
    output: Path, arguments: list[str], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = traces(output)
    assert main(["forget", *(each.replace("{out}", str(output)) for each in arguments)]) == 2
    assert why in capsys.readouterr().err
    assert traces(output) == before


def test_while_a_run_publishes_it_is_refused(output: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with claimed(Store(output), Side.RUN, "run"):
        assert main(["forget", ADA, "--output-path", str(output)]) == 2
    assert capsys.readouterr().err.startswith(
        "nothing was erased: a run plans or publishes in this output path"
    )
    assert FORGOTTEN_FILE not in Store(output).files()


def test_every_command_has_a_help(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    told = capsys.readouterr().out
    for command in COMMANDS:
        name = command.__name__.rpartition(".")[2]
        assert name in told
        with pytest.raises(SystemExit) as ended:
            main([name, "--help"])
        assert ended.value.code == 0
    assert "Exit codes" in capsys.readouterr().out


def test_without_a_command_it_says_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([])
    assert ended.value.code == 2
    assert "COMMAND" in capsys.readouterr().err
