"""Guards of trades that share a netting position."""

from tests.guards.guard import Guard

_SAID = (
    "tests/contract/execution/test_netting.py",
    "tests/contract/execution/test_netting_shared.py",
)
_RACES = ("tests/race/execution/test_netting_races.py",)
_SHARES = ("tests/unit/execution/test_shares.py",)
_SQL = "execution/sql/shares.sql"


def _table(name: str, file: str, old: str, new: str, tests: tuple[str, ...] = _SAID) -> Guard:
    return Guard(f"netting table: {name}", file, old, new, tests, in_database=True)


NETTING = (
    Guard(
        "netting: one strategy has an instrument",
        "execution/risk/rules.py",
        '    _rule("netting_in_use", _ALWAYS, lambda facts: facts.netting.is_of_others),\n',
        "",
        (*_SAID, *_RACES),
    ),
    Guard(
        "netting: what is added keeps the stop",
        "execution/risk/rules.py",
        '_rule("netting_widens_stop", _BEFORE_THE_ORDER,',
        '_rule("netting_widens_stop", frozenset(),',
        _SAID,
    ),
    Guard(
        "netting: an entry waits for the exit of all that is open",
        "execution/risk/rules.py",
        "        lambda facts: facts.netting.is_closing,\n",
        "        lambda facts: False,\n",
        _SAID,
    ),
    Guard(
        "netting: an exit takes from its own trade",
        "execution/rules/shares.py",
        "            return 1 if key in one.names else 2\n",
        "            return 2\n",
        (*_SHARES, *_SAID),
    ),
    Guard(
        "netting: what is closed by hand was opened by hand",
        "execution/rules/shares.py",
        "                return 3 if one.is_ours else 0\n",
        "                return 3\n",
        (*_SHARES, *_SAID),
    ),
    Guard(
        "netting: lots on their way are closed once",
        "execution/selectors/trades.py",
        "            lots -= lots_on_the_way(position, entries)\n",
        "            pass\n",
        _SAID,
    ),
    Guard(
        "netting: asked again is what the trade has left",
        "execution/selectors/shares.py",
        "    return sum((shares[entry].lots for entry in meant), NOTHING)\n",
        "    return position.lots_to_close\n",
        _SAID,
    ),
    Guard(
        "netting: an exit leaves what others may still add",
        "execution/services/exits.py",
        " and not others_may_open(position, trade)\n",
        "\n",
        _SAID,
    ),
    Guard(
        "netting: somebody else in our position is told",
        "execution/services/positions.py",
        "    if position.is_shared and position.is_open:\n",
        "    if False:\n",
        _SAID,
    ),
    Guard(
        "netting: a person closes what is ours alone",
        "execution/services/exits.py",
        "    if position.volume_foreign_lots and not request.with_foreign:\n",
        "    if False:\n",
        _SAID,
    ),
    Guard(
        "netting: foreign lots earn nothing",
        "tokens/services/positions.py",
        "            net=position.net_of_ours,\n",
        "            net=position.net,\n",
        ("tests/integration/tokens/test_positions.py",),
    ),
    _table(
        "one strategy has an instrument",
        _SQL,
        "        WHEN EXISTS (SELECT FROM held WHERE is_of_others) THEN 'netting_in_use'\n",
        "",
        _RACES,
    ),
    _table(
        "what is added keeps the stop",
        _SQL,
        "THEN 'netting_widens_stop'\n",
        "THEN ''\n",
        ("tests/integration/execution/test_the_table_judges.py",),
    ),
    _table(
        "an exit takes no more than its trades have",
        _SQL,
        ">= p_order.volume_lots - 0.00000001\n",
        ">= 0\n",
    ),
    _table(
        "all that is open is closed where nobody else has any",
        _SQL,
        "        AND (p_order.verb = 'partial_exit' OR bool_and(s.is_meant))\n",
        "",
    ),
    _table(
        "a person's word closes what is ours alone",
        "execution/sql/closing.sql",
        "CASE WHEN r.with_foreign THEN 0 ELSE p.volume_foreign_lots END",
        "0",
    ),
    _table(
        "foreign lots are what deals say",
        "execution/sql/volumes.sql",
        """            AND abs(v_row.volume_foreign_lots - execution_position_foreign_lots(
                p_account_id, p_position_ticket)) <= 0.00000001
""",
        "",
        ("tests/integration/execution/test_shares_in_sql.py",),
    ),
)
