"""What a closed position earns or accrues. Pure; parameters come from a RuleVersion row.

DAI ("Dynamic AI", internal units) scores the decision, DA ("Dynamic Algo", internal units) the
execution, and the DCT accrual splits the position's net result in account currency.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Context, Decimal, InvalidOperation

from tokens.errors import RuleParametersInvalid

EXACT = Context(prec=80)
POINTS = Context(prec=50)
BASIS = 10_000
SHARES = ("burn", "reward", "retained")
# Parameters of each token's rule; all values are decimal strings except basis points (integers).
PARAMETERS: dict[str, tuple[str, ...]] = {
    "DAI": ("base", "minimum", "p_unknown"),
    "DA": ("base", "minimum", "half_slippage_bps", "half_latency_ms", "latency_unknown_factor"),
    "DCT": ("burn_bps", "reward_bps", "retained_bps"),
}


@dataclass(frozen=True, slots=True)
class Quality:
    """What the points are made from; slippage is positive where it cost money."""

    p_final: Decimal | None
    net: Decimal
    entry_slippage_bps: Decimal
    exit_slippage_bps: Decimal
    ack_latency_ms: int | None


def parameters_check(code: str, parameters: Mapping[str, object]) -> None:
    """Raise RuleParametersInvalid unless the parameters are complete and in range."""
    wanted = PARAMETERS.get(code)
    if wanted is None:
        raise RuleParametersInvalid(f"no rule is known for {code}")
    if set(parameters) != set(wanted):
        raise RuleParametersInvalid(f"expected {sorted(wanted)}, was {sorted(parameters)}")
    if code == "DCT":
        _basis_points_check(parameters)
        return
    numbers = {name: _number(parameters, name) for name in wanted}
    if not Decimal(0) < numbers["minimum"] <= numbers["base"]:
        raise RuleParametersInvalid("expected 0 < minimum <= base")
    for name in ("p_unknown", "latency_unknown_factor"):
        if not Decimal(0) <= numbers.get(name, Decimal(0)) <= Decimal(1):
            raise RuleParametersInvalid(f"expected {name} between 0 and 1")
    for name in ("half_slippage_bps", "half_latency_ms"):
        if numbers.get(name, Decimal(1)) <= 0:
            raise RuleParametersInvalid(f"expected {name} above 0")


def _basis_points_check(parameters: Mapping[str, object]) -> None:
    shares = [one for one in parameters.values() if type(one) is int and one >= 0]
    if len(shares) != len(SHARES):
        raise RuleParametersInvalid("basis points are whole numbers, not below zero")
    if sum(shares) != BASIS:
        raise RuleParametersInvalid(f"expected a sum of {BASIS} basis points, was {sum(shares)}")


def _number(parameters: Mapping[str, object], name: str) -> Decimal:
    value = parameters[name]
    if not isinstance(value, str):
        raise RuleParametersInvalid(f"{name}: expected a decimal string, was {value!r}")
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise RuleParametersInvalid(f"{name}: expected a decimal string, was {value!r}") from None
    if not number.is_finite():
        raise RuleParametersInvalid(f"{name}: expected a finite number, was {value!r}")
    return number


def dai_points(quality: Quality, parameters: Mapping[str, object], *, decimals: int) -> Decimal:
    """Decision quality: base × (1 − (p − o)²), never below `minimum`.

    p is the decision's probability of a net gain (`p_unknown` where none was stated) and o is 1
    for a net gain, else 0. One minus the quadratic score (Brier, 1950): it is proper, so a
    decision earns most, on average, by stating what it believes; a sure "yes" on a loser earns
    only the minimum. A net of zero counts as no gain.
    """
    p = quality.p_final if quality.p_final is not None else _number(parameters, "p_unknown")
    outcome = Decimal(1) if quality.net > 0 else Decimal(0)
    miss = POINTS.subtract(p, outcome)
    score = POINTS.subtract(Decimal(1), POINTS.multiply(miss, miss))
    return _points(score, parameters, decimals)


def da_points(quality: Quality, parameters: Mapping[str, object], *, decimals: int) -> Decimal:
    """Execution quality: base × hs / (hs + s) × hl / (hl + l), never below `minimum`.

    s is the slippage of entry plus exit in basis points, each counted only where it cost money;
    l the milliseconds from lease to acknowledgement. hs and hl are the slippage
    and latency that halve the points. An unknown latency counts `latency_unknown_factor`.
    """
    slippage = max(Decimal(0), quality.entry_slippage_bps) + max(
        Decimal(0), quality.exit_slippage_bps
    )
    score = _halving(slippage, _number(parameters, "half_slippage_bps"))
    if quality.ack_latency_ms is None:
        latency = _number(parameters, "latency_unknown_factor")
    else:
        half = _number(parameters, "half_latency_ms")
        latency = _halving(Decimal(max(0, quality.ack_latency_ms)), half)
    return _points(POINTS.multiply(score, latency), parameters, decimals)


def _halving(cost: Decimal, half: Decimal) -> Decimal:
    return POINTS.divide(half, POINTS.add(half, cost))


def _points(score: Decimal, parameters: Mapping[str, object], decimals: int) -> Decimal:
    unit = Decimal(1).scaleb(-decimals)
    earned = POINTS.multiply(_number(parameters, "base"), score)
    least = max(unit, _number(parameters, "minimum").quantize(unit, rounding=ROUND_DOWN))
    return max(least, earned.quantize(unit, rounding=ROUND_HALF_EVEN, context=POINTS))


def dct_accrual(
    net: Decimal, parameters: Mapping[str, object], *, scale: int
) -> dict[str, Decimal]:
    """Split a signed net result into burn, reward and retained, summing to it exactly.

    Largest remainder in units of 10^−scale on the absolute value, the sign put back after, so a
    loss takes just what an equal gain gave. Ties go to the earlier of burn, reward, retained.
    Raises ValueError for a net with more digits than `scale`.
    """
    units = EXACT.scaleb(net, scale)
    if units != units.to_integral_value():
        raise ValueError(f"expected at most {scale} digits, was {net}")
    total = abs(int(units))
    weights = [int(str(parameters[f"{share}_bps"])) for share in SHARES]
    whole = [total * weight // BASIS for weight in weights]
    remainders = [total * weight % BASIS for weight in weights]
    order = sorted(range(len(SHARES)), key=lambda n: (-remainders[n], n))
    for n in order[: total - sum(whole)]:
        whole[n] += 1
    sign = -1 if net < 0 else 1
    return {
        share: EXACT.scaleb(Decimal(sign * amount), -scale)
        for share, amount in zip(SHARES, whole, strict=True)
    }
