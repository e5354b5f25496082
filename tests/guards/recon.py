"""Guards of sums that stay: what is kept of realised cash is what all history would say."""

from tests.guards.guard import Guard

_KEPT = ("tests/race/treasury/test_cash_kept.py",)
_RULES = ("tests/integration/treasury/test_cash.py",)


def _cash(name: str, old: str, new: str, tests: tuple[str, ...] = _KEPT) -> Guard:
    return Guard(f"cash: {name}", "treasury/sql/cash.sql", old, new, tests, in_database=True)


RECON = (
    _cash(
        "steps wait for the seal",
        "WHERE id > v_since.entry_id AND id <= events_seal_floor('treasury')",
        "WHERE id > v_since.entry_id",
    ),
    _cash(
        "keepers take turns", "    LOCK TABLE treasury_cashmark IN SHARE ROW EXCLUSIVE MODE;\n", ""
    ),
    _cash(
        "where a step stood is folded again",
        "FROM (SELECT * FROM former UNION SELECT * FROM written) both_of",
        "FROM written",
    ),
    _cash(
        "what others opened is no trade",
        "SELECT one.is_ours AND one.closed_at IS NOT NULL AS is_trade) told",
        "SELECT one.closed_at IS NOT NULL AS is_trade) told",
        _RULES,
    ),
    Guard(
        "cash: a position that changed is taken anew",
        "treasury/selectors/cash_anew.py",
        "    wanted = Q(id__in=ids)\n",
        "    wanted = Q(id__in=[])\n",
        _KEPT,
    ),
    Guard(
        "cash: a mark that moved makes a reading begin again",
        "treasury/selectors/cash.py",
        "        if _mark(recorded_until) == mark:\n            return found\n",
        "        return found\n",
        _KEPT,
    ),
    Guard(
        "cash: a mark later than the moment is not used",
        "treasury/selectors/cash.py",
        "CashMark.objects.filter(recorded_until__lte=recorded_until)",
        "CashMark.objects.all()",
        _KEPT,
    ),
    Guard(
        "cash: ledger_check makes the steps again",
        "treasury/selectors/integrity.py",
        "        found += _texts(_CASH_PLACES_DRIFTED, start, start + HASH_CHUNK)\n",
        "        pass\n",
        _KEPT,
    ),
)
