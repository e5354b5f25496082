"""One Celery task per handler, under the handler's name: the answer to a doorbell."""

from fusion_project.celery import app
from fusion_project.events.doorbell import bell
from fusion_project.events.registry import handler_list
from fusion_project.events.work import handler_work_off


def _task_add(name: str) -> None:
    def answer_doorbell() -> None:
        _, more = handler_work_off(name)
        if more:
            bell.ring(name)

    app.task(name=name, acks_late=False, ignore_result=True, max_retries=0)(answer_doorbell)


for _handler in handler_list():
    _task_add(_handler.name)
