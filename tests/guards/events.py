"""Guards of the log, its handlers, and the database engine."""

from tests.guards.guard import Guard

_RACES = ("tests/race/events/test_seal_races.py",)
_SEAL = ("tests/integration/events/test_seal.py",)


def _seal(name: str, old: str, new: str, tests: tuple[str, ...]) -> Guard:
    file = "fusion_project/events/sql/seal.sql"
    return Guard(f"seal: {name}", file, old, new, tests, in_database=True)


EVENTS = (
    Guard(
        "log: append-only trigger",
        "fusion_project/events/migrations/0002_sql.py",
        '        append_only("events_event"),\n',
        "",
        ("tests/integration/events/test_log.py::TestAppendOnly",),
        in_database=True,
    ),
    Guard(
        "log: trigger stays on in replica mode",
        "fusion_project/events/sql_files.py",
        "        ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_keeps_rows;\n",
        "",
        ("tests/integration/events/test_log.py::TestAppendOnly",),
        in_database=True,
    ),
    Guard(
        "log: a fact and its record are one transaction",
        "fusion_project/events/log.py",
        "if not connection.in_atomic_block:",
        "if False:",
        ("tests/integration/events/test_log.py",),
    ),
    Guard(
        "handling: done-mark bound to the fence",
        "fusion_project/events/work.py",
        "WHERE h.id = held.id AND h.attempts = held.attempts AND h.done_at IS NULL",
        "WHERE h.id = held.id AND h.done_at IS NULL",
        ("tests/integration/events/test_work.py",),
    ),
    Guard(
        "handling: a lost claim rolls its effect back",
        "fusion_project/events/work.py",
        "            raise ClaimLost\n",
        "            return\n",
        ("tests/integration/events/test_work.py", "tests/race/events"),
    ),
    Guard(
        "handling: claims skip what another holds",
        "fusion_project/events/work.py",
        "SET attempts = h.attempts + 1, due_at = events_now() + make_interval(secs => %s)",
        "SET attempts = h.attempts + 1, due_at = events_now() - 0 * make_interval(secs => %s)",
        ("tests/race/events",),
    ),
    Guard(
        "handling: fifth failure parks",
        "fusion_project/events/work.py",
        "one.failures > ATTEMPTS_MAX]",
        "False]",
        ("tests/integration/events/test_work.py",),
    ),
    Guard(
        "handling: moves forward only (trigger)",
        "fusion_project/events/migrations/sql/0002_triggers.sql",
        "ALTER TABLE events_handling ENABLE ALWAYS TRIGGER events_handling_moves_forward;",
        "DROP TRIGGER events_handling_moves_forward ON events_handling;",
        ("tests/integration/events/test_log.py",),
        in_database=True,
    ),
    Guard(
        "periodic: one drain wins a due job",
        "fusion_project/events/periodic.py",
        "WHERE name = %s AND due_at <= events_now()",
        "WHERE name = %s",
        ("tests/integration/events/test_periodic.py", "tests/race/events"),
    ),
    Guard(
        "periodic: no backlog of handlers keeps jobs waiting",
        "fusion_project/events/management/commands/drain.py",
        "            if tried:\n                periodic_run_due()\n",
        "",
        ("tests/integration/events/test_drain.py",),
    ),
    _seal(
        "only what is final comes next",
        "OR s.xid < (SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint))",
        "OR true)",
        _RACES,
    ),
    _seal(
        "what is not final is refused",
        "            WHERE s.cluster <> $4 OR s.xid < $5', p_log",
        "            WHERE true OR s.cluster <> $4 OR s.xid < $5', p_log",
        _SEAL,
    ),
    _seal(
        "another server's rows are over",
        "(s.cluster <> $2\n                OR",
        "(false AND s.cluster <> $2\n                OR",
        _SEAL,
    ),
    _seal(
        "the floor waits for all that began before it was seen",
        "AND cluster = v_cluster AND xid < v_over",
        "AND cluster = v_cluster",
        _RACES,
    ),
    _seal(
        "no floor rises before something was seen",
        "IF v_seen IS NULL THEN",
        "IF false THEN",
        _RACES,
    ),
    _seal(
        "the floor stays below what is not sealed",
        "RETURN greatest(v_floor, least(v_open - 1, v_seen));",
        "RETURN greatest(v_floor, v_seen);",
        _RACES,
    ),
    _seal(
        "a sealer that wrote before it looked lifts no floor",
        "CASE WHEN v_is_begun THEN 0 ELSE v_seen END",
        "v_seen",
        _SEAL,
    ),
    _seal(
        "one sealer at a time",
        "has sealed.\n    LOCK TABLE events_sealbatch IN SHARE ROW EXCLUSIVE MODE;\n",
        "has sealed.\n",
        _RACES,
    ),
    Guard(
        "seal: batches are append-only",
        "fusion_project/events/migrations/0006_seal.py",
        '        append_only("events_sealbatch"),\n',
        "",
        _SEAL,
        in_database=True,
    ),
    Guard(
        "seal: the root is taken of all leaves",
        "fusion_project/events/sealing.py",
        "[bytes(leaf) for _, leaf in rows]",
        "[bytes(leaf) for _, leaf in rows[:1]]",
        _SEAL,
    ),
    Guard(
        "verifier: a changed event is named",
        "docs/verify/verify_events.py",
        'if digest(b"\\x00", row_fields(row)).hexdigest() != line["leaf"]:',
        "if False:",
        ("tests/integration/events/test_verify_events.py",),
    ),
    Guard(
        "verifier: a kept digest is looked for",
        "docs/verify/verify_events.py",
        "if kept.lower() not in self.hashes:",
        "if False:",
        ("tests/integration/events/test_verify_events.py",),
    ),
    Guard(
        "doorbell: the queue is bounded and drops",
        "fusion_project/events/doorbell.py",
        "        if self._rings.qsize() >= ",
        "        if False and self._rings.qsize() >= ",
        ("tests/unit/events/test_doorbell.py",),
    ),
    Guard(
        "doorbell: a worker keeps its connection to the database",
        "fusion_project/settings.py",
        "CELERY_DB_REUSE_MAX = 1_000_000",
        "CELERY_DB_REUSE_MAX = 0",
        ("tests/unit/project/test_broker.py",),
    ),
    Guard(
        "doorbell: what lowers risk is rung for before all else",
        "fusion_project/events/doorbell.py",
        "first = bool(handler.gives_way) and handler.gives_way not in detail",
        "first = False",
        ("tests/integration/signals/test_turns.py",),
    ),
    Guard(
        "doorbell: a ring that goes first overtakes those that wait",
        "fusion_project/events/doorbell.py",
        "turn = _FIRST if first else _IN_TURN",
        "turn = _IN_TURN",
        ("tests/unit/events/test_doorbell.py",),
    ),
    Guard(
        "database: a hung server ends a wait",
        "fusion_project/postgres/deadline.py",
        "        if left is None:\n",
        "        if True:\n",
        (
            "tests/integration/project/test_deadline.py::test_after_the_deadline_nothing_is_tried_at_all",
            "tests/integration/project/test_deadline.py::test_a_slow_statement_ends_at_the_deadline_as_an_operational_error",
        ),
    ),
)
