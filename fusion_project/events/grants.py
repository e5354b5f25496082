"""What the app's role may do here. `fusion_project.postgres.grants` says how it is read."""

FUNCTIONS = [
    "events_now()",
    "events_record(text, text, text, text, text, text[])",
    "events_seal_next(text, integer)",
    "events_seal_append(text, bigint[], bytea)",
    "events_seal_waits_since(text)",
    # What re-derives hashes for an export.
    "events_leaf_bytes(events_event)",
    "events_field(text)",
    "events_microseconds(timestamptz)",
]
# Written by `events_record` alone, which stamps time and transaction, and by `events_seal_append`.
NO_DIRECT_WRITE = ["events_event", "events_sealbatch", "events_sealleaf"]
# A handler that comes later owes what is past (`handlings_backfill`); nothing is born done.
INSERTS = {"events_handling": ("event_id", "handler", "due_at")}
CHANGES: dict[str, dict[str, str]] = {
    "events_eventlink": {},
    "events_handling": {
        "attempts": "edges: events_handling_guard: the fence, one claim at a time",
        "waits": "free: how many of the claims only waited; a check keeps it within them",
        "due_at": "free: lease, back-off, or none once it is parked",
        "done_at": "edges: events_handling_guard: what is done stays done",
        "last_error": "free: what went wrong last",
    },
    "events_lifesign": {
        "seen_at": "free: when a part was last at work",
        "waited_since": "free: since when it is waited for",
    },
    "events_periodicjob": {
        "every_seconds": "free: the job's pace, as its code says",
        "due_at": "free: whoever runs it moves it ahead",
        "last_run_at": "free: what it did last",
        "last_error": "free: what went wrong last",
    },
}
