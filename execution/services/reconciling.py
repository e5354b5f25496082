"""Our books against the broker's, every ten seconds: two differences in a row halt the account.

What cannot be compared for half a minute counts as a difference: no check falls asleep.
"""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Q

from execution.models import BrokerAccount, Deal, Order, Position, SymbolMap
from execution.rules import states
from execution.rules.reconciling import (
    HeldPosition,
    equity_differs,
    positions_differ,
    stop_is_tighter,
    tickets_differ,
)
from execution.selectors.deals import deals_held
from execution.selectors.positions import position_open_tickets
from execution.selectors.reports import report_gaps_standing
from execution.selectors.resting import order_in_force
from execution.selectors.shares import position_opened_last
from execution.selectors.terminals import TerminalBooks, terminal_books
from execution.services.accounts import account_halt_by_rule, account_lock
from execution.services.positions import price_from_fill
from execution.services.resting import pendings_reconcile
from fusion_project.events.clock import now
from fusion_project.events.subjects import subject_of
from fusion_project.incidents import kinds
from fusion_project.incidents.services import incident_open, incident_settle

MISMATCHES_TO_HALT = 2
BLIND_SECONDS_MAX = 30


def account_reconcile_all() -> None:
    """Compare every account that a heartbeat has described since the last look."""
    for account_id in BrokerAccount.objects.filter(heartbeat_at__isnull=False).values_list(
        "id", flat=True
    ):
        account_reconcile(account_id=account_id)


@transaction.atomic
def account_reconcile(*, account_id: int) -> bool | None:
    """Return whether both sides agree; None where they cannot be compared yet.

    They can once our last deal is the one that the heartbeat named: before, or after it, one side
    has seen more than the other. One heartbeat counts once.
    """
    account = account_lock(account_id)
    if account.heartbeat_at is None or account.heartbeat_at == account.reconciled_heartbeat_at:
        return None
    if _is_traded_since(account):
        return None
    moment = now()
    books = _books_of(account)
    words = _why_blind(account)
    if words:
        account.blind_since = account.blind_since or moment
        if moment - account.blind_since < timedelta(seconds=BLIND_SECONDS_MAX):
            account.save(update_fields=["blind_since"])
            return None
    else:
        account.blind_since = None
        _stops_follow(account, books)
        words = _differences(account, books)
    return _conclude(account, words)


def _is_traded_since(account: BrokerAccount) -> bool:
    """Whether all that our books are ahead by came after the heartbeat: the next one knows it too.

    A watermark that is not among our deals, or a deal that the terminal must have known, is no such
    case.
    """
    deals = Deal.objects.filter(account=account, held_for="")
    seen = deals.filter(recorded_at__lte=account.heartbeat_at).order_by("-time_msc", "-ticket")
    last = seen.values_list("time_msc", "ticket").first()
    watermark = (account.watermark_time_msc, account.watermark_ticket)
    is_ahead = deals.filter(recorded_at__gt=account.heartbeat_at).exists()
    return is_ahead and (last or (0, 0)) == watermark


def _books_of(account: BrokerAccount) -> TerminalBooks | None:
    """What the same heartbeat told of positions and resting orders, where it did."""
    books = terminal_books(account_id=account.id)
    return books if books is not None and books.heard_at == account.heartbeat_at else None


def _conclude(account: BrokerAccount, words: list[str]) -> bool:
    agrees = not words
    account.mismatches_in_row = 0 if agrees else account.mismatches_in_row + 1
    account.reconciled_heartbeat_at = account.heartbeat_at
    account.save(update_fields=["mismatches_in_row", "reconciled_heartbeat_at", "blind_since"])
    if account.mismatches_in_row >= MISMATCHES_TO_HALT:
        account_halt_by_rule(
            account_id=account.id, kind=kinds.POSITIONS_DIFFER, note="; ".join(words)[:500]
        )
    return agrees


def _why_blind(account: BrokerAccount) -> list[str]:
    """Return why the two sides have not seen the same; nothing where they can be compared."""
    words = []
    counting = Deal.objects.filter(account=account, held_for="")
    last = counting.order_by("-time_msc", "-ticket").values_list("time_msc", "ticket").first()
    watermark = (account.watermark_time_msc, account.watermark_ticket)
    if (last or (0, 0)) != watermark:
        ours = last[1] if last else "none"
        words.append(f"the last deal is {ours} here, {watermark[1] or 'none'} there")
    held = [deal.ticket for deal in deals_held(account_id=account.id)[:20]]
    if held:
        words.append(f"held deals: {held}")
    gaps = report_gaps_standing(account_id=account.id, instance=account.instance)
    subject = subject_of(BrokerAccount, account.id)
    if gaps:
        told = ", ".join(f"{first}-{last}" for first, last in gaps)
        words.append(f"reports {told} of {account.instance} are missing")
        incident_open(kind=kinds.REPORTS_MISSING, subject=subject, note=words[-1][:500])
    else:
        incident_settle(kind=kinds.REPORTS_MISSING, subject=subject, note="None is missing.")
    return words


def _differences(account: BrokerAccount, books: TerminalBooks | None) -> list[str]:
    words = _orders_undecided(account)
    if books is None or books.positions is None:
        ours = position_open_tickets(account_id=account.id)
        words += tickets_differ(ours, (int(ticket) for ticket in account.open_tickets))
    else:
        ours_held = {ticket: held for ticket, (_, held) in _held(account).items()}
        theirs = {
            ticket: HeldPosition(one.side, one.volume_lots, one.sl, one.tp)
            for ticket, one in books.positions.items()
        }
        words += positions_differ(ours_held, theirs)
    if books is not None and books.pendings is not None:
        words += pendings_reconcile(
            account=account, pendings=books.pendings, heard_at=books.heard_at
        )
    return words + _equity(account)


def _equity(account: BrokerAccount) -> list[str]:
    if account.floating is None or account.balance is None or account.equity is None:
        return []
    return equity_differs(
        balance=account.balance,
        credit=account.credit or Decimal(0),
        floating=account.floating,
        equity=account.equity,
        digits=account.currency_digits,
        positions=len(account.open_tickets),
    )


def _orders_undecided(account: BrokerAccount) -> list[str]:
    """Orders out that no approved decision asks for: what left is compared with what came in."""
    out = Order.objects.filter(account=account, decision__isnull=False)
    out = out.exclude(state__in=states.ORDER_ENDS).exclude(decision__state="approved")
    return [
        f"order {order_id} is out, and its decision is not approved"
        for order_id in out.values_list("id", flat=True)[:20]
    ]


def _held(account: BrokerAccount) -> dict[int, tuple[Position, HeldPosition]]:
    """Return our open positions by ticket, as both sides are compared."""
    rows = Position.objects.filter(account=account, closed_at=None)
    ticks = _ticks(account)
    moving = _tickets_on_the_move(account)
    return {
        row.position_ticket: (
            row,
            HeldPosition(
                row.side,
                row.volume_open_lots,
                row.sl,
                row.tp,
                ticks.get(row.broker_symbol, Decimal(0)),
                row.order_id is not None and row.position_ticket not in moving,
            ),
        )
        for row in rows
    }


def _ticks(account: BrokerAccount) -> Mapping[str, Decimal]:
    rows = SymbolMap.objects.filter(account=account, tick_size__isnull=False)
    return {name: tick for name, tick in rows.values_list("broker_symbol", "tick_size") if tick}


def _tickets_on_the_move(account: BrokerAccount) -> set[int]:
    """Positions whose stop is being changed: an amend is out, or ended after the heartbeat."""
    amends = Order.objects.filter(account=account, verb="amend", position_ticket__gt=0)
    out = ~Q(state__in=states.ORDER_ENDS) | Q(state_at__gte=account.heartbeat_at)
    return set(amends.filter(out).values_list("position_ticket", flat=True))


def _stops_follow(account: BrokerAccount, books: TerminalBooks | None) -> None:
    """Take over what the broker shows: the stop that an amend has set, and any tighter one."""
    if books is None or books.positions is None:
        return
    for ticket, (position, held) in _held(account).items():
        told = books.positions.get(ticket)
        if told is None or position.order_id is None:
            continue
        amend = _amend_shown(position, told.sl, told.tp, held.tick)
        if amend is not None:
            _stop_set(position, amend.sl, amend.tp)
        elif held.stop_is_ours and stop_is_tighter(held, told.sl):
            _stop_set(position, told.sl, position.tp)
        elif account.margin_mode == "netting" and _is_of_another(position, told.sl, held.tick):
            _stop_set(position, told.sl, told.tp)


def _amend_shown(
    position: Position, sl: Decimal | None, tp: Decimal | None, tick: Decimal
) -> Order | None:
    """Return the newest amend that is done where the broker shows what it asked for."""
    amends = Order.objects.filter(
        account_id=position.account_id,
        position_ticket=position.position_ticket,
        verb="amend",
        state=states.DONE,
    )
    last = amends.order_by("-id").first()
    is_shown = last is not None and _is_near(last.sl, sl, tick) and _is_near(last.tp, tp, tick)
    return last if is_shown else None


def _is_of_another(position: Position, sl: Decimal | None, tick: Decimal) -> bool:
    """Whether the broker shows the stop of the entry that last opened some of the position.

    A netting position has one stop. Counted from a fill, it lies between what it comes to from the
    price at staging and from that of the deal.
    """
    deal = position_opened_last(position)
    entry = deal.order if deal is not None else None
    if deal is None or entry is None or entry.id == position.order_id:
        return False
    asked = order_in_force(entry)
    stops = [one for one in (asked.sl, price_from_fill(asked, "sl", deal.price)) if one is not None]
    if not stops or sl is None:
        return not stops and sl is None
    return min(stops) - tick <= sl <= max(stops) + tick


def _is_near(wanted: Decimal | None, told: Decimal | None, tick: Decimal) -> bool:
    if wanted is None or told is None:
        return wanted == told
    return abs(wanted - told) <= tick


def _stop_set(position: Position, sl: Decimal | None, tp: Decimal | None) -> None:
    if (position.sl, position.tp) != (sl, tp):
        Position.objects.filter(id=position.id).update(sl=sl, tp=tp)
