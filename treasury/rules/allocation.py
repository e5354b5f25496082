"""Who gets what: shares in basis points, split to the last unit. Pure.

Largest remainder (Hamilton): each share is within one unit of its exact part, the parts sum to the
whole, and the names alone decide ties.
"""

from collections.abc import Mapping, Sequence
from decimal import ROUND_DOWN, ROUND_UP, Decimal

from treasury.errors import PolicyInvalid
from treasury.rules.drafts import EXACT

BASIS = 10_000


def shares_check(bps: Mapping[str, object], names: Sequence[str]) -> None:
    """Raise PolicyInvalid unless each share has whole basis points and they sum to 10 000."""
    if set(bps) != set(names):
        raise PolicyInvalid(f"expected the shares {', '.join(names)}, was {', '.join(bps)}")
    whole = {name: value for name, value in bps.items() if type(value) is int and value >= 0}
    odd = sorted(set(bps) - set(whole))
    if odd:
        raise PolicyInvalid(f"{', '.join(odd)}: basis points are whole numbers, not below zero")
    if sum(whole.values()) != BASIS:
        raise PolicyInvalid(f"expected a sum of {BASIS} basis points, was {sum(whole.values())}")


def split(amount: Decimal, bps: Mapping[str, int], *, digits: int) -> dict[str, Decimal]:
    """Split `amount`, zero or more with at most `digits` digits, into shares that sum to it.

    Raises ValueError for another amount.
    """
    units = EXACT.scaleb(amount, digits)
    if units < 0 or units != units.to_integral_value():
        raise ValueError(f"expected {digits} digits, not below zero, was {amount}")
    total = int(units)
    names = list(bps)
    whole = {name: total * bps[name] // BASIS for name in names}
    left = total - sum(whole.values())
    by_remainder = sorted(names, key=lambda name: (-(total * bps[name] % BASIS), name))
    for name in by_remainder[:left]:
        whole[name] += 1
    return {name: EXACT.scaleb(Decimal(whole[name]), -digits) for name in names}


def rounded_down(amount: Decimal, digits: int) -> Decimal:
    """Towards zero, to that many digits."""
    return amount.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_DOWN, context=EXACT)


def rounded_up(amount: Decimal, digits: int) -> Decimal:
    """Away from zero, to that many digits."""
    return amount.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_UP, context=EXACT)
