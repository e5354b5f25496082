"""Guards of what an executor says: matched, not believed."""

from tests.guards.guard import Guard

_AT = "tests/integration/execution/"
_SAID = "tests/contract/execution/"
_REFUSED = (f"{_AT}test_refused_alerts.py",)

SAID = (
    Guard(
        "deal: it moves only an order that it can be of",
        "execution/selectors/matching.py",
        "    return DealMatch(None if match.role is Role.CANNOT else order, match)\n",
        "    return DealMatch(order, Match(Role.FILLS))\n",
        (f"{_SAID}test_deals_matched.py",),
    ),
    Guard(
        "deal: the report's word makes none ours",
        "execution/selectors/matching.py",
        "    if claimed_id not in (0, deal.magic):\n",
        "    if False:\n",
        (f"{_SAID}test_deals_matched.py",),
    ),
    Guard(
        "deal: a moment that cannot be counts nowhere",
        "execution/services/deals.py",
        "    words = why_it_cannot_be(facts.at, received_at=received_at)\n",
        '    words = ""\n',
        (f"{_SAID}test_moments_told.py",),
    ),
    Guard(
        "report: never_sent is believed of who forgot nothing",
        "execution/services/instances.py",
        "    return any(one <= order.leased_at for one in began)\n",
        "    return True\n",
        (f"{_SAID}test_never_sent.py",),
    ),
    Guard(
        "report: a batch is stored whole or not at all",
        "execution/services/reports.py",
        "@transaction.atomic\ndef reports_record(",
        "def reports_record(",
        ("tests/race/execution/test_batches.py",),
    ),
    Guard(
        "report: what was told later wins",
        "execution/services/reports.py",
        "    if _is_overtaken(report, order):\n",
        "    if False:\n",
        (f"{_SAID}test_ends_are_facts.py",),
    ),
    Guard(
        "exit: asked again until the risk is gone",
        "execution/services/asking_again.py",
        "        if due is not None and due <= moment:\n",
        "        if False:\n",
        (f"{_SAID}test_asked_again.py",),
    ),
    Guard(
        "order: done without a deal is unknown",
        "execution/services/unresolved.py",
        '    return nothing & told_at & must_fill & ~Q(verb="amend")\n',
        "    return Q(id=None)\n",
        (f"{_SAID}test_ends_are_facts.py",),
    ),
    Guard(
        "reconciler: what cannot be compared is a difference",
        "execution/services/reconciling.py",
        "        if moment - account.blind_since < timedelta(seconds=BLIND_SECONDS_MAX):\n",
        "        if True:\n",
        (f"{_SAID}test_checks_awake.py",),
    ),
    Guard(
        "order: after a restore no number comes again",
        "execution/sql/numbers.sql",
        "IF EXISTS (SELECT FROM execution_orderplace WHERE place <> v_place) THEN",
        "IF false THEN",
        (f"{_AT}test_order_numbers.py",),
        in_database=True,
    ),
    Guard(
        "order: a number seen at the broker is passed by",
        "execution/sql/numbers.sql",
        "IF p_magic >> 32 = v_last >> 32 AND p_magic > v_last THEN",
        "IF false THEN",
        (f"{_SAID}test_never_sent.py",),
        in_database=True,
    ),
    Guard(
        "tokens: only what an order of ours opened earns",
        "tokens/services/positions.py",
        "position.closed_at is not None and position.order_id is not None",
        "position.closed_at is not None",
        ("tests/integration/tokens/test_positions.py",),
    ),
    Guard(
        "reconciler: compares only up to the watermark",
        "execution/services/reconciling.py",
        "    if (last or (0, 0)) != watermark:\n",
        "    if False:\n",
        (f"{_AT}test_reconciler.py",),
    ),
    Guard(
        "reconciler: deals after the heartbeat make nobody blind",
        "execution/services/reconciling.py",
        "    if _is_traded_since(account):\n",
        "    if False:\n",
        (f"{_SAID}test_checks_awake.py",),
    ),
    Guard(
        "refused: an entry that was read is no lost exit",
        "execution/services/refused_alerts.py",
        "    if lowers_risk is False:\n",
        "    if False:\n",
        _REFUSED,
    ),
    Guard(
        "refused: what was not read may have been the exit",
        "execution/services/refused_alerts.py",
        "    if lowers_risk is False:\n",
        "    if lowers_risk is not True:\n",
        _REFUSED,
    ),
    Guard(
        "refused: what was read is told with the refusal",
        "signals/sql/intake.sql",
        'format(\'{"lowers_risk":%s,"rule":%s}\', to_json(p_case.lowers), to_json(p_case.rule)),',
        'format(\'{"lowers_risk":false,"rule":%s}\', to_json(p_case.rule)),',
        _REFUSED,
        in_database=True,
    ),
)
