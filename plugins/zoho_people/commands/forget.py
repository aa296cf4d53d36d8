"""Forget learners: erase all that an output path has of them, and never ask for them again.

Every dataset of every day, what is known of them and what runs have staged is written anew without them, file by
file. Ended at any point, run it again: it goes on. Then every file is read once more, and what is still found is
told: an id, name or e-mail address in what Zoho says of somebody else, say. Nothing that is printed names a
learner.

Exit codes: 0 done; 1 done, but a file can't be read, or an id still stands somewhere; 2 not done, the message says
why. While a run plans or publishes it is refused: try again some minutes later.

What Airflow itself keeps (Params of runs, XComs, logs), backups and versions of objects are not reached:
docs/privacy.md has the commands.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from zoho_people.model.unit import parse_learner_id

if TYPE_CHECKING:
    from zoho_people.erasing.forgetting import Forgetting


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("learner_ids", nargs="*", metavar="LEARNER_ID", help="Zoho's id of a learner")
    parser.add_argument(
        "--ids-from",
        metavar="FILE",
        help="a file with an id on each line, or - for the standard input; arguments stay in the shell's history",
    )
    parser.add_argument(
        "--output-path",
        action="append",
        required=True,
        metavar="PATH",
        help="the output path of the runs, a folder or URL; several times for several",
    )
    parser.add_argument("--no-look", action="store_true", help="do not read every file once more afterwards")
    parser.add_argument(
        "--undo",
        action="store_true",
        help="have the learners asked for again by the next run; what was erased stays erased",
    )


def run(options: argparse.Namespace) -> int:
    """Do it; the exit code."""
    from zoho_people.storage.claim import Claimed
    from zoho_people.storage.forgotten import ForgottenUnreadable

    try:
        learner_ids = _ids(options)
        forgetting = _forgetting(options.output_path)
        if options.undo:
            _say(f"{forgetting.undo(learner_ids)} of {len(learner_ids)} learners may be asked for again")
            return 0
        return _forget(forgetting, learner_ids, options)
    except Claimed as error:
        return _refused(f"nothing was erased: {error}")
    except (ForgottenUnreadable, ValueError) as error:
        return _refused(str(error))
    except OSError as error:
        return _refused(f"ended half-way ({error}); see to that, and run the same again: it goes on")


def _forget(forgetting: Forgetting, learner_ids: list[str], options: argparse.Namespace) -> int:
    done = forgetting.forget(learner_ids, look=not options.no_look)
    for each in done:
        for line in each.lines():
            _say(line)
    return 0 if all(each.is_sure for each in done) else 1


def _ids(options: argparse.Namespace) -> list[str]:
    """:raises ValueError: for what is no id, and where there is none."""
    texts = list(options.learner_ids)
    if options.ids_from:
        lines = sys.stdin.read() if options.ids_from == "-" else Path(options.ids_from).read_text("utf-8")
        texts += lines.split()
    if not texts:
        raise ValueError("no learner is named; give ids, or a file of them with --ids-from")
    return sorted({parse_learner_id(text, field="learner") for text in texts})


def _forgetting(output_paths: list[str]) -> Forgetting:
    from airflow.sdk import ObjectStoragePath

    from zoho_people.configuration.erasure import forgetting_of

    roots = [
        ObjectStoragePath(path if "://" in path else str(Path(path).absolute())) for path in output_paths
    ]
    for path, root in zip(output_paths, roots, strict=True):
        if not root.is_dir():
            raise ValueError(f"output path {path!r} is not there; write it as the runs have it")
    return forgetting_of(roots)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def _refused(why: str) -> int:
    sys.stderr.write(f"{why}\n")
    return 2
