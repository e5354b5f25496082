"""One Celery task per handler, under the handler's name: the answer to a doorbell."""

from fusion_project.celery import app
from fusion_project.events.doorbell import bell
from fusion_project.events.registry import handler_list
from fusion_project.events.work import handler_work_off


def _answer_doorbell(name: str) -> None:
    _, more = handler_work_off(name)
    if more:
        bell.ring(name)


for _handler in handler_list():
    app.task(name=_handler.name, acks_late=False, ignore_result=True, max_retries=0)(
        lambda name=_handler.name: _answer_doorbell(name)
    )
