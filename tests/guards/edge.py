"""Guards of the webhook's edge: provenance, limits, order of a trade's alerts, pinned dialects."""

from tests.guards.guard import Guard

_INTAKE = "signals/sql/intake.sql"
_AT = "tests/integration/signals/"
_ORDER = (f"{_AT}test_order.py",)
_LIMITS = (f"{_AT}test_limits.py",)
_PROVENANCE = (f"{_AT}test_provenance.py",)

EDGE = (
    Guard(
        "edge: a message that was cut off is not acted on",
        "signals/services/receiving.py",
        "    if not request.is_whole:\n",
        "    if False:\n",
        (f"{_AT}test_broken_bodies.py",),
    ),
    Guard(
        "edge: only the declared length shows that a body is whole",
        "signals/api.py",
        "declared.isdecimal() and len(body) >= min(int(declared), limit + 1)",
        "True",
        (f"{_AT}test_broken_bodies.py",),
    ),
    Guard(
        "edge: an entry after its trade's end is refused",
        _INTAKE,
        "THEN 'trade_closed_already'",
        "THEN ''",
        _ORDER,
        in_database=True,
    ),
    Guard(
        "edge: a trade name used again is another trade",
        "signals/sql/trades.sql",
        "e.verb = 'entry' AND e.alert_id <= x.alert_id",
        "e.verb = 'nothing' AND e.alert_id <= x.alert_id",
        _ORDER,
        in_database=True,
    ),
    Guard(
        "edge: entries beyond the strategy's limit are refused",
        _INTAKE,
        "THEN 'rate_limited'",
        "THEN ''",
        _LIMITS,
        in_database=True,
    ),
    Guard(
        "edge: entries of one strategy are counted one after the other",
        _INTAKE,
        "IF p_case.lowers OR p_case.has_entry THEN",
        "IF p_case.lowers THEN",
        ("tests/race/signals/test_intake_turns.py",),
        in_database=True,
    ),
    Guard(
        "edge: only an alert in its time is fresh",
        _INTAKE,
        "IF p_case.sent_at BETWEEN p_case.moment - p_case.stale_after\n"
        "        AND p_case.moment + interval '30 seconds' THEN",
        "IF true THEN",
        _PROVENANCE,
        in_database=True,
    ),
    Guard(
        "edge: requests of a peer beyond its limit wait",
        "signals/sql/callers.sql",
        "IF v_seen <= p_limit THEN",
        "IF true THEN",
        _LIMITS,
        in_database=True,
    ),
    Guard(
        "edge: the table knows the defaults' keys",
        "signals/migrations/sql/0002_tables.sql",
        "'timeframe'] = '{}'",
        "'timeframe'] <> '5'",
        _LIMITS,
        in_database=True,
    ),
    Guard(
        "edge: a header signature has its time",
        "signals/services/callers.py",
        "return found if found and is_in_time(headers, now().timestamp()) else 0",
        "return found",
        _PROVENANCE,
    ),
    Guard(
        "edge: an id in the headers is none of the bytes",
        "signals/services/receiving.py",
        "        has_identity=carries_identity(reading.intent, reading.sent_at),\n",
        "",
        _PROVENANCE,
    ),
    Guard(
        "edge: a wrong secret in the path is not made good by a signature",
        "signals/services/callers.py",
        "0 if request.secret and not by_secret else _signer_find(request, secrets)",
        "_signer_find(request, secrets)",
        _PROVENANCE,
    ),
    Guard(
        "edge: an address is kept without its zone",
        "signals/intake/peers.py",
        'text.partition("%")[0]',
        "text",
        ("tests/unit/signals/test_provenance.py",),
    ),
    Guard(
        "edge: certificate headers count from our proxies only",
        "signals/api.py",
        "is_trusted_proxy(remote, count, proxies) and _certificate(request)",
        "_certificate(request)",
        _PROVENANCE,
    ),
    Guard(
        "edge: a strategy's pinned dialects are kept",
        "signals/dialects/registry.py",
        "if allowed and dialect.name not in allowed:",
        "if False:",
        _LIMITS,
    ),
    Guard(
        "edge: odd defaults are refused when saved",
        "signals/services/strategies.py",
        "        defaults_check(defaults)\n",
        "        pass\n",
        _LIMITS,
    ),
    Guard(
        "edge: a live account wants its grade",
        "execution/risk/rules.py",
        "return known and not grade_reaches(facts.grade, facts.live_grade_min)",
        "return False",
        ("tests/integration/execution/test_entry_staging.py",),
    ),
    Guard(
        "edge: a live account takes nothing that was made for paper",
        "execution/risk/rules.py",
        'return facts.book == "live" and facts.env == "paper"',
        "return False",
        ("tests/integration/execution/test_entry_staging.py",),
    ),
    Guard(
        "edge: the table asks what a live account takes",
        "execution/sql/orders.sql",
        "(l.intent::jsonb ->> 'env' = 'paper' OR l.grade > p.live_grade_min)",
        "false",
        ("tests/integration/execution/test_order_rules.py",),
        in_database=True,
    ),
    Guard(
        "edge: staging asks what an account takes",
        "execution/services/staging.py",
        "return entry_preview(asked.account, facts, Moment.STAGING)",
        "return entry_preview(asked.account, facts, Moment.PERMIT)",
        ("tests/integration/execution/test_entry_staging.py",),
    ),
)
