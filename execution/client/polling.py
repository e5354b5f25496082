"""The answer to a poll, read order by order: what cannot be read is named, and spoils no other."""

from dataclasses import dataclass

import msgspec
from msgspec import Struct

from execution.wire import WireError, body_read
from execution.wire.answers import DesiredCommand, LeasedOrder, Permit
from execution.wire.fields import Fence, Minor, MomentText, Ticket

_WHY_MAX = 200


class _Poll(Struct, frozen=True):
    orders: tuple[msgspec.Raw, ...]
    permit: Permit
    desired: tuple[DesiredCommand, ...]
    server_time: MomentText


class _OrderHead(Struct, frozen=True):
    order_id: Ticket
    fence: Fence
    needs_minor: Minor = 0


@dataclass(frozen=True, slots=True)
class UnreadOrder:
    """An order of which no more is understood than whose answer is awaited."""

    order_id: Ticket
    fence: int
    needs_minor: int
    why: str


@dataclass(frozen=True, slots=True)
class PollHeard:
    """The answer to a poll; `unread` are orders that this program must refuse."""

    orders: tuple[LeasedOrder, ...]
    unread: tuple[UnreadOrder, ...]
    permit: Permit
    desired: tuple[DesiredCommand, ...]
    server_time: MomentText


def poll_read(content: bytes) -> PollHeard:
    """Read the answer. Raises WireError where not even an order's number can be read."""
    poll = body_read(content, _Poll)
    orders, unread = [], []
    for raw in poll.orders:
        try:
            orders.append(body_read(bytes(raw), LeasedOrder))
        except WireError as error:
            head = body_read(bytes(raw), _OrderHead)
            why = str(error)[:_WHY_MAX]
            unread.append(UnreadOrder(head.order_id, head.fence, head.needs_minor, why))
    return PollHeard(tuple(orders), tuple(unread), poll.permit, poll.desired, poll.server_time)
