"""Guards of holds, of policies and of what is paid."""

from tests.guards.guard import Guard

_SQL = "treasury/sql/"
_HOLDS = ("tests/integration/treasury/test_holds.py",)
_POLICIES = ("tests/integration/treasury/test_policies.py",)
_PAID = ("tests/integration/treasury/test_distributions.py",)
_POOLS = ("tests/integration/treasury/test_pool_paying.py",)
_UNITS = ("tests/integration/treasury/test_units.py",)
_DAYS = ("tests/race/treasury/test_trade_days.py",)
_PERIODS = ("tests/integration/treasury/test_periods.py",)
_UNREALISED = ("tests/integration/treasury/test_unrealised.py",)
_PERIOD_RACES = ("tests/race/treasury/test_periods.py",)
_CONVERSION_RULES = ("tests/integration/treasury/test_conversion_rules.py",)
_CONVERSIONS = ("tests/integration/treasury/test_conversions.py",)
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
        "treasury/migrations/sql/0017_pool_triggers.sql",
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
    _sql(
        "conversions",
        "conversions: two people want it",
        "second_person_wants(r.id, 'conversion.make')",
        "true",
        _CONVERSION_RULES,
    ),
    _sql(
        "conversions",
        "conversions: what is converted is what was confirmed",
        "            AND (r.payload::jsonb ->> 'amount')::numeric = NEW.amount) THEN",
        "            ) THEN",
        _CONVERSION_RULES,
    ),
    _sql(
        "conversions",
        "conversions: only what a price gives is received",
        "                    NEW.received <= NEW.amount * p.price\n",
        "                    true\n",
        _CONVERSION_RULES,
    ),
    _sql(
        "conversions",
        "conversions: an old price converts nothing",
        "            AND p.priced_at >= NEW.ended_at - interval '24 hours'\n",
        "",
        _CONVERSION_RULES,
    ),
    _sql(
        "conversions",
        "conversions: books share no price",
        "            AND p.book = NEW.book AND p.priced_at <= NEW.ended_at",
        "            AND p.priced_at <= NEW.ended_at",
        _CONVERSION_RULES,
    ),
    _sql(
        "conversions",
        "conversions: its entry moves what it says",
        "HAVING count(*) = 4 AND count(*)",
        "HAVING count(*) < 9 OR count(*)",
        _CONVERSION_RULES,
    ),
    _sql(
        "conversions",
        "conversions: it ends once",
        "    IF OLD.state <> 'waiting' THEN",
        "    IF false THEN",
        _CONVERSION_RULES,
    ),
    _sql(
        "conversions",
        "conversions: an entry of one comes with it",
        "IF NOT EXISTS (SELECT FROM treasury_conversion WHERE entry_id = NEW.id",
        "IF EXISTS (SELECT FROM treasury_conversion WHERE entry_id = 0",
        _CONVERSION_RULES,
    ),
    Guard(
        "conversions: without a price it waits",
        "treasury/services/conversions.py",
        "    if price is None:\n        raise errors.PriceMissing(",
        "    if price is None:\n        return\n        raise errors.PriceMissing(",
        _CONVERSIONS,
    ),
    Guard(
        "conversions: a quote that nobody confirmed prices nothing",
        "treasury/selectors/prices.py",
        "            symbol_map__confirmation__isnull=False,\n",
        "",
        _CONVERSIONS,
    ),
    Guard(
        "prices: a stored price stays",
        "treasury/migrations/0013_prices.py",
        '        append_only("treasury_pricesnapshot"),\n',
        "",
        _PERIOD_RACES,
        in_database=True,
    ),
    _sql(
        "periods",
        "periods: nothing is written into a closed one",
        "ON c.book = e.book AND c.cutoff_id >= e.id LIMIT 1;",
        "ON false LIMIT 1;",
        _PERIOD_RACES,
    ),
    Guard(
        "periods: a statement stays",
        "treasury/migrations/0014_periods.py",
        '        append_only("treasury_periodfigure"),\n',
        "",
        _PERIOD_RACES,
        in_database=True,
    ),
    _sql(
        "periods",
        "periods: whoever posts is waited for",
        "    LOCK TABLE treasury_entry IN SHARE ROW EXCLUSIVE MODE;\n",
        "",
        _PERIOD_RACES,
    ),
    _sql(
        "periods",
        "periods: a deal in quarantine is not closed over",
        "        WHERE p.state = 'quarantined'\n",
        "        WHERE false\n",
        _PERIODS,
    ),
    _sql(
        "periods",
        "periods: a deal that is not posted is not closed over",
        "        WHERE NOT EXISTS (SELECT FROM treasury_dealposting p WHERE p.deal_id = d.id)\n",
        "        WHERE false\n",
        _PERIODS,
    ),
    _sql(
        "periods",
        "periods: an account that is not green is not closed over",
        "        WHERE k.state IN ('differs', 'blind') OR (k.state = 'not_told' AND k.ours <> 0)\n",
        "        WHERE false\n",
        _PERIODS,
    ),
    _sql(
        "periods",
        "periods: what happened later is left to the next one",
        "AND e.event_at < p_close.ends_at\n",
        "\n",
        _PERIODS,
    ),
    _sql(
        "periods",
        "periods: what was not realised is booked by a close alone, and taken back",
        "RAISE EXCEPTION 'entry %: no close of a period has made it'",
        "RETURN NULL; RAISE EXCEPTION 'entry %: no close of a period has made it'",
        _UNREALISED,
    ),
    Guard(
        "periods: closers of all books take turns",
        "treasury/services/periods.py",
        '    turn_take("period")\n',
        "",
        _PERIOD_RACES,
    ),
)
