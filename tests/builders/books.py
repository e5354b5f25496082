"""Desks that trade, whose cash is kept turn by turn; for tests with real commits."""

from decimal import Decimal

from execution.models import Position
from tests.builders.execution import Desk, desk_make
from tests.builders.seals import seal_all
from treasury.services.checkpoints import cash_keep


class Books:
    """A desk with its money, desks that trade once, and a keeper of their cash."""

    def __init__(self, run_handlers, clock) -> None:
        self.run_handlers, self.clock = run_handlers, clock
        self.desk: Desk = desk_make()
        self.desks: dict[int, Desk] = {}
        self.paid_in("10000")

    def paid_in(self, amount: str) -> None:
        self.desk.deal(
            kind="balance",
            entry="",
            position_ticket=0,
            symbol="",
            volume_lots=Decimal(0),
            price=Decimal(0),
            profit=Decimal(amount),
        )
        self.post()

    def post(self) -> None:
        self.run_handlers.only("treasury.post_deals")

    def opened(self) -> Position:
        """By hand: no order of ours, so that no limit stands in its way."""
        told = self.desk.deal(commission=Decimal("-0.35"))
        self.post()
        return Position.objects.get(position_ticket=told.position_ticket)

    def traded(self, profit: str) -> Position:
        """On an account of its own, so that no limit stands in its way."""
        desk = desk_make()
        position = desk.opened()
        self.desks[position.pk] = desk
        desk.close(position, profit=Decimal(profit))
        self.post()
        return position

    def restated(self, position: Position, profit: str, later_seconds: int = 0) -> None:
        closing = position.account.deals.filter(entry="out").earliest("id")
        self.desks[position.pk].deal(
            kind=closing.kind,
            entry="out",
            ticket=closing.ticket,
            time_msc=closing.time_msc + later_seconds * 1_000,
            position_ticket=position.position_ticket,
            volume_lots=closing.volume_lots,
            price=closing.price,
            profit=Decimal(profit),
        )
        self.post()

    def kept(self, **limits: int) -> int:
        """Sealed twice, so that the floor passes what came before; then kept."""
        for _ in range(2):
            seal_all()
            self.paid_in("1")
        seal_all()
        self.clock.advance(seconds=60)
        return cash_keep(**limits)
