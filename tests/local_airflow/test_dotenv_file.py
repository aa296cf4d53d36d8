"""A `.env` is read whole or refused."""

from pathlib import Path

import pytest

from local_airflow import dotenv_file
from local_airflow.problem import SettingsProblem


def written(folder: Path, content: str | bytes) -> Path:
    path = folder / ".env"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize("content", ["", "\n\n", "# A='1'\n#B=2", "\ufeff", "\ufeff# only a comment\n"])
def test_a_file_that_says_nothing_is_like_none(tmp_path: Path, content: str):
    assert dotenv_file.read(written(tmp_path, content)) == {}


def test_a_file_that_is_not_there_says_nothing(tmp_path: Path):
    assert dotenv_file.read(tmp_path / ".env") == {}


def test_quotes_comments_exports_and_a_byte_order_mark_are_understood(tmp_path: Path):
    text = '\ufeff# first\nA=\'{"a": "1"}\'\r\nexport B=two # said\n\nC="{\\"c\\": 3}"\n'
    assert dotenv_file.read(written(tmp_path, text)) == {"A": '{"a": "1"}', "B": "two", "C": '{"c": 3}'}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('# x\n\nA="{"login": "hush"}"\nB=1\n', r"line 3: can't be read.*single quotes"),
        ('B=1\nA=\'{"login": "hush"}\n', r"line 2: can't be read"),
        ("B=1\nA='hush' hush\n", r"line 2: can't be read"),
        ("B=1\nA='hush\nhush'\n", r"line 2: A goes over several lines"),
        ("A=1\n\nA='hush'\n", r"line 3: A is there twice"),
        ("B=1\nA=\n", r"line 2: A has no value"),
        ("B=1\nA\n", r"line 2: A has no value"),
        ("B=1\nA # hush\n", r"line 2: A has no value"),
        (b"B=1\nA='hush\xe9'\n", r"line 2: is not UTF-8"),
        ("A=hush\n".encode("utf-16"), "UTF-16"),
        ("A=hush\n".encode("utf-16-le"), "UTF-16"),
        ("A=hush\n".encode("utf-32"), "UTF-16"),
    ],
)
def test_a_line_that_is_not_understood_is_named_and_its_value_is_not(
    tmp_path: Path, content: str | bytes, said: str
):
    with pytest.raises(SettingsProblem, match=said) as caught:
        dotenv_file.read(written(tmp_path, content))
    assert "hush" not in str(caught.value)


def test_a_link_to_nowhere_and_a_folder_are_not_taken_for_no_file(tmp_path: Path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "none")
    for name in ("folder", "link"):
        with pytest.raises(SettingsProblem, match="can't be read"):
            dotenv_file.read(tmp_path / name)
