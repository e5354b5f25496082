"""Guards of holds, of policies and of what is paid."""

from tests.guards.guard import Guard

_SQL = "treasury/sql/"
_HOLDS = ("tests/integration/treasury/test_holds.py",)
_POLICIES = ("tests/integration/treasury/test_policies.py",)
_PAID = ("tests/integration/treasury/test_distributions.py",)
_POOLS = ("tests/integration/treasury/test_pool_paying.py",)
_UNITS = ("tests/integration/treasury/test_units.py",)
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
        "distribution: a second person wants it",
        " AND second_person_wants(r.id, 'distribution.make')\n",
        "\n",
        _PAID,
    ),
    Guard(
        "distribution: what was lost since it was proposed is not paid",
        "treasury/services/distributing.py",
        "        if present.paid < then.paid:\n",
        "        if False:\n",
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
    Guard(
        "pools: a second person wants what is booked as paid",
        "treasury/migrations/sql/0013_pool_triggers.sql",
        "'revenue.record', 'pool.pay'))",
        "'revenue.record'))",
        _POOLS,
        in_database=True,
    ),
    _sql(
        "pools",
        "pools: what is booked is what two people wanted",
        "AND a.code LIKE 'Liabilities:Pool:%' AND l.amount = (v_wanted ->> 'amount')::numeric\n",
        "\n",
        _POOLS,
    ),
    Guard(
        "pools: nobody's money pays the debts of others",
        "treasury/services/pool_paying.py",
        "    if is_other:\n",
        "    if False:\n",
        _POOLS,
    ),
    Guard(
        "pools: money that has left is paid once",
        "treasury/services/pool_paying.py",
        "    if amount > left:\n",
        "    if False:\n",
        _POOLS,
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
)
