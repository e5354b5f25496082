"""Guards of holds, of policies and of what is paid."""

from tests.guards.guard import Guard

_SQL = "treasury/sql/"
_HOLDS = ("tests/integration/treasury/test_holds.py",)
_POLICIES = ("tests/integration/treasury/test_policies.py",)
_PAID = ("tests/integration/treasury/test_distributions.py",)
_UNITS = ("tests/integration/treasury/test_units.py",)
_DAYS = ("tests/race/treasury/test_trade_days.py",)
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
    _sql(
        "policies",
        "policies: two people want a version",
        "    IF v_wanted IS NULL\n",
        "    IF v_wanted IS NOT NULL AND false\n",
        _POLICIES,
    ),
    _sql(
        "policies",
        "policies: nothing counts backwards",
        "IF NEW.valid_from < events_now() - interval '1 minute' THEN",
        "IF false THEN",
        _POLICIES,
    ),
    Guard(
        "policies: one policy per account",
        "treasury/migrations/sql/0011_policy_tables.sql",
        "        int8range(account_id, account_id, '[]') WITH &&,",
        "        int8range(id, id, '[]') WITH &&, int8range(account_id, account_id, '[]') WITH &&,",
        _POLICIES,
        in_database=True,
    ),
    Guard(
        "policies: another policy than the house's accrues nothing to DCT",
        "tokens/services/positions.py",
        "if code == DCT and policy != HOUSE:",
        "if False:",
        _POLICIES,
    ),
    Guard(
        "distribution: the largest remainder gets the last unit",
        "treasury/rules/allocation.py",
        "key=lambda name: (-(total * bps[name] % BASIS), name)",
        "key=lambda name: name",
        ("tests/unit/treasury/test_allocation.py",),
    ),
    _sql(
        "distributions",
        "distribution: the second person saw this entry",
        "            AND r.payload::jsonb ->> 'entry_sha256' = NEW.request_sha256;",
        "            ;",
        _PAID,
    ),
    _sql(
        "distributions",
        "distribution: its cut-off is sealed",
        "l.row_id = e.id)) THEN",
        "l.row_id = e.id) AND false) THEN",
        _PAID,
    ),
    _sql(
        "distributions",
        "distribution: a deal in quarantine freezes its book",
        "WHERE p.state = 'quarantined' AND a.book = NEW.book) THEN",
        "WHERE false) THEN",
        _PAID,
    ),
    Guard(
        "distribution: what was restated away is not paid again",
        "treasury/rules/distributing.py",
        "paid = EXACT.add(self.distributed, self.shortfall)",
        "paid = self.distributed",
        ("tests/unit/treasury/test_distributing.py",),
    ),
    _sql(
        "distributions",
        "units: a mark only rises",
        "OR NEW.mark <= OLD.mark THEN",
        "THEN",
        _UNITS,
    ),
    Guard(
        "units: nothing below the mark is a gain",
        "treasury/rules/units.py",
        "above = EXACT.subtract(price, series.mark)",
        "above = price",
        ("tests/unit/treasury/test_allocation.py",),
    ),
    _sql(
        "results",
        "results: a day that a trade has left is folded too",
        "            UNION SELECT book, currency_id, at FROM former WHERE is_trade) either;",
        "            ) either;",
        _DAYS,
    ),
    Guard(
        "results: days with a trade that changed are taken anew",
        "treasury/selectors/trade_days.py",
        "return sorted(day for day in days if since <= day < until)",
        "return []",
        _DAYS,
    ),
    Guard(
        "results: a reading is of one mark",
        "treasury/selectors/trade_days.py",
        "if _mark() == mark:",
        "if True:",
        _DAYS,
    ),
)
