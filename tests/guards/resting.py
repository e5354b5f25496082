"""Guards of what rests, of what is judged or used again, and of what a live account follows."""

from tests.guards.guard import Guard

_RULES = "execution/rules/amending.py"
_SQL = "execution/sql/resting.sql"
_ORDERS_SQL = "execution/sql/orders.sql"
_STAGING = "execution/services/staging.py"
_FOLLOWED = "execution/services/amends_followed.py"
_UNIT = ("tests/unit/execution/test_amending.py",)
_WIRE = ("tests/contract/execution/test_resting_amends.py",)
_TABLE = ("tests/integration/execution/test_the_table_and_resting_amends.py",)
_AGAIN = ("tests/integration/execution/test_judged_again.py",)
_APPROVAL = ("tests/integration/execution/test_approval_judged.py",)
_LIVE = ("tests/integration/execution/test_live_subscription.py",)
_JOINED = ("tests/contract/execution/test_netting_amends.py",)
_COLLAR = ("tests/contract/execution/test_collars.py",)


def _table(name: str, file: str, old: str, new: str) -> Guard:
    return Guard(f"table: {name}", file, old, new, _TABLE, in_database=True)


RESTING = (
    Guard(
        "books: what closes rests nowhere",
        "execution/services/resting.py",
        'filter(account=account, verb="entry")',
        "filter(account=account)",
        ("tests/contract/execution/test_both_books.py",),
    ),
    Guard(
        "books: a market entry that was placed rests nowhere",
        "execution/services/resting.py",
        '.exclude(order_type="market")',
        "",
        ("tests/contract/execution/test_both_books.py",),
    ),
    Guard(
        "claim: of a long queue no more are judged than it takes",
        "execution/services/claims.py",
        "        if len(found) >= most:\n",
        "        if False:\n",
        ("tests/integration/execution/test_leases.py",),
    ),
    Guard(
        "staging: a name that is used again is another trade",
        "execution/sql/entries.sql",
        "            AND closing.alert_id >= p_entry.alert_id\n",
        "            AND closing.trade_ref = p_entry.trade_ref\n",
        ("tests/integration/execution/test_entry_staging.py",),
        in_database=True,
    ),
    Guard(
        "amend: an entry that rests never risks more",
        _RULES,
        "    if _risks_more(now, new, side, tick):\n",
        "    if False:\n",
        _UNIT,
    ),
    Guard(
        "amend: stop, price and target stay in their order",
        _RULES,
        "    check_sides(side=side, base=new.base, sl=new.sl.price, tp=new.tp.price)\n",
        "",
        _WIRE,
    ),
    Guard(
        "amend: another price is judged like an entry's",
        "execution/services/amends.py",
        "    return judge(facts, Moment.AMEND)\n",
        "    return Judgement()\n",
        _WIRE,
    ),
    Guard(
        "amend: handed out once its entry rests",
        "execution/services/claims.py",
        "    candidates = candidates.filter(Q(target_order=None) | Exists(_TARGETS_AT_REST))\n",
        "",
        _WIRE,
    ),
    Guard(
        "amend: done by what the heartbeat shows",
        _FOLLOWED,
        "    return levels_of(amend).is_at(levels_told(told[0]), tick=symbol.tick_size)\n",
        "    return True\n",
        _WIRE,
    ),
    Guard(
        "amend: what the entry was filled without is asked of the position",
        "execution/services/deals.py",
        "        amends_follow(entry_id=matched.filled.id)\n",
        "        pass\n",
        _WIRE,
    ),
    Guard(
        "amend: what an entry joined a netting position without is asked of that position",
        _FOLLOWED,
        "        return _carry_over_joined(account, entry, amends, position)\n",
        "        return 0\n",
        _JOINED,
    ),
    Guard(
        "amend: what was set before a later fill is set again",
        _FOLLOWED,
        "        asked.state == states.DONE and asked.ended_at",
        "        False and asked.ended_at",
        _JOINED,
    ),
    Guard(
        "reconciler: the stop of a joined entry is that of its amend",
        "execution/services/reconciling.py",
        "    asked = order_in_force(entry)\n",
        "    asked = entry\n",
        _JOINED,
    ),
    Guard(
        "amend: a position is born with the stop that its entry was given",
        "execution/services/positions.py",
        "    prices = order_in_force(order)\n",
        "    prices = order\n",
        _WIRE,
    ),
    Guard(
        "amend: what waits for an entry that is over goes to nobody",
        _FOLLOWED,
        "            _withdraw(entry)\n",
        "            pass\n",
        _WIRE,
    ),
    Guard(
        "collar: the amended limit counts",
        "execution/selectors/matching.py",
        '        limits += rows.values_list("limit_price", flat=True)\n',
        "        pass\n",
        _WIRE,
    ),
    Guard(
        "collar: a market order is held against the quotes that were told",
        "execution/selectors/matching.py",
        "    return quote_worst(order=order, until=deal_at)\n",
        "    return order.ref_price\n",
        _COLLAR,
    ),
    _table(
        "an amend of an entry never risks more",
        _SQL,
        "        RETURN 'amend_widens_stop';\n",
        "        RETURN '';\n",
    ),
    _table(
        "an amend of an entry is of one that may still open something",
        _SQL,
        "                AND (e.state = 'done' OR NOT execution_order_has_ended(e.state))\n",
        "",
    ),
    _table(
        "a switch holds up another price",
        _SQL,
        "        RETURN 'account_stopped';\n",
        "        RETURN '';\n",
    ),
    _table(
        "no amend goes out whose entry does not rest",
        _ORDERS_SQL,
        "        AND NOT execution_order_rests(NEW.target_order_id) THEN\n",
        "        AND false THEN\n",
    ),
    Guard(
        "staging: what passes is judged again",
        _STAGING,
        "        if one.judgement.may_pass:\n",
        "        if False:\n",
        _AGAIN,
    ),
    Guard(
        "staging: it waits as long as the reason stands",
        _STAGING,
        "    if judged.judgement.may_pass:\n        raise NotYet",
        "    if False:\n        raise NotYet",
        _AGAIN,
    ),
    Guard(
        "staging: whoever follows no longer gets nothing",
        _STAGING,
        " or not following.exists():\n",
        ":\n",
        _AGAIN,
    ),
    Guard(
        "approval: judged again when somebody approves",
        "signals/services/decisions.py",
        "    if verdict == APPROVE and (why := approval_refusal(decision)):\n",
        "    if False and (why := approval_refusal(decision)):\n",
        _APPROVAL,
    ),
    Guard(
        "subscription: a live account needs a second person",
        "execution/services/subscriptions.py",
        "    if request is None and account.book == LIVE:\n",
        "    if False:\n",
        _LIVE,
    ),
    Guard(
        "table: a live account follows as two people want",
        "execution/sql/subscriptions.sql",
        "        AND second_person_wants(NEW.request_id, 'account.subscribe') IS NOT TRUE\n",
        "        AND false\n",
        _LIVE,
        in_database=True,
    ),
)
