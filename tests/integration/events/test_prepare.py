"""The call-out step of a handler."""

from django.db import connection

from fusion_project.events.registry import Recorded
from fusion_project.events.work import handler_work_off


def test_what_prepare_returns_reaches_the_work_and_runs_outside_its_transaction(
    committed_db, handler, happen
) -> None:
    def prepare(event: Recorded) -> bool:
        return connection.in_atomic_block

    got: list[bool] = []
    name = handler(lambda event, prepared: got.append(prepared), prepare=prepare)
    happen()
    handler_work_off(name)
    assert got == [False]
