"""Guards of signals."""

from tests.guards.guard import Guard

_INTAKE = "signals/sql/intake.sql"
_TRADES_SQL = "signals/sql/trades.sql"
_RULES = "signals/sql/decisions.sql"
_FACTS = "signals/migrations/0002_sql.py"
_DECISIONS = "signals/services/decisions.py"
_FUSING = "signals/services/fusing.py"
_AT = "tests/integration/signals/"
_DUPLICATES = (f"{_AT}test_duplicate_rules.py",)
_TRADES = (f"{_AT}test_trades.py",)
_TABLES = (f"{_AT}test_guards.py",)
_REVIEWS = (f"{_AT}test_reviews.py",)
_WEBHOOK = (f"{_AT}test_webhook.py",)
_RACES = ("tests/race/signals",)
_REPEATED = (f"{_AT}test_repeated_ids.py",)
_SETTLING = (f"{_AT}test_settling.py",)
_WORLD = ("tests/unit/signals/dialects/test_closed_world.py",)
_CLOSED = "signals/dialects/closed_world.py"
_MAKES_MONTHS = (
    "    SET timezone = 'UTC'\n    SET lock_timeout = '300ms'\n    AS $$\nDECLARE\n    v_start"
)


def _intake(name: str, old: str, new: str, tests: tuple[str, ...] = _DUPLICATES) -> Guard:
    return Guard(f"intake: {name}", _INTAKE, old, new, tests, in_database=True)


def _trade(name: str, old: str, new: str, tests: tuple[str, ...] = _TRADES) -> Guard:
    return Guard(f"intake: {name}", _TRADES_SQL, old, new, tests, in_database=True)


def _table(name: str, old: str, new: str, tests: tuple[str, ...] = _TABLES) -> Guard:
    return Guard(f"decision: {name} (trigger)", _RULES, old, new, tests, in_database=True)


SIGNALS = (
    _intake(
        "same bytes are a duplicate",
        "WHERE a.strategy_id = p_in.strategy_id AND a.body_sha256 = p_in.body_sha256\n",
        "WHERE false AND a.body_sha256 = p_in.body_sha256\n",
    ),
    _intake(
        "bytes without identity count for thirty seconds",
        "AND (p_in.has_identity OR a.received_at > p_case.moment - interval '30 seconds')",
        "",
    ),
    _intake(
        "same intent is a duplicate",
        "WHERE a.strategy_id = p_in.strategy_id AND a.intent_key = p_in.intent_key;",
        "WHERE false;",
    ),
    _intake(
        "another meaning under a known id is a conflict",
        "CASE WHEN a.intent = p_in.intent THEN 'same_id' ELSE 'id_conflict' END\n",
        "'same_id'\n",
    ),
    _intake("stale entries are refused", "THEN 'stale'", "THEN ''"),
    _intake(
        "entries from the future are refused",
        "WHEN p_in.sent_at > p_case.moment + interval '30 seconds' THEN 'from_future'",
        "WHEN false THEN 'from_future'",
    ),
    _intake(
        "what lowers risk is never too old",
        "IF p_case.verdict = '' AND (p_case.entry_rule = '' OR p_case.lowers) THEN",
        "IF p_case.verdict = '' AND p_case.entry_rule = '' THEN",
        _TRADES,
    ),
    _intake(
        "equal bytes wait for each other",
        "    v_done := pg_advisory_xact_lock(hashtextextended(\n"
        "        'signals.body:' || p_in.strategy_id || ':' || p_in.body_sha256, 0))::text;\n",
        "",
        ("tests/race/signals/test_intake_turns.py",),
    ),
    _intake(
        "an exit waits for half-stored entries",
        "        v_done := pg_advisory_xact_lock(\n"
        "            hashtextextended('signals.strategy:' || p_in.strategy_id, 0))::text;",
        "        PERFORM pg_sleep(0);",
        _RACES,
    ),
    _intake(
        "what lowers risk is asked for anew once an entry came in between",
        "    IF FOUND AND p_case.lowers AND p_in.sent_at IS NULL\n",
        "    IF false AND p_case.lowers AND p_in.sent_at IS NULL\n",
        _REPEATED,
    ),
    _intake(
        "an id that repeats needs the same time",
        "                AND d.sent_at IS NOT DISTINCT FROM p_in.sent_at\n",
        "",
        _REPEATED,
    ),
    _intake(
        "a repeated id of the same content and time is a duplicate",
        "IF NOT FOUND AND NOT p_in.id_is_unique AND",
        "IF false AND NOT p_in.id_is_unique AND",
        _REPEATED,
    ),
    _intake(
        "an exit on a bar is asked for anew once an entry came in between",
        "        IF p_case.rule = 'same_intent' AND p_case.lowers THEN\n",
        "        IF false THEN\n",
        _REPEATED,
    ),
    _intake(
        "of a reversal with an unknown member the entry is refused",
        "            WHEN p_in.entry_rule <> '' THEN p_in.entry_rule\n",
        "",
        _SETTLING,
    ),
    Guard(
        "intake: an id without a time protects no exit for ever",
        "signals/intake/duplicates.py",
        "    return intent.sender_id is not None and not intent.lowers_risk\n",
        "    return intent.sender_id is not None\n",
        _REPEATED,
    ),
    Guard(
        "intake: an entry with an unknown member is refused",
        _CLOSED,
        "    raise Refused(RULE, words_of_it, lowers_risk=False, unknown=unknown)\n",
        "    return reading\n",
        _WORLD,
    ),
    Guard(
        "intake: an unknown member never makes an exit wait unseen",
        _CLOSED,
        "    if reading.intent.lowers_risk and waiting:\n",
        "    if False:\n",
        _WORLD,
    ),
    Guard(
        "intake: a report trades nothing",
        "signals/dialects/common_trade.py",
        "    if asked.report and any(leg.verb not in _CLOSES for leg in draft.legs):\n",
        "    if False:\n",
        _WORLD,
    ),
    Guard(
        "intake: a yes or no is never harmless",
        "signals/dialects/harmless.py",
        "    if isinstance(value, bool):\n        return False\n",
        "",
        _WORLD,
    ),
    Guard(
        "policy: a settled member has its reason (trigger)",
        "signals/sql/strategies.sql",
        "WHERE m.name = '' OR coalesce(m.told ->> 'why', '') = ''\n",
        "WHERE m.name = ''\n",
        _SETTLING,
        in_database=True,
    ),
    _trade(
        "an exit without a reference means all on its symbol",
        "        WHEN p_verb IN ('exit', 'partial_exit') THEN 'symbol'\n",
        "",
        (f"{_AT}test_targets.py",),
    ),
    _trade(
        "an exit supersedes undecided entries",
        "AND d.state IN ('proposed', 'pending_review')",
        "AND d.state = 'none'",
    ),
    _trade(
        "an exit supersedes its own trade only",
        "WHEN p_trade_ref <> '' THEN p_entry.trade_ref = p_trade_ref",
        "WHEN p_trade_ref <> '' THEN true",
    ),
    _trade(
        "a reversal means all of its symbol",
        "WHEN p_reverses THEN 'symbol'",
        "WHEN false THEN 'symbol'",
        (f"{_AT}test_targets.py",),
    ),
    _intake(
        "a strategy that changed is looked up again",
        "IF v_version IS DISTINCT FROM p_in.strategy_version",
        "IF false",
    ),
    _intake(
        "a secret's end is checked where the alert is stored",
        "AND (k.valid_until IS NULL OR k.valid_until > events_now())",
        "",
        (*_WEBHOOK, f"{_AT}test_strategies.py"),
    ),
    Guard(
        "intake: unknown callers cannot fill the disk",
        "signals/sql/callers.sql",
        "IF v_seen <= 100 AND v_wait = 0 THEN",
        "IF true THEN",
        _WEBHOOK,
        in_database=True,
    ),
    Guard(
        "intake: no alert waits behind a partition that waits for a reader",
        "fusion_project/events/sql/partitions.sql",
        _MAKES_MONTHS,
        _MAKES_MONTHS.replace("    SET lock_timeout = '300ms'\n", ""),
        ("tests/race/signals/test_intake_turns.py",),
        in_database=True,
    ),
    _table(
        "only legal edges",
        "RAISE EXCEPTION 'decision %: % to % is no legal edge', OLD.id, OLD.state, NEW.state\n"
        "            USING ERRCODE = 'check_violation', CONSTRAINT = 'signals_decision_edge';",
        "NULL;",
    ),
    _table(
        "what it decides on is frozen",
        "IF (NEW.id, NEW.alert_id,",
        "IF false AND (NEW.id, NEW.alert_id,",
    ),
    _table(
        "what it was made from is frozen",
        "AND NOT (OLD.state = 'proposed' AND OLD.inputs IS NULL) THEN",
        "AND false THEN",
    ),
    _table("born proposed", "IF NEW.verb = 'entry' AND NEW.state <> 'proposed'", "IF false"),
    _table("needs its reviews", "IF v_approvals < NEW.reviews_needed", "IF false", _REVIEWS),
    _table(
        "not after its time",
        "AND NEW.valid_until + interval '1 second' < events_now()",
        "AND false",
        _REVIEWS,
    ),
    Guard(
        "strategy: a policy change raises the version (trigger)",
        "signals/sql/strategies.sql",
        "IF NEW.version <> OLD.version + 1 OR",
        "IF",
        _TABLES,
        in_database=True,
    ),
    Guard(
        "policy: a strategy follows later versions only (trigger)",
        "signals/sql/strategies.sql",
        "IF NEW.policy_id <> OLD.policy_id AND NOT EXISTS (",
        "IF false AND NOT EXISTS (",
        _TABLES,
        in_database=True,
    ),
    Guard(
        "policy: a strategy follows its own policy",
        "signals/migrations/sql/0002_tables.sql",
        "FOREIGN KEY (policy_id, id)\n        REFERENCES signals_strategypolicy (id, strategy_id)",
        "FOREIGN KEY (policy_id)\n        REFERENCES signals_strategypolicy (id)",
        _TABLES,
        in_database=True,
    ),
    Guard(
        "policy: versions are append-only",
        _FACTS,
        '        append_only("signals_strategypolicy"),\n',
        "",
        _TABLES,
        in_database=True,
    ),
    Guard(
        "table: alerts are append-only",
        _FACTS,
        '        append_only("signals_alert"),\n',
        "",
        _TABLES,
        in_database=True,
    ),
    Guard(
        "table: one live version a leg",
        "signals/migrations/0001_initial.py",
        "fields=('alert', 'leg_no'), name='signals_decision_one_live_version'",
        "fields=('alert', 'leg_no', 'id'), name='signals_decision_one_live_version'",
        _TABLES,
        in_database=True,
    ),
    Guard(
        "table: one review a person",
        "signals/migrations/0001_initial.py",
        "fields=('decision', 'reviewer')",
        "fields=('decision', 'reviewer', 'id')",
        _REVIEWS,
        in_database=True,
    ),
    Guard(
        "review: only in time", _DECISIONS, "decision.valid_until <= moment:", "False:", _REVIEWS
    ),
    Guard(
        "review: bound to what was shown",
        _DECISIONS,
        "if decision_shown_sha256(decision_id) != shown_sha256:",
        "if False:",
        _REVIEWS,
    ),
    Guard(
        "review: a reason is required",
        _DECISIONS,
        "if reason not in REVIEW_REASONS[verdict]:",
        "if False:",
        _REVIEWS,
    ),
    Guard(
        "review: staff only",
        _DECISIONS,
        "is_active=True, is_staff=True",
        "is_active=True",
        _REVIEWS,
    ),
    Guard(
        "fusion: too late expires",
        _FUSING,
        "decision.valid_until <= moment:",
        "False:",
        (f"{_AT}test_fusion.py",),
    ),
    Guard(
        "fusion: what is decided stays decided",
        _FUSING,
        "    if decision.state != states.PROPOSED:\n        return decision.state\n",
        "",
        (f"{_AT}test_fusion.py",),
    ),
    Guard(
        "fusion: an opinion is asked for once",
        "signals/services/asking.py",
        "[one for one in asked if (one.name, one.version) not in stored]",
        "list(asked)",
        (f"{_AT}test_asking.py",),
    ),
    Guard(
        "fusion: no result from after the alert",
        "signals/selectors/features.py",
        "AND recorded_at < %s\n",
        "AND %s::timestamptz IS NOT NULL\n",
        (f"{_AT}test_track_record.py",),
    ),
    Guard(
        "webhook: a wrong secret is refused",
        "signals/services/callers.py",
        "if hmac.compare_digest(known, digest):",
        "if True:",
        _WEBHOOK,
    ),
    Guard(
        "webhook: credentials are blanked",
        "signals/dialects/registry.py",
        "return blank_spans(raw, spans)",
        "return raw",
        _WEBHOOK,
    ),
)
