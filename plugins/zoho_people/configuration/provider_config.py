"""The deployer's options as provider metadata: Airflow then lists, checks and documents them.

No option has a default there: Airflow would hand it out as if the deployer had set it. The texts say what holds
where nothing is set.
"""

from __future__ import annotations

from typing import Any

SECTION = "zoho_people"
"""As in :mod:`zoho_people.configuration.deployment`, which reads the configuration that Airflow makes with
what stands here."""


def _option(description: str, *, example: str) -> dict[str, Any]:
    return {
        "description": description,
        "version_added": "0.1.0",
        "type": "string",
        "example": example,
        "default": None,
    }


CONFIG: dict[str, Any] = {
    SECTION: {
        "description": "What the deployer decides for Zoho People; no connection, Variable or Param overrides it.",
        "options": {
            "allowed_roots": _option(
                "Folders and URLs, separated by commas, at or below which runs may write and read roster files. "
                "Not set: a DAG's own output_path, or data/ in the project, and what the Variable "
                "<dag_id>_output names.",
                example="/srv/zoho,s3://aws_default@bucket/zoho",
            ),
            "allowed_hosts": _option(
                "Hosts beside Zoho's own that connections may name, separated by commas; with a port where only "
                "that one is meant, with http:// for plain http.",
                example="gateway.example.com",
            ),
            "max_answer_mib": _option(
                "How large an answer may be once it is unpacked, in MiB. Not set: 8.", example="16"
            ),
            "max_pages_of_a_unit": _option(
                "Pages of one learner, course and entity type, of 25 records each. Not set: 200.",
                example="400",
            ),
            "max_pages_of_a_list": _option(
                "Pages of the list of courses, and of each course's batches and learners. Not set: 8000.",
                example="16000",
            ),
            "roster_file_max_bytes": _option(
                "How many bytes a roster file may have. Not set: 268435456.", example="1073741824"
            ),
            "roster_file_max_rows": _option(
                "How many rows a roster file may have. Not set: 1000000.", example="2000000"
            ),
            "attributes_keep": _option(
                "The only fields of Zoho's without a column that the column attributes may have, separated by "
                "commas. Not set: all. Not beside attributes_drop.",
                example="modifiedTime,attemptCount",
            ),
            "attributes_drop": _option(
                "Fields of Zoho's without a column that the column attributes must not have, separated by commas. "
                "Not beside attributes_keep.",
                example="trainerComment",
            ),
            "retention_days": _option(
                "How many days each dataset is kept. Not set, or not named: for ever.",
                example="learner_progress=400,coverage=400,learners=90",
            ),
            "learners_root": _option(
                "Where the dataset learners with names and e-mail addresses is written: an absolute path or a "
                "URL; off: nowhere. Not set: below the output path.",
                example="s3://aws_default@bucket-for-few/zoho",
            ),
            "pseudonym_conn_id": _option(
                "The connection whose password is the key of the pseudonyms that stand for learner ids. Not set: "
                "Zoho's ids are kept.",
                example="zoho_people_pseudonyms",
            ),
            "names_permission": _option(
                "Who may see learners' names and e-mail addresses on the page, beside reading the DAG: nobody; "
                "edit_dag: who may edit the DAG; edit_connections: who may edit connections; view:<name>: who may "
                "read a view of that name in the auth manager. Not set: nobody.",
                example="view:Zoho People names",
            ),
        },
    }
}
