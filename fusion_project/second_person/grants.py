"""What the app's role may do here. `fusion_project.postgres.grants` says how it is read."""

FUNCTIONS = ["second_person_wants(bigint, text)"]
_ENDED = "edges: second_person_request_guard: with the end"
CHANGES: dict[str, dict[str, str]] = {
    "second_person_request": {
        "state": "edges: second_person_request_guard",
        "confirmed_by": "edges: second_person_request_guard: once",
        "confirmed_at": "edges: second_person_request_guard: once",
        "ended_by": _ENDED,
        "ended_at": _ENDED,
        "outcome": _ENDED,
    },
}
