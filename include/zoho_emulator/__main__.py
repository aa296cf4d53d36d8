"""Command line of the emulator."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import Field, fields
from pathlib import Path
from typing import Any

from zoho_emulator.app import create_app
from zoho_emulator.clock import anchored_clock
from zoho_emulator.faults import Faults, parse_script
from zoho_emulator.kinds import KINDS
from zoho_emulator.organisation import Organisation
from zoho_emulator.problems import ScriptError
from zoho_emulator.server import CannotListenError, listen, serve, url_of
from zoho_emulator.service import Service
from zoho_emulator.settings import Settings, SettingsError

USAGE_ERROR = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the emulator; 0 when it was told to stop, 2 when it can't start as asked."""
    options = _parser().parse_args(arguments)
    try:
        organisation = _organisation(options)
        settings = Settings().changed({item.name: getattr(options, item.name) for item in fields(Settings)})
        faults = _faults(options.faults)
        listener = listen(options.host, options.port)
    except (CannotListenError, ScriptError, SettingsError) as error:
        sys.stderr.write(f"zoho_emulator: {error}\n")
        return USAGE_ERROR
    service = Service.of(organisation, settings, clock=anchored_clock(), faults=faults)
    service.day = options.day
    serve(create_app(service), listener, ready=_ready(url_of(listener), organisation))
    return 0


def _ready(url: str, organisation: Organisation) -> str:
    units = organisation.courses * organisation.learners * len(KINDS)
    size = f"{organisation.courses} courses, {organisation.learners} learners, {units} units"
    return f"Zoho People emulator ready at {url} ({size}; seed {organisation.seed})"


def _organisation(options: argparse.Namespace) -> Organisation:
    for name in ("courses", "learners", "day"):
        if getattr(options, name) < 0:
            raise SettingsError(f"--{name} must be 0 or more")
    for name in ("max_entities", "types_of_a_course"):
        if (getattr(options, name) or 0) < 0:
            raise SettingsError(f"--{name.replace('_', '-')} must be 0 or more")
    if not 0 <= options.changed_share <= 1:
        raise SettingsError("--changed-share must be between 0 and 1")
    return Organisation(
        courses=options.courses,
        learners=options.learners,
        seed=options.seed,
        max_entities=options.max_entities,
        changed_share=options.changed_share,
        types_of_a_course=options.types_of_a_course,
        all_states=options.all_states,
    )


def _faults(path: Path | None) -> Faults:
    if path is None:
        return Faults()
    try:
        return parse_script(json.loads(path.read_text(encoding="utf-8")))
    except ScriptError as error:
        raise ScriptError(f"{path}: {error}") from error
    except OSError as error:
        raise ScriptError(f"{path}: {error.strerror}") from error
    except ValueError as error:
        raise ScriptError(f"{path}: no JSON: {error}") from error


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m zoho_emulator",
        description="A stand-in for Zoho People's LMS API and Zoho accounts, on this machine only.",
        formatter_class=_HelpFormatter,
    )
    parser.add_argument(
        "--host", metavar="ADDRESS", default="127.0.0.1", help="loopback address to listen on"
    )
    parser.add_argument(
        "--port", type=_port, metavar="N", default=8090, help="port to listen on; 0 chooses a free one"
    )
    parser.add_argument("--faults", type=Path, metavar="FILE", help="fault script (JSON)")
    organisation = parser.add_argument_group("organisation")
    organisation.add_argument(
        "--courses", type=int, metavar="N", default=2, help="every third one is blended"
    )
    organisation.add_argument("--learners", type=int, metavar="N", default=3, help="each takes every course")
    organisation.add_argument(
        "--seed", type=int, metavar="N", default=7, help="the same seed gives the same organisation"
    )
    organisation.add_argument("--max-entities", type=int, metavar="N", help="most records of a unit")
    organisation.add_argument(
        "--types-of-a-course", type=int, metavar="N", help="most entity types that a course has something of"
    )
    organisation.add_argument(
        "--all-states", action="store_true", help="every third course is drafted or disabled, in turn"
    )
    organisation.add_argument("--day", type=int, metavar="N", default=0, help="how many days have passed")
    organisation.add_argument(
        "--changed-share",
        type=float,
        metavar="SHARE",
        default=0.05,
        help="share of learners whose records change in a day",
    )
    service = parser.add_argument_group("service (can also be changed while it runs)")
    for item in fields(Settings):
        _add_setting(service, item)
    return parser


class _HelpFormatter(argparse.ArgumentDefaultsHelpFormatter):
    """Shows the defaults, but for the options that have none."""

    def _get_help_string(self, action: argparse.Action) -> str | None:
        return action.help if action.default is None else super()._get_help_string(action)


def _add_setting(group: argparse._ArgumentGroup, item: Field[Any]) -> None:
    flag = f"--{item.name.replace('_', '-')}"
    if item.type == "bool":
        action = argparse.BooleanOptionalAction
        group.add_argument(flag, action=action, default=item.default, help=item.metadata["help"])
        return
    kind = {"int": int, "float": float, "str": str}[str(item.type).removesuffix(" | None")]
    metavar = {int: "N", float: "N", str: "TEXT"}[kind]
    group.add_argument(flag, type=kind, default=item.default, metavar=metavar, help=item.metadata["help"])


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= 65_535):
        raise argparse.ArgumentTypeError(f"{text!r} is no port (0 to 65535)")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
