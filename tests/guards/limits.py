"""Guards of limits, of the price that sizes entries, of doubted claims, of bound previews."""

from tests.guards.guard import Guard

_AT = "tests/integration/execution/"
_LIMITS = (
    f"{_AT}test_risk_limits.py",
    f"{_AT}test_limits_set.py",
    "tests/unit/execution/test_limits.py",
)
_RACES = ("tests/race/execution/test_limit_races.py",)
_SHOWN = (f"{_AT}test_approved_is_ordered.py",)
_PRICE = (f"{_AT}test_own_price.py",)
_CLAIMS = (f"{_AT}test_doubted_claims.py",)
_SQL = "execution/sql/limits.sql"
_BOUNDED = "execution/risk/bounded.py"
_ROOMS = "execution/risk/rooms.py"
_RULES = "execution/risk/rules.py"
# limit: the reason that its rule gives.
_BY_RULE = {
    "entries_per_minute_max": "entry_rate_limit",
    "rejects_per_minute_max": "reject_rate_limit",
    "open_positions_max": "open_positions_limit",
    "cool_off_seconds_min": "cooling_off",
    "same_order_seconds_min": "same_order_again",
    "daily_loss_pct_max": "daily_loss_limit",
    "drawdown_pct_max": "drawdown_limit",
    "margin_level_pct_min": "margin_limit",
    "equity_age_seconds_max": "equity_too_old",
    "session_from_minute_min": "outside_session",
    "session_until_minute_max": "outside_session",
    "weekend_minutes_min": "weekend_near",
    "quote_age_seconds_max": "quote_too_old",
    "price_drift_bps_max": "price_too_far",
    "spread_bps_max": "spread_too_wide",
}


def _rule(limit: str, reason: str) -> Guard:
    line = f'        "{limit}": "{reason}",\n'
    tests = ("tests/unit/execution/test_entry_rules.py",)
    return Guard(f"limit: {limit} is asked", _BOUNDED, line, "", tests)


def _table(name: str, file: str, old: str, new: str, tests: tuple[str, ...] = _LIMITS) -> Guard:
    return Guard(f"table: {name}", file, old, new, tests, in_database=True)


def _cut(name: str, old: str, new: str) -> Guard:
    return Guard(f"limit: {name}", _ROOMS, old, new, _LIMITS)


LIMITS = (
    *(_rule(limit, reason) for limit, reason in _BY_RULE.items()),
    _cut(
        "open lots leave what is not taken",
        "one.value - desk.standing_of",
        "one.value + 0 * desk.standing_of",
    ),
    _cut("value and risk leave what is not taken", "allowed - used", "allowed"),
    _cut(
        "order_notional_max is asked",
        'if bound.limit == "order_notional_max":',
        "if False:",
    ),
    _cut(
        "leverage_max is asked", '("leverage_max", "open_risk_pct_max")', '("open_risk_pct_max",)'
    ),
    _cut(
        "open_risk_pct_max is asked", '("leverage_max", "open_risk_pct_max")', '("leverage_max",)'
    ),
    _cut("open_lots_max is asked", 'if one.limit == "open_lots_max"', "if False"),
    Guard(
        "limit: order_lots_max is asked",
        "execution/selectors/entry_facts.py",
        "order_lots_max=order_lots.value if order_lots else _ZERO,",
        "order_lots_max=Decimal(10**9),",
        _LIMITS,
    ),
    Guard(
        "limit: losses_in_row_max is counted",
        "execution/risk/figures.py",
        " or standing.losses < min(same):",
        ":",
        _LIMITS,
    ),
    _cut(
        "what cannot be valued is not low",
        "_words(bound, None)) if is_live else None",
        "_words(bound, None)) if False else None",
    ),
    Guard(
        "limit: of a size what it leaves is cut",
        "execution/rules/sizing.py",
        "        lots = min(lots, left)\n    return Sized(lots, risk",
        "    return Sized(lots, risk",
        ("tests/unit/execution/test_sizing.py",),
    ),
    Guard(
        "limit: a live account has its own",
        _RULES,
        '    EntryRule(("limits_missing",), _BEFORE_THE_ORDER, limits_missing),\n',
        "",
        _LIMITS,
    ),
    Guard(
        "limit: raising it takes two",
        "execution/services/limits.py",
        "if confirmed_request is None:",
        "if False:",
        _LIMITS,
    ),
    _table(
        "raising a limit takes two",
        _SQL,
        "    IF second_person_wants(NEW.request_id, 'limits.raise') IS NOT TRUE AND (\n",
        "    IF false AND (\n",
    ),
    _table(
        "a limit's versions go up by one",
        _SQL,
        "IF NEW.version <> coalesce",
        "IF false AND NEW.version <> coalesce",
    ),
    _table(
        "an entry stays within its limits",
        _SQL,
        "        IF v_value > v_limit.value THEN\n",
        "        IF false THEN\n",
        (*_LIMITS, *_RACES),
    ),
    _table(
        "limits are counted under the account's lock",
        _SQL,
        "    PERFORM FROM execution_brokeraccount WHERE id = NEW.account_id FOR NO KEY UPDATE;\n",
        "",
        _RACES,
    ),
    Guard(
        "exposure: judged under the account's lock",
        "execution/services/staging.py",
        "account=account_lock(account_id),",
        "account=BrokerAccount.objects.get(id=account_id),",
        _RACES,
    ),
    Guard(
        "price: an entry needs a quote where one can be told",
        _RULES,
        '    _rule("no_quote", _ALWAYS,',
        '    _rule("no_quote", frozenset(),',
        _PRICE,
    ),
    Guard(
        "price: a market order is sized from the quote",
        "execution/risk/planning.py",
        "quote.price_for(facts.side) if quote else facts.ref_price",
        "facts.ref_price",
        _PRICE,
    ),
    Guard(
        "price: no quote is younger than its receipt",
        "execution/selectors/quotes.py",
        "min(quoted_at, heard_at)",
        "quoted_at",
        _PRICE,
    ),
    Guard(
        "claim: an equity that jumps is doubted",
        "execution/risk/claims.py",
        "if base <= 0 or told <= base * EQUITY_FACTOR_MAX:",
        "if True:",
        _CLAIMS,
    ),
    Guard(
        "claim: a contract that jumps is doubted",
        "execution/risk/claims.py",
        "if not _is_near(is_now, was, SHEET_FACTOR_MAX):",
        "if False:",
        _CLAIMS,
    ),
    Guard(
        "claim: the account's own deals are believed before the sheet",
        "execution/risk/claims.py",
        "if earned is None or _is_near(",
        "if True or _is_near(",
        _CLAIMS,
    ),
    Guard(
        "claim: a doubted equity moves no mark",
        "execution/services/doubts.py",
        "elif moves and mark.doubted_at is None and is_told_whole(account):",
        "elif moves and is_told_whole(account):",
        _CLAIMS,
    ),
    Guard(
        "shown: an entry is approved with its preview",
        "signals/services/decisions.py",
        "if verdict == APPROVE and not _is_shown_whole(decision):",
        "if False:",
        _SHOWN,
    ),
    _table(
        "an entry is approved with its preview",
        "signals/sql/decisions.sql",
        "IF OLD.state = 'pending_review' AND NEW.verb = 'entry' AND NOT EXISTS (",
        "IF false AND NOT EXISTS (",
        _SHOWN,
    ),
    _table(
        "an order stays within its preview",
        "execution/sql/shown.sql",
        "IF (NEW.volume_lots <= v_lots) IS NOT TRUE THEN",
        "IF false THEN",
        _SHOWN,
    ),
    Guard(
        "shown: staging stays within the preview",
        "execution/rules/sizing.py",
        "    if room.shown_lots is not None:\n",
        "    if False:\n",
        _SHOWN,
    ),
    Guard(
        "shown: nothing on an account that was not",
        _RULES,
        "lambda facts: not facts.is_shown",
        "lambda facts: False",
        _SHOWN,
    ),
)
