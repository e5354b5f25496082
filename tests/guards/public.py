"""Guards of the public pages: one moment for every figure, and no sentence that is not so."""

from tests.guards.guard import Guard

_SELECTORS = "fusion_project/community/selectors/"
_MOMENT = ("tests/integration/community/test_one_moment.py",)
_SENTENCES = ("tests/integration/community/test_sentences.py",)
_RUNS = ("tests/unit/treasury/test_runs.py",)

PUBLIC = (
    Guard(
        "public: a trade counts as it stood",
        f"{_SELECTORS}closed.py",
        "ours.filter(updated_at__lte=as_of.at, closed_at__isnull=False)",
        "ours.filter(closed_at__isnull=False)",
        _MOMENT,
    ),
    Guard(
        "public: units are cut at the moment",
        f"{_SELECTORS}units.py",
        "accrual_get(book=book, currency=currency, recorded_until=as_of.at)",
        "accrual_get(book=book, currency=currency)",
        _MOMENT,
    ),
    Guard(
        "public: cash of an open position shows nowhere",
        "treasury/sql/cash.sql",
        "WHEN one.closed_at IS NOT NULL OR NOT c.has_trades THEN c.at",
        "ELSE c.at",
        _MOMENT,
        in_database=True,
    ),
    Guard(
        "public: what is open is not counted",
        f"{_SELECTORS}stations.py",
        "    still_open = _traces_open(book=book, cash=cash, as_of=as_of)\n",
        "    still_open: list[str] = []\n",
        _MOMENT,
    ),
    Guard(
        "public: a halt is told after its delay",
        "execution/selectors/switches.py",
        ", at__lte=recorded_until)",
        ")",
        _MOMENT,
    ),
    Guard(
        "public: without a stop no risk is told",
        f"{_SELECTORS}stories.py",
        "position.order is None or position.order.risk_money is None",
        "position.order is None",
        _SENTENCES,
    ),
    Guard(
        "public: a long line keeps its beginning",
        "treasury/rules/runs.py",
        "return [first, *dict.fromkeys(middle), *([last] if whole.steps > 1 else [])]",
        "return [first, *([last] if whole.steps > 1 else [])]",
        _RUNS,
    ),
)
