"""An independent model of a plan: from the whole path of prices at once, in points and hundredths.

Nothing of `execution.rules.plans` is used: whole numbers of points, lots in hundredths.
"""

from dataclasses import dataclass, field


@dataclass
class Asked:
    """A long's plan in points from its fill at 0; a short is the same path turned round.

    `targets` are (points, percent), `trailing` (distance, trigger, step), `even` (trigger, offset).
    """

    lots: int
    stop: int
    targets: list = field(default_factory=list)
    trailing: tuple | None = None
    even: tuple | None = None
    least: int = 1


@dataclass
class Told:
    """What the position is after each price: lots closed by then, at which points, and the stop."""

    closes: list = field(default_factory=list)
    stops: list = field(default_factory=list)
    left: int = 0


def parts_of(asked):
    left, parts = asked.lots, []
    for number, (_, share) in enumerate(asked.targets):
        part = asked.lots * share // 100
        is_last = number == len(asked.targets) - 1
        if is_last and sum(share for _, share in asked.targets) == 100:
            part = left
        elif left - part in range(1, asked.least):
            part = left - asked.least
        if part < asked.least and not (is_last and part == left):
            part = 0
        parts.append(part)
        left -= part
    return parts


def stop_of(asked, best):
    """The stop that the best price so far is worth."""
    stops = [asked.stop]
    if asked.even and best >= asked.even[0]:
        stops.append(asked.even[1])
    if asked.trailing:
        distance, trigger, step = asked.trailing
        if best >= trigger:
            stops.append(trigger + (best - trigger) // step * step - distance)
    return max(stops)


def run(asked, path):
    """Follow the path; the stop that stands before a price is what that price may hit."""
    told = Told(left=asked.lots)
    parts = parts_of(asked)
    whole = asked.targets and sum(share for _, share in asked.targets) == 100
    best = None
    for price in path:
        if told.left and best is not None and price <= stop_of(asked, best):
            told.closes.append((price, told.left))
            told.left = 0
        if told.left and whole and best is not None and price >= asked.targets[-1][0]:
            # The broker has the last target itself.
            told.closes.append((asked.targets[-1][0], told.left))
            told.left = 0
        if not told.left:
            break
        best = price if best is None else max(best, price)
        due = sum(part for (at, _), part in zip(asked.targets, parts, strict=True) if at <= best)
        if whole and best >= asked.targets[-1][0]:
            due = asked.lots
        closed = asked.lots - told.left
        if due > closed:
            told.closes.append((price, due - closed))
            told.left = asked.lots - due
        told.stops.append(stop_of(asked, best) if told.left else None)
    return told
