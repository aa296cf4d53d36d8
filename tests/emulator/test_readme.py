"""The README promises what the emulator does."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import zoho_emulator
from zoho_emulator.faults import parse_script
from zoho_emulator.settings import Settings

README = (Path(zoho_emulator.__path__[0]) / "README.md").read_text(encoding="utf-8")


def test_the_fault_script_in_the_readme_works() -> None:
    scripts = re.findall(r"```json\n(.*?)```", README, re.DOTALL)
    assert len(scripts) == 1
    assert len(parse_script(json.loads(scripts[0])).rules) == 5


def test_every_setting_is_in_the_readme() -> None:
    for setting in fields(Settings):
        assert f"{setting.name.replace('_', '-')}`" in README, setting.name


def test_every_number_of_the_stats_is_in_the_readme(emulator: Any) -> None:
    for name in emulator.control("stats"):
        assert f"`{name}`" in README, name
