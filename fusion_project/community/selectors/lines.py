"""The line of realised cash, by currency: closed trades at their closing, other bookings beside."""

from collections import defaultdict
from decimal import Decimal

from fusion_project.community import policy
from fusion_project.community.moment import AsOf
from fusion_project.community.presenting.line import Line, Step, Unposted, line_draw
from fusion_project.community.selectors.closed import ClosedTrade, closed_by_hand
from treasury.selectors.cash import cash_step_list


def realised_cash_lines(*, book: str, closed: list[ClosedTrade], as_of: AsOf) -> list[Line]:
    """One line for each currency that has two steps or more.

    The cash of a position that is still open is left out: a step would tell of it. One that was
    opened and closed by hand is no trade, but a step.
    """
    by_hand = closed_by_hand(book=book, as_of=as_of)
    trades = {(one.account_id, one.position_ticket): one for one in closed}
    steps: dict[str, list[Step]] = defaultdict(list)
    posted: dict[str, dict[int, Decimal]] = defaultdict(dict)
    for cash in cash_step_list(book=book, recorded_until=as_of.at):
        place = (cash.account_id or 0, cash.position_ticket)
        trade = trades.get(place)
        if trade is not None:
            posted[cash.currency][trade.id] = cash.change
            steps[cash.currency].append(Step(trade.closed_at, cash.change, is_trade=True))
        elif not cash.has_trades or place in by_hand:
            steps[cash.currency].append(Step(cash.at, cash.change, is_trade=False))
    return [
        line_draw(
            sorted(found, key=lambda one: one.at),
            currency=currency,
            points_max=policy.LINE_POINTS_MAX,
            unposted=unposted(
                closed=[one for one in closed if one.currency == currency],
                posted=posted[currency],
            ),
        )
        for currency, found in sorted(steps.items())
        if len(found) > 1
    ]


def unposted(*, closed: list[ClosedTrade], posted: dict[int, Decimal]) -> Unposted | None:
    """Trades of one currency whose net result the ledger does not hold as it stands.

    Among them what the ledger still holds of one that is no closed trade any more.
    """
    nets = {one.id: one.net for one in closed}
    nothing = Decimal(0)
    every = [nets.get(key, nothing) - posted.get(key, nothing) for key in nets | posted]
    lacking = [one for one in every if one]
    return Unposted(len(lacking), sum(lacking, Decimal(0))) if lacking else None
