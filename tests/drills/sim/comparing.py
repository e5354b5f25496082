"""The whole ledger beside the model: every account, every kind of entry, every state."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from django.db import connection

from fusion_project.events.registry import handler_list
from fusion_project.events.work import handler_work_off
from tests.drills.sim import late
from tests.drills.sim.handling import CARRY_OUT, DEALS, POSITIONS, is_quiet, requests_work
from tests.drills.sim.telling import caught_up, seal
from tests.drills.sim.world import Differs, World
from tokens.models import ChainIntent
from treasury.models import UnitSeries
from treasury.selectors.balances import trial_balance

TOKENS, TOKEN_DIGITS, MONEY_DIGITS, MARK_DIGITS = ("DAI", "DA", "DCT"), 9, 8, 12
LEASES_MAX = 40
# From the lines themselves; the trial balance is read beside it.
_LINES = """
    SELECT a.book, a.code, a.currency_id,
        coalesce(sum(l.amount) FILTER (WHERE l.amount > 0), 0),
        coalesce(-sum(l.amount) FILTER (WHERE l.amount < 0), 0)
    FROM treasury_line l JOIN treasury_ledgeraccount a ON a.id = l.account_id
    GROUP BY a.book, a.code, a.currency_id"""
_KINDS = "SELECT book, kind, count(*) FROM treasury_entry GROUP BY book, kind"
_STATES = "SELECT state, count(*) FROM treasury_dealposting GROUP BY state"
_KEPT = """
    SELECT a.book, a.code, a.currency_id, greatest(b.amount, 0), greatest(-b.amount, 0)
    FROM treasury_balance b JOIN treasury_ledgeraccount a ON a.id = b.account_id"""


def settle(world: World) -> None:
    """Until nothing is on its way: late transactions end, leases run out, all is worked."""
    late.end(world)
    own = (DEALS, POSITIONS, CARRY_OUT)
    for _ in range(LEASES_MAX):
        caught_up(world)
        requests_work(world)
        for handler in handler_list():
            if handler.name not in own:
                handler_work_off(handler.name)
        if is_quiet(world):
            seal(world)
            return
        world.passes(25)
    raise Differs("something is never done")


def differences(world: World) -> list[str]:
    """What is not as the model says, at most twenty lines; call it once all is settled."""
    books = world.books
    places = {*books.debit, *books.credit}
    turnover = {one: (books.debit[one], books.credit[one]) for one in places}
    found = dict(_turnover(_rows(_LINES)))
    told = dict(_turnover(_trial_rows()))
    kept = {place: one[0] - one[1] for place, one in _turnover(_rows(_KEPT))}
    sums = {place: one[0] - one[1] for place, one in turnover.items()}
    marks = {
        (number, series.number): series.mark
        for number, fund in world.paying.funds.items()
        for series in fund.series
    }
    pairs: Iterable[tuple[str, Mapping[Any, Any], Mapping[Any, Any]]] = (
        ("debit and credit of", turnover, found),
        ("the trial balance of", turnover, told),
        ("the kept balance of", {one: sums.get(one, 0) for one in kept}, kept),
        ("entries of", books.kinds, _counted(_KINDS)),
        ("deals in the state", world.deals.states, _counted(_STATES)),
        ("the mark of series", marks, _marks()),
        ("open intents", {"": len(world.chain.pending())}, {"": _intents_open()}),
        ("the chain's state", {"": world.chain.state}, {"": world.bound.state}),
    )
    return [line for pair in pairs for line in _unlike(*pair)][:20]


def _unlike(what: str, model: Mapping[Any, Any], found: Mapping[Any, Any]) -> Iterator[str]:
    for one in sorted({*model, *found}, key=str):
        ours, theirs = model.get(one, 0) or 0, found.get(one, 0) or 0
        if ours != theirs and (ours, theirs) not in (((0, 0), 0), (0, (0, 0))):
            name = " ".join(str(part) for part in one) if isinstance(one, tuple) else one
            yield f"{what} {name}: the model says {ours}, found {theirs}"


def _turnover(rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[tuple[str, str], tuple[Any, Any]]]:
    for book, code, currency, debit, credit in rows:
        digits = TOKEN_DIGITS if currency in TOKENS else MONEY_DIGITS
        yield (book, code), (_units(debit, digits), _units(credit, digits))


def _units(amount: Decimal, digits: int) -> int | str:
    """Whole units; what is none is told as it is."""
    units = amount.scaleb(digits)
    return int(units) if units == units.to_integral_value() else f"{amount:f}"


def _trial_rows() -> Iterator[tuple[Any, ...]]:
    for book in ("paper", "live"):
        for row in trial_balance(book=book):
            yield book, row.code, row.currency, row.debit, row.credit


def _marks() -> dict[tuple[int, int], int | str]:
    rows = UnitSeries.objects.values_list("account_id", "number", "mark")
    return {(account, number): _units(mark, MARK_DIGITS) for account, number, mark in rows}


def _intents_open() -> int:
    return int(ChainIntent.objects.filter(state__in=["open", "matched"]).count())


def _counted(query: str) -> Counter[Any]:
    counts: Counter[Any] = Counter()
    for *key, count in _rows(query):
        counts[tuple(key) if len(key) > 1 else key[0]] = count
    return counts


def _rows(query: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return list(cursor.fetchall())
