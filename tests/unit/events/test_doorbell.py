"""Doorbells never hold anybody up: the queue is bounded and drops when full."""

import threading
import time

from fusion_project.events.doorbell import Doorbell


class StuckDoorbell(Doorbell):
    """A broker that hangs until released."""

    def __init__(self, length_max: int) -> None:
        super().__init__(length_max)
        self.release = threading.Event()
        self.sent: list[str] = []

    def _send(self, name: str, turn: int = 0) -> None:
        self.release.wait(timeout=10)
        self.sent.append(name)


def test_a_hung_broker_costs_rings_and_no_time() -> None:
    bell = StuckDoorbell(length_max=5)
    started = time.monotonic()
    for _ in range(1_000):
        bell.ring("signals.fuse_alert")
    elapsed = time.monotonic() - started
    assert bell.dropped >= 990
    assert not bell.sent
    # Not a speed test: one wait for the stuck broker alone would take ten seconds.
    assert elapsed < 9
    bell.release.set()


def test_a_ring_that_goes_first_overtakes_those_that_wait_and_finds_room_beside_them() -> None:
    bell = StuckDoorbell(length_max=5)
    for _ in range(20):
        bell.ring("signals.fuse_alert")
    bell.ring("execution.stage_orders", first=True)
    bell.release.set()
    for _ in range(1_000):
        if len(bell.sent) >= 6:
            break
        time.sleep(0.01)
    # One was being sent already.
    assert bell.sent.index("execution.stage_orders") <= 1


class BrokenDoorbell(Doorbell):
    """A broker that refuses the first ring."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[str] = []
        self.done = threading.Event()

    def _send(self, name: str, turn: int = 0) -> None:
        if name == "refused":
            raise ConnectionError
        self.sent.append(name)
        self.done.set()


def test_an_error_of_the_broker_does_not_end_the_sender() -> None:
    bell = BrokenDoorbell()
    bell.ring("refused")
    bell.ring("heard")
    assert bell.done.wait(timeout=10)
    assert bell.sent == ["heard"]
