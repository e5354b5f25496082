"""An entry that waits at the broker, for the cases about one."""

from tests.contract.executor.rig import Rig
from tests.contract.executor.server import Handed


def rest(rig: Rig, **terms: object) -> Handed:
    """A limit order that rests far from the market."""
    order = rig.server.hand_out(
        **{"order_type": "limit", "limit_price": "1.05000", "sl": "1.04000", **terms}
    )
    rig.until(lambda: "working" in order.told)
    assert [one.magic for one in rig.resting()] == [str(order.id)]
    return order
