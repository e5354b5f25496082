"""Guards of switches, of what two people must want, of closing by hand and of setting up."""

from tests.guards.guard import Guard

_SWITCHES = "execution/services/switches.py"
_SWITCHES_SQL = "execution/sql/switches.sql"
_ORDERS_SQL = "execution/sql/orders.sql"
_CLOSING_SQL = "execution/sql/closing.sql"
_ACCOUNTS_SQL = "execution/sql/accounts.sql"
_REQUESTS = "fusion_project/second_person/services.py"
_REQUESTS_SQL = "fusion_project/second_person/sql/requests.sql"
_REQUESTS_TABLE = "fusion_project/second_person/migrations/0001_initial.py"
_AT = "tests/integration/execution/"
_SWITCH_TESTS = (f"{_AT}test_switches.py",)
_RACE_TESTS = ("tests/race/execution/test_switch_races.py",)
_CLOSING_TESTS = (f"{_AT}test_closing.py",)
_SETUP_TESTS = (f"{_AT}test_account_setup.py",)
_REQUEST_TESTS = ("tests/integration/second_person/test_requests.py",)
_REQUEST_RACES = ("tests/race/second_person/test_request_races.py",)


def _scope(name: str, old: str) -> Guard:
    return _database(f"switch: {name}", _SWITCHES_SQL, old, "", _SWITCH_TESTS)


def _database(name: str, file: str, old: str, new: str, tests: tuple[str, ...]) -> Guard:
    return Guard(name, file, old, new, tests, in_database=True)


SWITCHES = (
    _database(
        "switch: all",
        _SWITCHES_SQL,
        "SELECT execution_switch_state('all', '') = 'active'",
        "SELECT true",
        _SWITCH_TESTS,
    ),
    _scope(
        "account",
        "\n        AND execution_switch_state('account', p_account_id::text) = 'active'",
    ),
    _scope(
        "strategy",
        "\n        AND execution_switch_state('strategy', p_strategy_id::text) = 'active'",
    ),
    _scope(
        "instrument", "\n        AND execution_switch_state('instrument', p_instrument) = 'active'"
    ),
    _database(
        "switch: the table leases no entry that one stops",
        _ORDERS_SQL,
        "AND NOT execution_entry_may_go(NEW.account_id, NEW.strategy_id, NEW.instrument)",
        "AND false",
        _SWITCH_TESTS,
    ),
    _database(
        "switch: the table asks for two people to allow more",
        _SWITCHES_SQL,
        "AND second_person_wants(NEW.request_id, 'switch.raise') IS NOT TRUE",
        "AND false",
        _SWITCH_TESTS,
    ),
    _database(
        "switch: turns come one after the other",
        _SWITCHES_SQL,
        "NEW.version <> v_version + 1 OR NEW.state = v_state",
        "NEW.state = v_state",
        _SWITCH_TESTS,
    ),
    Guard(
        "switch: one person only stops",
        _SWITCHES,
        "    if not is_stricter(state, than=newest.state if newest else ACTIVE):\n"
        "        return False\n",
        "",
        _SWITCH_TESTS,
    ),
    Guard(
        "switch: one that was turned since is not raised",
        _SWITCHES,
        '    if newest.version != payload["from_version"]:\n',
        "    if False:\n",
        _SWITCH_TESTS,
    ),
    Guard(
        "switch: a turn waits for claims under way",
        "execution/services/claims.py",
        "        claims_hold()\n",
        "        pass\n",
        _RACE_TESTS,
    ),
    Guard(
        "switch: claims wait for a turn under way",
        _SWITCHES,
        "    _check(target, state, reason)\n    _hold(is_exclusive=True)\n    newest",
        "    _check(target, state, reason)\n    newest",
        _RACE_TESTS,
    ),
    Guard(
        "switch: halted withdraws what rests",
        "execution/services/leases.py",
        "    halted_withdraw(account=account)\n",
        "",
        _SWITCH_TESTS,
    ),
    Guard(
        "switch: what rests is withdrawn where it is halted alone",
        "execution/services/withdrawing.py",
        "[order for order in resting if stops.is_halted(order.spot)]",
        "resting",
        _SWITCH_TESTS,
    ),
    Guard(
        "dead man: a silent executor's entries are not staged",
        "execution/selectors/executors.py",
        "    return at - heard > timedelta(seconds=SILENCE_SECONDS_MAX)\n",
        "    return False\n",
        _SWITCH_TESTS,
    ),
    Guard(
        "dead man: a silent executor's resting entries are withdrawn",
        "execution/services/silence.py",
        "            silent_withdraw(account_id=one.account_id)\n",
        "",
        _SWITCH_TESTS,
    ),
    _database(
        "second person: the requester never confirms (table)",
        _REQUESTS_TABLE,
        "('confirmed_by', models.F('requester')), _negated=True",
        "('confirmed_by', ''), _negated=True",
        _REQUEST_TESTS,
    ),
    _database(
        "second person: the requester cools off (table)",
        _REQUESTS_TABLE,
        "datetime.timedelta(seconds=600)",
        "datetime.timedelta(seconds=1)",
        _REQUEST_TESTS,
    ),
    _database(
        "second person: a payload is what was hashed (table)",
        _REQUESTS_TABLE,
        "function='sha256')",
        "function='sha224')",
        _REQUEST_TESTS,
    ),
    _database(
        "second person: asked now (table)",
        _REQUESTS_SQL,
        "OR abs(extract(epoch FROM NEW.asked_at - events_now())) > 60",
        "OR false",
        _REQUEST_TESTS,
    ),
    _database(
        "second person: a lapsed one is not confirmed (table)",
        _REQUESTS_TABLE,
        "('confirmed_at__lt', models.F('lapses_at'))",
        "('confirmed_at__gt', models.F('asked_at'))",
        _REQUEST_TESTS,
    ),
    Guard(
        "second person: the requester never confirms",
        _REQUESTS,
        "    if request.requester == actor:\n        _check_cooled_off",
        "    if False:\n        _check_cooled_off",
        _REQUEST_TESTS,
    ),
    Guard(
        "second person: the requester cools off",
        _REQUESTS,
        "    if moment < since:\n",
        "    if False:\n",
        _REQUEST_TESTS,
    ),
    Guard(
        "second person: one desk's rule is not another's",
        _REQUESTS,
        "if (request.rule, settings.SECOND_PERSON) != (COOL_OFF, COOL_OFF)",
        "if request.rule != COOL_OFF",
        _REQUEST_TESTS,
    ),
    Guard(
        "second person: confirmed as shown",
        _REQUESTS,
        "    if request.payload_sha256 != payload_sha256:\n",
        "    if False:\n",
        _REQUEST_TESTS,
    ),
    Guard(
        "second person: the kind is asked again when it is carried out",
        _REQUESTS,
        "            about.check(request.asked_for)\n            outcome",
        "            outcome",
        _REQUEST_TESTS,
    ),
    Guard(
        "second person: carried out once",
        _REQUESTS,
        "    rows = Request.objects.select_for_update(no_key=True)\n",
        "    rows = Request.objects.all()\n",
        _REQUEST_RACES,
    ),
    Guard(
        "second person: only staff",
        "fusion_project/second_person/people.py",
        "    if user_id is None or not people.filter(id=user_id).exists():\n",
        "    if user_id is None:\n",
        _REQUEST_TESTS,
    ),
    _database(
        "closing: the table closes what was meant",
        _ORDERS_SQL,
        "IF execution_order_closes(NEW) IS NOT TRUE THEN",
        "IF false THEN",
        _CLOSING_TESTS,
    ),
    _database(
        "closing: the table closes foreign positions only where they are meant",
        _CLOSING_SQL,
        """                ELSE r.with_foreign OR p.volume_foreign_lots = 0 END
            AND p_order.volume_lots <= coalesce(nullif(p.volume_open_lots, 0), p.volume_base_lots)
                - CASE WHEN r.with_foreign THEN 0 ELSE p.volume_foreign_lots END);
""",
        "                ELSE true END);\n",
        _CLOSING_TESTS,
    ),
    _database(
        "closing: an order has one cause",
        "execution/migrations/0026_shares.py",
        '                        ("request__isnull", True),\n',
        "",
        _CLOSING_TESTS,
    ),
    Guard(
        "closing: a position is not closed twice at once",
        "execution/services/closing.py",
        "positions_meant(request, account_id) if not exit_is_out(one)]",
        "positions_meant(request, account_id)]",
        _CLOSING_TESTS,
    ),
    Guard(
        "closing: what an entry still opens is closed",
        "execution/services/deals.py",
        "        Q(closing_decision__isnull=False) | Q(closing_request__isnull=False),\n",
        "        Q(closing_decision__isnull=False),\n",
        _CLOSING_TESTS,
    ),
    _database(
        "setup: the table takes a live account from two people alone",
        _ACCOUNTS_SQL,
        "second_person_wants(NEW.request_id, 'account.create') IS NOT TRUE",
        "false",
        _SETUP_TESTS,
    ),
    _database(
        "setup: the table takes a live account's key from two people alone",
        _ACCOUNTS_SQL,
        "second_person_wants(NEW.request_id, 'key.issue') IS NOT TRUE",
        "false",
        _SETUP_TESTS,
    ),
    _database(
        "setup: the table takes a key that ends",
        _ACCOUNTS_SQL,
        "NEW.expires_at IS NULL OR NEW.expires_at > events_now() + interval '90 days 1 minute'",
        "false",
        _SETUP_TESTS,
    ),
    _database(
        "setup: a key's end is not put off",
        "execution/sql/keys.sql",
        "NEW.expires_at > coalesce(OLD.expires_at, 'infinity')",
        "false",
        _SETUP_TESTS,
    ),
    Guard(
        "setup: a live account needs two people",
        "execution/services/accounts.py",
        "    if book == LIVE and request is None:\n",
        "    if False:\n",
        _SETUP_TESTS,
    ),
    Guard(
        "setup: a live account's key needs two people",
        "execution/services/keys.py",
        "    if book == LIVE and request is None:\n",
        "    if False:\n",
        _SETUP_TESTS,
    ),
    Guard(
        "symbols: confirmed with a sheet",
        "execution/services/symbols.py",
        "    if row is not None and not row.has_sheet:\n",
        "    if False:\n",
        (f"{_AT}test_sheets.py",),
    ),
    Guard(
        "symbols: nothing is sized by the sheet of one that is gone",
        "execution/selectors/symbols.py",
        "sheet=None if row.gone_at else contract_sheet(row)",
        "sheet=contract_sheet(row)",
        ("tests/contract/execution/test_symbols_listed.py",),
    ),
    _database(
        "symbols: the table refuses an entry on one that is gone",
        "execution/sql/entries.sql",
        "\n        OR v_symbol.gone_at IS NOT NULL THEN",
        " THEN",
        (f"{_AT}test_the_table_judges.py",),
    ),
    Guard(
        "symbols: another contract takes the confirmation back",
        "execution/services/sessions.py",
        "    symbol_sheet_compare(account_id=account.id, broker_symbol=sheet.symbol, "
        "told=columns)\n",
        "",
        (f"{_AT}test_sheets.py",),
    ),
    _database(
        "symbols: the table keeps a confirmed contract",
        "execution/sql/symbols.sql",
        "OLD.confirmation_id = NEW.confirmation_id AND OLD.digits IS NOT NULL",
        "false",
        (f"{_AT}test_sheets.py",),
    ),
    _database(
        "symbols: the table takes no confirmation without a sheet",
        "execution/migrations/0019_symbols.py",
        '                condition=models.Q(("confirmation__isnull", True))\n'
        '                | models.Q(**{f"{name}__isnull": False for name in _SHEET}),\n',
        '                condition=models.Q(("instrument__isnull", False)),\n',
        (f"{_AT}test_sheets.py",),
    ),
)
