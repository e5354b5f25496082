"""Guards of plans: who is handed one, what it closes, where its stop stands."""

from tests.guards.guard import Guard

_RULES = "execution/rules/plans.py"
_ORDERS_SQL = "execution/sql/orders.sql"
_AFTER = ("tests/unit/execution/test_plans.py",)
_MEANT = ("tests/unit/signals/test_plan.py",)
_STAGED = ("tests/integration/execution/test_plans.py",)

PLANS = (
    Guard(
        "plan: an executor that does not know plans is never handed one",
        "execution/rules/minors.py",
        '    "plan": 4,\n',
        "",
        _STAGED,
    ),
    Guard(
        "table: an older executor is handed no plan",
        _ORDERS_SQL,
        "    IF v_is_leased AND NEW.needs_minor > (\n",
        "    IF false AND NEW.needs_minor > (\n",
        _STAGED,
        in_database=True,
    ),
    Guard(
        "table: the plan of an order is the one decided",
        _ORDERS_SQL,
        "    RETURN coalesce(nullif(p_order.plan, '')::jsonb, '{}')\n"
        "            = coalesce(v_plan, '{}') - ARRAY['spread', 'delay', 'entry_distance']\n",
        "    RETURN true\n",
        _STAGED,
        in_database=True,
    ),
    Guard(
        "table: no entry goes out before its delay is over",
        _ORDERS_SQL,
        "    IF v_is_leased AND NEW.not_before > events_now() THEN\n",
        "    IF false THEN\n",
        _STAGED,
        in_database=True,
    ),
    Guard(
        "table: on a netting account a plan has its position alone",
        "execution/sql/shares.sql",
        "FROM held WHERE has_plan OR p_order.plan <> '')",
        "FROM held WHERE false)",
        _STAGED,
        in_database=True,
    ),
    Guard(
        "plan: on a netting account it has its position alone",
        "execution/risk/rules.py",
        "    return shares and not facts.waits_for_flat\n",
        "    return False\n",
        _STAGED,
    ),
    Guard(
        "plan: what moves needs a stop to begin with",
        "signals/intents/plan_checks.py",
        '    _require(not moves or leg.has_stop, "plan_without_stop", _NO_STOP)\n',
        "",
        _MEANT,
    ),
    Guard(
        "plan: shares of more than the whole are refused",
        "signals/intents/plan_checks.py",
        "        sum(one.share for one in targets) <= HUNDRED,\n",
        "        True,\n",
        _MEANT,
    ),
    Guard(
        "plan: the stop lies behind the targets",
        "signals/intents/plan_checks.py",
        "        stop is None or stop * up < values[0],\n",
        "        True,\n",
        _MEANT,
    ),
    Guard(
        "plan: shares are floored to the lot step",
        _RULES,
        "        part = floor_to_step(lots * one.share / WHOLE, scale.step)\n",
        "        part = lots * one.share / WHOLE\n",
        _AFTER,
    ),
    Guard(
        "plan: no rest below the least lot is left",
        _RULES,
        "        if NOTHING < left < scale.least:\n",
        "        if False:\n",
        _AFTER,
    ),
    Guard(
        "plan: a part is closed once, by the broker's deals",
        _RULES,
        "min(wanted - held.closed_lots, held.open_lots)",
        "min(wanted, held.open_lots)",
        _AFTER,
    ),
    Guard(
        "plan: a stop is never loosened",
        _RULES,
        "(stop - held.stop) * filled.up > 0",
        "stop != held.stop",
        _AFTER,
    ),
    Guard(
        "plan: what has passed its stop before that was set is closed",
        _RULES,
        "    if stop is not None and (held.price - stop) * filled.up <= 0:\n",
        "    if False:\n",
        _AFTER,
    ),
    Guard(
        "paper: what a plan has come to survives a restart",
        "execution/paper/plans.py",
        '                self._journal.plan_put(position["ticket"], _text(state))\n',
        "",
        _AFTER,
    ),
    Guard(
        "paper: an amend does not loosen what a plan has tightened",
        "execution/paper/orders.py",
        '        elif order.event == "amend" and amend_widens(self._broker, order):\n',
        "        elif False:\n",
        _AFTER,
    ),
    Guard(
        "paper: a further part of the fill does not set the stop back",
        "execution/paper/executor.py",
        "            is_led = self.plans.has_moved(position)\n",
        "            is_led = False\n",
        _AFTER,
    ),
    Guard(
        "paper: a plan that cannot be carried out is refused",
        "execution/paper/requests.py",
        "    return plan_fault(order.plan, side=order.side, has_stop=has_stop)\n",
        '    return ""\n',
        _AFTER,
    ),
)
