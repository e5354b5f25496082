"""The one trade that every change must leave working; all others run in `make ea-test`."""

from decimal import Decimal

from tests.e2e.ea.bench import Bench
from tests.integration.mql5.hosting import NEEDS_COMPILER

pytestmark = NEEDS_COMPILER


def test_an_entry_and_its_exit_become_one_closed_position(bench: Bench) -> None:
    entry = bench.stage(sl="1.09000", tp="1.12000")
    bench.filled(entry)
    (position,) = bench.truth().positions
    assert (position["sl"], position["tp"]) == ("1.09", "1.12")
    bench.price("1.10500")
    closing = bench.stage("exit", side="sell", ref_price="1.10500")
    bench.filled(closing)
    assert bench.truth().positions == []
    assert bench.told(entry)[:2] == ["ack", "deal"]
    bench.seconds(3)
    bench.check()
    assert bench.truth().balance > Decimal(10_000)
