"""Guards of holds, of policies and of what is paid."""

from tests.guards.guard import Guard

_SQL = "treasury/sql/"
_HOLDS = ("tests/integration/treasury/test_holds.py",)
_HOLD_RACES = ("tests/race/treasury/test_holds.py",)


def _sql(file: str, name: str, old: str, new: str, tests: tuple[str, ...]) -> Guard:
    return Guard(name, f"{_SQL}{file}.sql", old, new, tests, in_database=True)


TREASURY = (
    _sql(
        "holds",
        "holds: a hold resolves once",
        "IF OLD.state <> 'pending' OR NEW.state NOT IN",
        "IF NEW.state NOT IN",
        _HOLDS,
    ),
    Guard(
        "holds: whoever is second lets go of nothing",
        "treasury/services/holds.py",
        "Hold.objects.filter(id=hold.pk, state=PENDING)",
        "Hold.objects.filter(id=hold.pk)",
        _HOLDS,
    ),
    _sql(
        "lines",
        "holds: the floor counts what is held",
        "            - m.held + coalesce(own.amount, 0) < a.floor",
        "            < a.floor",
        _HOLDS,
    ),
    _sql(
        "holds",
        "holds: what would pass the floor is not held",
        "                - b.held < a.floor;",
        "                < a.floor;",
        (*_HOLDS, *_HOLD_RACES),
    ),
    _sql(
        "holds",
        "holds: an entry whose hold is over is refused",
        "AND (state <> 'pending' OR expires_at <= events_now()) LIMIT 1;",
        "AND false LIMIT 1;",
        _HOLDS,
    ),
    _sql(
        "holds",
        "holds: an entry takes no more than was held for it",
        "            BETWEEN 0 AND NEW.amount) THEN",
        "            BETWEEN 0 AND 1e19) THEN",
        _HOLDS,
    ),
)
