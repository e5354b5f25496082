"""Seals of the test's database, and steps of a sealer that dies."""

from collections.abc import Callable
from contextlib import contextmanager
from typing import Any

from django.db import connection

from fusion_project.events.models import SealLeaf
from fusion_project.events.sealing import seal_turn, sealed_logs


def seal_all() -> int:
    """As the job does; returns how many rows were sealed."""
    return sum(seal_turn(log) for log in sealed_logs())


def sealed_ids(log: str) -> list[int]:
    """Sealed rows, in the order in which they were sealed."""
    rows = SealLeaf.objects.filter(log=log).order_by("n", "position")
    return list(rows.values_list("row_id", flat=True))


class Killed(Exception):
    """The sealer's process ended."""


@contextmanager
def killed_before(number: int):
    """The statement of this number, from 0, is never sent: the connection breaks instead."""
    sent = 0

    def execute(run: Callable[..., Any], *args: Any) -> Any:
        nonlocal sent
        if sent == number:
            connection.close()
            raise Killed
        sent += 1
        return run(*args)

    with connection.execute_wrapper(execute):
        yield
