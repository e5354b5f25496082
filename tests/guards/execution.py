"""Guards of execution."""

from tests.guards.guard import Guard

_INITIAL = "execution/migrations/0001_initial.py"
_RULES_SQL = "execution/sql/orders.sql"
_VOLUMES_SQL = "execution/sql/volumes.sql"
_ENTRIES_SQL = "execution/sql/entries.sql"
_FOLDS_SQL = "execution/sql/folds.sql"
_LEASES = "execution/services/leases.py"
_CLAIMS = "execution/services/claims.py"
_INSTANCES = "execution/services/instances.py"
_RULES = "execution/risk/rules.py"
_FACTS = "execution/selectors/entry_facts.py"
_REPORTS = "execution/services/reports.py"
_ORDERS = "execution/paper/orders.py"
_AT = "tests/integration/execution/"
_RULE_TESTS = tuple(
    f"{_AT}test_{one}.py" for one in ("order_rules", "append_only", "order_numbers")
)
_EVIDENCE_TESTS = ("tests/integration/project/test_evidence.py",)
_INSTANCE_TESTS = (f"{_AT}test_instances.py", "tests/race/execution/test_lease_races.py")
_LEASE_TESTS = (f"{_AT}test_leases.py",)
_JUDGEMENT_TESTS = (f"{_AT}test_entry_judgement.py",)
_STOP_TESTS = (f"{_AT}test_entries_without_a_stop.py",)
_EXIT_TESTS = (f"{_AT}test_exit_staging.py",)
_LIVE_TESTS = (f"{_AT}test_paper_executor_live.py",)


def _table(name: str, file: str, old: str, new: str) -> Guard:
    return Guard(f"table: {name}", file, old, new, _RULE_TESTS, in_database=True)


def _evidence(name: str, file: str, old: str, new: str) -> Guard:
    return Guard(f"evidence: {name}", file, old, new, _EVIDENCE_TESTS, in_database=True)


def _claim(name: str, old: str, new: str) -> Guard:
    return Guard(f"claim: {name}", _CLAIMS, old, new, _JUDGEMENT_TESTS)


def _lease(name: str, old: str, new: str, tests: tuple[str, ...] = _LEASE_TESTS) -> Guard:
    return Guard(f"lease: {name}", _LEASES, old, new, tests)


def _instance(name: str, old: str, new: str) -> Guard:
    return Guard(f"instance: {name}", _INSTANCES, old, new, _INSTANCE_TESTS)


EXECUTION = (
    _table(
        "a deal's revision is stored once",
        _INITIAL,
        "fields=('account', 'ticket', 'revision')",
        "fields=('account', 'ticket', 'revision', 'id')",
    ),
    _table(
        "a report id is stored once",
        _INITIAL,
        "fields=('account', 'report_id')",
        "fields=('account', 'report_id', 'id')",
    ),
    _table(
        "one order per decision, account, target and attempt",
        "execution/migrations/0023_matching.py",
        'fields=("decision", "account", "position_ticket", "target_order", "attempt"),',
        'fields=("decision", "account", "position_ticket", "target_order", "attempt", "id"),',
    ),
    _table(
        "asking again follows what is over",
        _RULES_SQL,
        "IF NOT execution_order_attempt_follows(NEW) THEN",
        "IF false THEN",
    ),
    _table(
        "only legal edges",
        _RULES_SQL,
        "IF v_moves AND NOT execution_order_edge_is_legal(OLD.state, NEW.state)",
        "IF false",
    ),
    _table(
        "a lease raises the fence by one, nothing else",
        _RULES_SQL,
        "IF NEW.fence <> OLD.fence + v_is_leased::integer",
        "IF false",
    ),
    _evidence(
        "orders come from approved decisions",
        _RULES_SQL,
        "IF v_decision.state IS DISTINCT FROM 'approved'\n",
        "IF false\n",
    ),
    _evidence(
        "an exit closes no more than is open",
        _RULES_SQL,
        """                AND p_order.volume_lots <= coalesce(
                    nullif(p.volume_open_lots, 0), p.volume_base_lots) ELSE true END
""",
        "                ELSE true END\n",
    ),
    _evidence(
        "an ended order is frozen",
        _RULES_SQL,
        "IF NOT v_moves AND ROW(",
        "IF false AND ROW(",
    ),
    _evidence(
        "what closes an entry is decided once",
        _RULES_SQL,
        "OLD.closing_decision_id IS NOT NULL OR NOT EXISTS (",
        "false AND NOT EXISTS (",
    ),
    _evidence(
        "filled lots are what deals add up to",
        _FOLDS_SQL,
        "IF v_stored <> v_deals THEN",
        "IF false THEN",
    ),
    _evidence(
        "a net is what deals add up to",
        _FOLDS_SQL,
        "IF (v_row.profit, v_row.swap, v_row.commission, v_row.fee, v_row.net)\n",
        "IF false AND (v_row.profit, v_row.swap, v_row.commission, v_row.fee, v_row.net)\n",
    ),
    _evidence(
        "what a position says is what its deals fold to",
        _VOLUMES_SQL,
        "IF v_holds IS NOT TRUE THEN",
        "IF false THEN",
    ),
    Guard(
        "table: an entry is judged where it is stored",
        _ENTRIES_SQL,
        "    IF v_reason <> '' THEN\n",
        "    IF false THEN\n",
        (f"{_AT}test_the_table_judges.py",),
        in_database=True,
    ),
    _evidence(
        "a position starts as its order says",
        "execution/sql/positions.sql",
        "IF NEW.fold_revision <> 1 OR NOT execution_position_is_as_ordered(NEW) THEN",
        "IF false THEN",
    ),
    _evidence(
        "a fold changes with its revision",
        "execution/sql/positions.sql",
        "IF NEW.fold_revision <> OLD.fold_revision + (",
        "IF false AND NEW.fold_revision <> OLD.fold_revision + (",
    ),
    _evidence(
        "a stop is what an amend has done",
        "execution/sql/positions.sql",
        "        AND OLD.order_id IS NOT DISTINCT FROM NEW.order_id\n",
        "        AND false\n",
    ),
    _evidence(
        "an incident is closed once",
        "fusion_project/incidents/sql/incidents.sql",
        "IF OLD.closed_at IS NOT NULL OR ROW(",
        "IF ROW(",
    ),
    _evidence(
        "new columns are not changeable until they are listed",
        "fusion_project/postgres/grants.py",
        '| _on("UPDATE", changes[table]) |',
        '| {"UPDATE"} |',
    ),
    Guard(
        "fold: what differs is an incident",
        "execution/services/refolding.py",
        "    if stored == folded:\n",
        "    if True:\n",
        (f"{_AT}test_refolding.py",),
    ),
    Guard(
        "deal: a restated one is taken from the order it has left",
        "execution/services/deals.py",
        "        order_add_up(counted.order_id)\n",
        "        pass\n",
        (f"{_AT}test_refolding.py",),
    ),
    _table(
        "instructions are frozen",
        _RULES_SQL,
        "NEW.volume_lots, NEW.limit_price,",
        "OLD.volume_lots, NEW.limit_price,",
    ),
    _table(
        "reports are append-only",
        "execution/migrations/0002_sql.py",
        '        append_only("execution_report"),\n',
        "",
    ),
    _table(
        "deals are append-only",
        "execution/migrations/0002_sql.py",
        '        append_only("execution_deal"),\n',
        "",
    ),
    Guard(
        "table: an entry is staged with a stop",
        "execution/sql/stops.sql",
        "IF NEW.verb = 'entry' AND NEW.state = 'staged'",
        "IF false",
        _STOP_TESTS,
        in_database=True,
    ),
    Guard(
        "entry: one without a stop is refused",
        _RULES,
        "return facts.stop_is_required and not facts.leg.has_stop",
        "return False",
        _STOP_TESTS,
    ),
    Guard(
        "tradable: the last to look is the last to write",
        "signals/services/tradable.py",
        "Tradable.objects.select_for_update().filter",
        "Tradable.objects.filter",
        ("tests/race/execution/test_tradable_races.py",),
    ),
    _claim(
        "entries need every switch to allow them",
        "execution_entry_may_go(o.account_id, o.strategy_id, o.instrument)\n            AND",
        "true AND",
    ),
    _claim("entries need time left", "o.valid_until > %(now)s)", "true)"),
    _claim("entries are judged", "if judge(self._facts[order.id], moment).may_go", ""),
    Guard(
        "claim: a reversal waits until flat",
        _FACTS,
        "return one.spot not in self.held_spots and not any(",
        "return not any(",
        _EXIT_TESTS,
    ),
    Guard(
        "claim: a reversal waits for orders that are out",
        _FACTS,
        "return other.id != own.id and not (other.waits_for_flat and other.id > own.id)",
        "return False",
        _EXIT_TESTS,
    ),
    Guard(
        "entry: its own order is not counted",
        "execution/selectors/standing.py",
        'if row.verb == "entry" and place.holds(row) and not is_own(row, own)',
        'if row.verb == "entry" and place.holds(row)',
        _JUDGEMENT_TESTS,
    ),
    _lease(
        "what a run cannot read is not served again",
        "        needs_minor__lte=account.instance_minor,\n",
        "",
        _INSTANCE_TESTS,
    ),
    _instance(
        "one instance holds the account",
        "filter(free, id=caller.account_id)",
        "filter(id=caller.account_id)",
    ),
    _instance(
        "a copy is told by its boot nonce",
        "same = Q(instance=program.instance, instance_nonce=program.boot_nonce)",
        "same = Q(instance=program.instance)",
    ),
    _instance(
        "a run that said no hello counts as minor 0",
        'told_here = same & ~Q(instance_nonce="")',
        "told_here = Q(instance=program.instance)",
    ),
    Guard(
        "order: leased to who reads it whole",
        _RULES_SQL,
        "IF v_is_leased AND NEW.needs_minor > (",
        "IF false AND NEW.needs_minor > (",
        _INSTANCE_TESTS,
        in_database=True,
    ),
    Guard(
        "order: what an old executor cannot read needs a newer one",
        "execution/rules/minors.py",
        "return max(said, default=0)",
        "return 0",
        (f"{_AT}test_order_terms.py",),
    ),
    Guard(
        "paper: at once never becomes something else",
        "execution/rules/tif.py",
        '"fok": TifModes((), ("fok",)),',
        '"fok": TifModes((), _ANY_FILLING),',
        ("tests/unit/execution/test_tif.py",),
    ),
    Guard(
        "order: what it needs is frozen",
        _RULES_SQL,
        ",\n           NEW.needs_minor, NEW.tif,",
        ",\n           OLD.needs_minor, NEW.tif,",
        _INSTANCE_TESTS,
        in_database=True,
    ),
    _lease(
        "entries held are judged again",
        "permitted = entry_judge.passing(entries, Moment.PERMIT)",
        "permitted = entries",
    ),
    Guard(
        "fence: only its holder moves an order",
        "execution/services/orders.py",
        "        rows = rows.filter(fence=fence)\n",
        "        pass\n",
        _LEASE_TESTS,
    ),
    Guard(
        "fence: a stale report moves nothing",
        _REPORTS,
        "if not report.fence_was_current:",
        "if False:",
        (f"{_AT}test_reports.py",),
    ),
    Guard(
        "report: the same id is a duplicate",
        _REPORTS,
        "if known.raw_sha256 != sha256:",
        "if False:",
        (f"{_AT}test_reports.py",),
    ),
    Guard(
        "report: a closed trade's entry is not queued again",
        _REPORTS,
        "order.state == states.CANCEL_REQUESTED or order.is_closed_down",
        "order.id is None",
        _EXIT_TESTS,
    ),
    Guard(
        "deal: the same content is the same deal",
        "execution/services/deals.py",
        "if known is not None and _is_no_news(report, known, understood):",
        "if False:",
        (f"{_AT}test_deals.py",),
    ),
    Guard(
        "deal: told at once, under the account's lock",
        "execution/services/accounts.py",
        "select_for_update(no_key=True).get(",
        "get(",
        ("tests/race/execution/test_report_races.py",),
    ),
    Guard(
        "entry: refused once its trade is closed",
        _RULES,
        "lambda facts: facts.is_trade_closed",
        "lambda facts: False",
        (f"{_AT}test_entry_staging.py",),
    ),
    Guard(
        "exit: what still opened is closed",
        "execution/services/exits.py",
        "    if not entry.has_ended or not (request or",
        "    if True or not (request or",
        _EXIT_TESTS,
    ),
    Guard(
        "amend: a stop is never widened",
        "execution/services/amends.py",
        "if widens_stop(",
        "if False and widens_stop(",
        (f"{_AT}test_amends.py",),
    ),
    Guard(
        "key: a revoked key opens nothing",
        "execution/authentication.py",
        "key.revoked_at is None and (",
        "(",
        ("tests/contract/execution/test_executor_api.py",),
    ),
    Guard(
        "key: the secret is compared",
        "execution/authentication.py",
        "not hmac.compare_digest(expected, given) or key is None",
        "key is None",
        ("tests/contract/execution/test_executor_api.py",),
    ),
    Guard(
        "executor: an entry needs a fresh permit",
        _ORDERS,
        "if not self._permits.allow(kept.order_id, kept.fence):",
        "if False:",
        _LIVE_TESTS,
    ),
    Guard(
        "executor: journalled before it is sent",
        _ORDERS,
        "            self._journal.order_state(kept.order_id, INTENT)\n        result",
        "            pass\n        result",
        _LIVE_TESTS,
    ),
)
