"""One Celery task per handler, under the handler's name: the answer to a doorbell."""

from collections.abc import Callable
from typing import Any

from celery.signals import task_prerun
from django.db import close_old_connections

from fusion_project.celery import app
from fusion_project.events.doorbell import WORKER_ANSWERS, bell
from fusion_project.events.life import Seldom, worker_note
from fusion_project.events.registry import handler_list
from fusion_project.events.work import handler_work_off

# Queues take turns, and so must what waits in one: behind fifty entries no exit waits for them all.
TURN_SECONDS = 0.1
# A worker that has much to do answers nothing else for a while, and yet it is alive.
_is_at_work = Seldom(worker_note)


@task_prerun.connect  # type: ignore[untyped-decorator]
def _connection_look(sender: Any, **_: object) -> None:
    """A kept connection may be broken or old; what is run within another transaction keeps its."""
    if not sender.request.is_eager:
        close_old_connections()


def _task_add(name: str, answer: Callable[[], None]) -> None:
    app.task(name=name, acks_late=False, ignore_result=True, max_retries=0)(answer)


def _handler_task_add(name: str) -> None:
    def answer_doorbell() -> None:
        _is_at_work()
        _, more = handler_work_off(name, seconds_max=TURN_SECONDS)
        _is_at_work()
        if more:
            bell.ring(name)

    _task_add(name, answer_doorbell)


_task_add(WORKER_ANSWERS, worker_note)
for _handler in handler_list():
    _handler_task_add(_handler.name)
