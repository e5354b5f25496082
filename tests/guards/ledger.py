"""Guards of treasury and tokens."""

from tests.guards.guard import Guard

_SQL = "treasury/sql/"
_ATTACKS = ("tests/integration/treasury/test_attacks.py",)
_RIGHTS = ("tests/integration/treasury/test_rights.py",)
_POSTING = ("tests/integration/treasury/test_post.py",)
_RACES = ("tests/race/treasury/test_posting.py",)


def _line(name: str, old: str, new: str, tests: tuple[str, ...] = _ATTACKS) -> Guard:
    return Guard(f"ledger: {name}", f"{_SQL}lines.sql", old, new, tests, in_database=True)


def _entry(name: str, old: str, new: str, tests: tuple[str, ...] = _ATTACKS) -> Guard:
    return Guard(f"ledger: {name}", f"{_SQL}entries.sql", old, new, tests, in_database=True)


def _post(name: str, old: str, new: str, tests: tuple[str, ...] = _POSTING) -> Guard:
    return Guard(f"post: {name}", f"{_SQL}posting.sql", old, new, tests, in_database=True)


LEDGER = (
    _line(
        "lines sum to zero",
        "HAVING sum(l.amount) <> 0 LIMIT 1;",
        "HAVING false LIMIT 1;",
    ),
    _line(
        "lines come in their entry's transaction",
        "WHERE e.id IS NULL OR e.xid <> pg_current_xact_id()\n"
        "            OR e.cluster <> (SELECT events_cluster())",
        "WHERE e.id IS NULL",
    ),
    _line(
        "an entry is closed by its first statement",
        "RAISE EXCEPTION 'entry % is closed; all its lines come in one statement', v_bad.entry_id",
        "RAISE NOTICE 'entry % is closed', v_bad.entry_id",
    ),
    _line(
        "books do not mix",
        "WHERE a.id IS NULL OR a.book <> e.book LIMIT 1;",
        "WHERE a.id IS NULL LIMIT 1;",
    ),
    _line("account currency", "WHERE a.currency_id <> l.currency_id", "WHERE false"),
    _line("digits of the currency", "OR l.amount <> round(l.amount, c.scale)", ""),
    _entry(
        "an entry has lines",
        "IF NOT EXISTS (SELECT FROM treasury_leaf WHERE entry_id = NEW.id)",
        "IF false",
    ),
    Guard(
        "ledger: the line trigger is on in replica mode",
        "treasury/migrations/sql/0002_triggers.sql",
        "ALTER TABLE treasury_line ENABLE ALWAYS TRIGGER treasury_line_balanced;",
        "",
        _ATTACKS,
        in_database=True,
    ),
    _entry("nobody chooses the stamps", "    NEW.xid := pg_current_xact_id();\n", ""),
    Guard(
        "ledger: balances move with lines",
        f"{_SQL}balances.sql",
        "OR pg_trigger_depth() < 2 THEN",
        "THEN",
        _ATTACKS,
        in_database=True,
    ),
    _line(
        "floors hold",
        "coalesce(own.amount, 0) < a.floor\n",
        "coalesce(own.amount, 0) < a.floor AND false\n",
        (*_POSTING, *_RACES),
    ),
    _line("a reversal mirrors", "HAVING sum(both_sides.amount) <> 0", "HAVING false", _POSTING),
    _line("a reversal is not reversed", "OR o.reverses_id IS NOT NULL OR", "OR", _POSTING),
    Guard(
        "ledger: rows never change",
        "treasury/migrations/0002_sql.py",
        "*(append_only(table) for table in FACTS)",
        "",
        _ATTACKS,
        in_database=True,
    ),
    Guard(
        "ledger: the app writes through the door alone",
        "treasury/grants.py",
        '    "treasury_ledgeraccount": {},\n',
        '    "treasury_ledgeraccount": {},\n    "treasury_line": {},\n',
        _RIGHTS,
        in_database=True,
    ),
    _post(
        "temporary tables do not stand in",
        "SECURITY DEFINER\n    SET search_path = pg_catalog, public, pg_temp",
        "SECURITY DEFINER\n    SET search_path = pg_catalog, public",
        _RIGHTS,
    ),
    _post(
        "same key, same content",
        "AND e.request_sha256 IS DISTINCT FROM d.sha256 LIMIT 1;",
        "AND false LIMIT 1;",
    ),
    _post(
        "keys are taken in order",
        "WHERE reverses_key IS NULL ORDER BY idem_key\n",
        "WHERE reverses_key IS NULL\n",
        _RACES,
    ),
    _post(
        "no nineteenth digit",
        "IF EXISTS (SELECT FROM unnest(v_lines) WHERE scale(amount) > 18) THEN",
        "IF false THEN",
    ),
    Guard(
        "deals: posted stays posted",
        f"{_SQL}deal_postings.sql",
        "OLD.state <> 'quarantined'",
        "false",
        ("tests/integration/treasury/test_deals.py",),
        in_database=True,
    ),
    Guard(
        "deals: a refused one is quarantined",
        "treasury/services/deals.py",
        "    except LedgerRefused as refusal:\n",
        "    except LedgerRefused as refusal:\n        raise\n",
        ("tests/integration/treasury/test_deals.py",),
    ),
    Guard(
        "cash: a deal on its way is waited for",
        "treasury/selectors/completeness.py",
        "    return not deals_not_in_the_ledger(account=account, limit=1)\n",
        "    return True\n",
        ("tests/integration/treasury/test_controls.py",),
    ),
    Guard(
        "tokens: folds of one position wait for each other",
        "tokens/services/positions.py",
        'select_for_update(no_key=True, of=("self",))',
        "all()",
        ("tests/race/tokens/test_positions.py",),
    ),
    Guard(
        "tokens: nothing is earned before treasury has posted each deal",
        "tokens/services/positions.py",
        "    _deals_posted_check(position)\n",
        "",
        ("tests/integration/tokens/test_after_treasury.py",),
    ),
    Guard(
        "tokens: a deal that left the position is waited for",
        "treasury/selectors/completeness.py",
        "newest = of_account.filter(ticket__in=tickets,",
        "newest = of_account.filter(position_ticket=position_ticket,",
        ("tests/integration/tokens/test_after_treasury.py",),
    ),
    Guard(
        "tokens: a position that is open again gives back what it earned",
        "tokens/handlers.py",
        "names.POSITION_CLOSED, names.POSITION_REOPENED,",
        "names.POSITION_CLOSED,",
        ("tests/integration/tokens/test_road.py",),
    ),
    Guard(
        "tokens: a refold reverses what stood",
        "tokens/services/positions.py",
        "former.exclude(entry=None)",
        "former.none()",
        ("tests/integration/tokens/test_positions.py",),
    ),
    Guard(
        "tokens: rules are never backdated",
        "tokens/services/rules.py",
        "if valid_from is not None and valid_from < now():",
        "if False:",
        ("tests/integration/tokens/test_rule_publish.py",),
    ),
    Guard(
        "tokens: two people change a rule",
        "tokens/sql/rules.sql",
        "second_person_wants(NEW.request_id, 'rule.change') IS NOT TRUE OR NOT EXISTS",
        "NOT EXISTS",
        ("tests/integration/tokens/test_rule_publish.py",),
        in_database=True,
    ),
    Guard(
        "tokens: a rule is the one that two people agreed on",
        "tokens/sql/rules.sql",
        "AND (r.payload::jsonb -> 'parameters') = NEW.parameters",
        "",
        ("tests/integration/tokens/test_rule_publish.py",),
        in_database=True,
    ),
    _entry(
        "nobody takes an entry back without a reason of its own",
        "RAISE EXCEPTION 'entry % is taken back by",
        "RETURN NEW; RAISE EXCEPTION 'entry % is taken back by",
        _POSTING,
    ),
    _entry(
        "a request takes back the entry that it names",
        "AND (payload::json ->> 'entry_id')::bigint = NEW.reverses_id",
        "",
        _POSTING,
    ),
    Guard(
        "ledger: a mark passes no deal without a posting",
        f"{_SQL}posted_marks.sql",
        "AND NOT EXISTS (SELECT FROM treasury_dealposting p WHERE p.deal_id = d.id)",
        "AND false",
        ("tests/integration/treasury/test_posted_marks.py",),
        in_database=True,
    ),
    Guard(
        "ledger: a mark does not fall",
        f"{_SQL}posted_marks.sql",
        "NEW.deal_id < v_since",
        "false",
        ("tests/integration/treasury/test_posted_marks.py",),
        in_database=True,
    ),
    Guard(
        "ledger: a checkpoint takes in only what is final",
        f"{_SQL}checkpoints.sql",
        "AND id <= events_seal_floor('treasury')",
        "",
        ("tests/race/treasury/test_checkpoints.py",),
        in_database=True,
    ),
    Guard(
        "ledger: one checkpoint is made at a time",
        f"{_SQL}checkpoints.sql",
        "    LOCK TABLE treasury_checkpoint IN SHARE ROW EXCLUSIVE MODE;\n",
        "",
        ("tests/race/treasury/test_checkpoints.py",),
        in_database=True,
    ),
    Guard(
        "ledger: what stood at a moment starts from a checkpoint before it",
        "treasury/selectors/balances.py",
        'checkpoint_until=" AND c.recorded_until <= %(until)s"',
        'checkpoint_until=""',
        ("tests/race/treasury/test_checkpoints.py",),
    ),
)
