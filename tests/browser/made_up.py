"""Made-up answers of the page's API, for what the real one seldom says: the page is given what a test wants."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

NOW = datetime(2026, 11, 26, 9, 30, tzinfo=UTC)
DAG_ID = "zoho_learner_progress"
# Names as spreadsheets and browsers must never run them.
HOSTILE = ('=HYPERLINK("http://evil.test")', "<img src=x onerror=document.title='run'>")
COURSES = (
    "Safety basics",
    "Data protection",
    "Onboarding",
    "First aid",
    "Fire safety",
    "Code of conduct",
    "Working at height",
    "Information security for everybody who works with customers",
    "Leading a team",
    "Forklift licence",
    "Anti-corruption",
    "Excel, advanced",
    "Negotiation",
    "Presenting",
    "Time management",
    "Export control",
    "Machine operation",
    "Quality management",
)
DEPARTMENTS = ("Sales", "Logistics", "Production", "Research & Development", "People")
GIVEN = ("Amara", "Björn", "Chiara", "Deepa", "Emil", "Fatima", "Goran", "Hana", "Ivo", "Jana")
FAMILY = ("Okafor", "Lindqvist", "Rossi", "Nair", "Novák", "Haddad", "Petrović", "Sato")
ENTITY_TYPES = ("online_tests", "files", "sessions", "assignments", "contents", "feedbacks")

Json = Any
Answer = Json | Callable[[dict[str, list[str]]], Json]


def share(completed: int, entities: int) -> dict[str, Json]:
    return {
        "entities": entities,
        "completed": completed,
        "share": completed / entities if entities else None,
    }


def over_time(random: Random, days: int = 30) -> list[Json]:
    newest = NOW.date()
    return [
        {
            "snapshot_date": (newest - timedelta(days=back)).isoformat(),
            **share(29_412 - back * random.randint(180, 230), 42_000),
            "is_partial": False,
        }
        for back in reversed(range(days))
    ]


def groups(by: str, names: tuple[str, ...], random: Random) -> Json:
    """The figures of some groups, and of who is in none."""
    sizes = [900 - 170 * place for place in range(len(names))]
    rows = [
        {
            "group_name": name,
            "learners": size,
            **share(size * random.randint(5, 17), size * 20),
            "learners_behind": size // 4,
            "open_mandatory": size // 2,
            "learners_overdue": size // 9,
            "items_overdue": size // 6,
            "mean_days_overdue": random.uniform(2, 60),
            "most_days_overdue": 120,
            "unknown_units": place * 7,
            "changes": {"completed": size // 5, "added": size // 11, "reopened": place},
            "mean_mark": random.uniform(0.4, 0.9),
            "share_passed": random.uniform(0.5, 1),
            "share_attended": random.uniform(0.5, 1) if place else None,
        }
        for place, (name, size) in enumerate(zip(names, sizes, strict=True))
    ]
    times = [{"group_name": row["group_name"], **point} for row in rows[:5] for point in over_time(random)]
    for each in times:
        place = names.index(each["group_name"])
        each["share"] = max(0.0, each["share"] * (0.55 + 0.11 * place))
    return {"by": by, "rows": rows, "over_time": times, "left_out": 0}


def course(number: int, random: Random) -> dict[str, Json]:
    learners = random.randint(12, 1400)
    entities = learners * random.randint(3, 18)
    return {
        "course_id": str(100002000000039000 + number),
        "batch_id": str(100002000000045000 + number) if number % 5 == 2 else None,
        "name": COURSES[number],
        "learners": learners,
        **share(int(entities * random.uniform(0.2, 0.98)), entities),
    }


def learner(number: int) -> dict[str, Json]:
    given, family = GIVEN[number % len(GIVEN)], FAMILY[number // len(GIVEN) % len(FAMILY)]
    name = HOSTILE[number] if number < len(HOSTILE) else f"{given} {family}"
    return {
        "learner_id": str(253200000033793000 + number),
        "name": name,
        "email": f"{given.lower()}.{number}@example.com",
        "department": DEPARTMENTS[number % len(DEPARTMENTS)],
        "manager": f"{GIVEN[number % 3]} {FAMILY[number % 4]}",
    }


def behind_rows(courses: list[Json], count: int) -> list[Json]:
    random = Random(3)  # noqa: S311
    return [behind_row(number, courses[number % len(courses)], random) for number in range(count)]


def in_order(rows: list[Json], sort: str) -> list[Json]:
    """What has no value comes last."""
    key = sort.lstrip("-")
    known = [row for row in rows if row[key] is not None]
    unknown = [row for row in rows if row[key] is None]
    return sorted(known, key=lambda row: row[key], reverse=sort.startswith("-")) + unknown


def behind_row(number: int, of: Json, random: Random) -> Json:
    days = random.choice([None, -12, 0, 3, 19, 46, 120])
    entities = random.randint(4, 20)
    completed = random.randint(0, entities - 1)
    changed = NOW.date() - timedelta(days=random.randint(0, 60))
    return {
        **learner(number),
        "course_id": of["course_id"],
        "batch_id": of["batch_id"],
        "course_name": of["name"],
        "open_mandatory": entities - completed,
        **share(completed, entities),
        "due_date": None if days is None else (NOW.date() - timedelta(days=days)).isoformat(),
        "days_overdue": None if days is None else max(days, 0),
        "is_due_exact": None if days is None else number % 3 > 0,
        "last_change": changed.isoformat(),
    }


def entities_of_course(random: Random) -> list[Json]:
    rows = []
    for number in range(9):
        kind = ENTITY_TYPES[number % len(ENTITY_TYPES)]
        learners, marked = random.randint(20, 300), kind in {"online_tests", "assignments"}
        completed = random.randint(4, learners)
        rows.append(
            {
                "entity_id": str(568700000032324000 + number),
                "entity_name": f"Part {number + 1}: {kind.replace('_', ' ')}",
                "entity_type": kind,
                "learners": learners,
                "completed": completed,
                "share_completed": completed / learners,
                "mean_mark": random.uniform(0.4, 0.95) if marked else None,
                "spread": random.uniform(0.05, 0.3) if marked else None,
                "share_passed": random.uniform(0.5, 1) if marked else None,
            }
        )
    return rows


def run(back: int, state: str) -> Json:
    start = NOW - timedelta(days=back, hours=3)
    day = start.date().isoformat()
    return {
        "dag_run_id": f"scheduled__{day}T00:00:00+00:00",
        "state": state,
        "start": start.isoformat(),
        "end": None if state == "running" else (start + timedelta(minutes=47 + back)).isoformat(),
        "coverage": {}
        if state == "running"
        else {"fetched": 812, "carried_forward": 40_120, "failed": back % 2},
        "url": f"/dags/{DAG_ID}/runs/scheduled__{day}",
    }


def health(courses: list[Json]) -> Json:
    random = Random(5)  # noqa: S311
    counts = [
        {"minute": (NOW - timedelta(minutes=each)).isoformat(), "count": random.randint(12, 30)}
        for each in range(1, 50)
    ]
    failed = run(1, "failed")
    return {
        "limit": {
            "requests_per_minute": 30,
            "slots": 30,
            "slots_in_use": 27,
            "locked_until": (NOW + timedelta(minutes=4)).isoformat(),
        },
        "requests": counts[::-1],
        "requests_of": [DAG_ID],
        "quota": {
            "day": NOW.date().isoformat(),
            "limit": 15_000,
            "spent": 8_412,
            "booked": 2_000,
            "left": 4_588,
            "resets_at": "2026-11-27T00:00:00+00:00",
        },
        "token": {"state": "valid", "expires_at": (NOW + timedelta(minutes=41)).isoformat()},
        "runs": [run(0, "running"), failed, *(run(back, "success") for back in range(2, 7))],
        "failures": [
            {
                "dag_run_id": failed["dag_run_id"],
                "task_id": "publish",
                "map_index": -1,
                "when": failed["end"],
                "message": "1 unit of course 100002000000039003 was not answered: HTTP 502 after 5 tries.",
                "cure": "Clear the failed task of fetch; nothing is lost. Zoho's status page tells of outages.",
                "url": f"{failed['url']}/tasks/publish",
            }
        ],
        "courses": [
            {
                **{key: each[key] for key in ("course_id", "batch_id", "name")},
                "newest_fetched_at": (NOW - timedelta(hours=3 + 7 * number)).isoformat(),
                "age_hours": 3.0 + 7 * number,
            }
            for number, each in enumerate(courses)
        ],
        "dry_run": {"dag_run_id": "manual__dry", "units": 6_120, "requests": 6_400, "minutes": 214.4},
    }


def answers() -> dict[str, Answer]:
    """What each route answers in an organisation of 18 courses."""
    random = Random(1)  # noqa: S311
    courses = [course(number, random) for number in range(len(COURSES))]
    rows = behind_rows(courses, 214)
    points = over_time(random)
    points[12] |= {**share(3_100, 4_000), "is_partial": True}
    dates = [each["snapshot_date"] for each in reversed(points)]
    open_keys = ("course_id", "batch_id", "course_name", "due_date", "days_overdue", "is_due_exact")
    open_item = {
        **{key: rows[0][key] for key in open_keys},
        "entity_id": "568700000032324145",
        "entity_name": "Final test",
        "entity_type": "online_tests",
        "status": "In progress",
    }
    change = {
        **open_item,
        "snapshot_date": dates[1],
        "change": "status_changed",
        "status_before": "not started",
        "status_after": "In progress",
        "mark_before": None,
        "mark_after": None,
    }
    people = {name: sorted({row[name] for row in rows}) for name in ("department", "manager")}

    def behind(query: dict[str, list[str]]) -> Json:
        text = query.get("q", [""])[0].lower()
        found = [
            row for row in rows if text in f"{row['name']} {row['department']} {row['course_name']}".lower()
        ]
        department, least = query.get("department", DEPARTMENTS), int(query.get("min_days_overdue", ["0"])[0])
        found = [
            row for row in found if row["department"] in department and (row["days_overdue"] or 0) >= least
        ]
        key = query["sort"][0]
        found = in_order(found, key)
        start = int(query.get("offset", ["0"])[0])
        return {"total": len(found), "rows": found[start : start + int(query["limit"][0])]}

    return {
        "datasets": [{"dag_id": DAG_ID, "dag_display_name": "Zoho learner progress", "may_see_names": True}],
        "snapshots": {
            "dates": dates,
            "latest": dates[0],
            "files_fingerprint": "first",
            "output_path": "/data/zoho",
        },
        "options": {
            "courses": [{key: each[key] for key in ("course_id", "batch_id", "name")} for each in courses],
            "entity_types": list(ENTITY_TYPES),
            "departments": people["department"],
            "managers": people["manager"],
            "locations": ["Lyon", "Pune"],
            "people": {"cost_centre": ["0042", "0043"]},
            "group_by": ["department", "manager", "location", "cost_centre", "due_date", "due_month"],
            "has_people": True,
            "has_deadlines": True,
        },
        "overview": {
            "by_course": courses,
            "by_entity_type": [
                {"entity_type": kind, **share(3_402 + 600 * place, 7_000)}
                for place, kind in enumerate(ENTITY_TYPES)
            ],
            "over_time": points,
            "overdue": {"learners": 148, "items": 392},
            "freshness": {
                "units": 40_932,
                "by_outcome": {"fetched": 812, "carried_forward": 39_000, "empty": 1_057, "failed": 63},
                "oldest_fetched_at": (NOW - timedelta(days=6, hours=2)).isoformat(),
                "newest_fetched_at": (NOW - timedelta(hours=2)).isoformat(),
                "unknown_units": 63,
            },
            "changes": {
                "previous_snapshot_date": dates[1],
                "by_change": {"added": 412, "completed": 208, "reopened": 3, "mark_changed": 77, "gone": 0},
            },
        },
        "course": {
            "course": courses[0],
            "over_time": points,
            "entities": entities_of_course(random),
            "attendance": [
                {
                    "entity_id": str(number),
                    "entity_name": f"Session {number}",
                    "attended": 20 - number,
                    "learners": 24,
                    "share": (20 - number) / 24,
                }
                for number in range(1, 5)
            ],
            "behind": [row for row in rows if row["course_id"] == courses[0]["course_id"]],
        },
        "learner": {
            "learner": {**learner(7), "location": "Lyon"},
            "courses": [{**each, "learners": 1, **share(3, 8)} for each in courses[:4]],
            "open_mandatory": [open_item],
            "history": points,
            "changes": [change],
        },
        "learners": {
            "total": 60,
            "rows": [{**learner(number), "courses": 3, **share(number % 9, 9)} for number in range(50)],
        },
        "behind": behind,
        "groups": {
            "department": groups("department", (*DEPARTMENTS[:4], "unknown"), Random(7)),  # noqa: S311
            "cost_centre": groups("cost_centre", ("0042", "0043"), Random(9)),  # noqa: S311
            "due_date": groups("due_date", ("2026-12-01", "2026-11-15", "no due date"), Random(9)),  # noqa: S311
            "due_month": groups("due_month", ("2026-12", "no due date"), Random(9)),  # noqa: S311
        },
        "health": health(courses),
    }


def shortened(whole: Json, most: int = 4) -> Json:
    """The same with *most* entries in each list."""
    if isinstance(whole, list):
        return [shortened(each, most) for each in whole[:most]]
    if isinstance(whole, dict):
        return {name: shortened(each, most) for name, each in whole.items()}
    return (lambda query: shortened(whole(query), most)) if callable(whole) else whole


@dataclass
class MadeUp:
    """What the page gets; `failing` maps a route to the status and the detail that it answers instead."""

    answers: dict[str, Answer] = field(default_factory=answers)
    failing: dict[str, tuple[int, Json]] = field(default_factory=dict)
    # Routes whose requests wait until the test answers them.
    held: dict[str, list[Route]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def serve(self, page: Page) -> None:
        """Answer what *page* asks the API."""
        page.route("**/zoho-people/api/**", self._answer)

    def requests(self, route: str) -> list[dict[str, list[str]]]:
        """The queries with which a route was asked, in their order."""
        urls = [urlsplit(url) for url in self.asked]
        return [parse_qs(url.query) for url in urls if url.path == f"/zoho-people/api/{route}"]

    def release(self, route: str) -> None:
        """Answer the requests that were held."""
        for each in self.held.pop(route):
            self._say(each, route)

    def _answer(self, route: Route) -> None:
        self.asked.append(route.request.url)
        name = urlsplit(route.request.url).path.rpartition("/")[2]
        if name in self.held:
            self.held[name].append(route)
        else:
            self._say(route, name)

    def _say(self, route: Route, name: str) -> None:
        status, body = 200, self.answers.get(name)
        query = parse_qs(urlsplit(route.request.url).query)
        if name in self.failing:
            status, body = self.failing[name][0], {"detail": self.failing[name][1]}
        elif callable(body):
            body = body(query)
        if "group_by" in query:
            body = {**body, "groups": self.answers["groups"][query["group_by"][0]]}
        route.fulfill(status=status, content_type="application/json", body=json.dumps(body))
