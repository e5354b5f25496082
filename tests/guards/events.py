"""Guards of the log, its handlers, and the database engine."""

from tests.guards.guard import Guard

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
        "doorbell: the queue is bounded and drops",
        "fusion_project/events/doorbell.py",
        "self._rings.put_nowait(handler_name)",
        "self._rings.put(handler_name, timeout=0.012)",
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
