"""What a request waited for a thread is taken off its deadline for Postgres."""

import pytest
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from fusion_project.front.calls import WAITED_MARK
from fusion_project.postgres.deadline import seconds_left
from fusion_project.request_guard import RequestGuardMiddleware

LIMIT = settings.REQUEST_DATABASE_DEADLINE_SECONDS


@pytest.mark.parametrize(
    ("waited", "at_most"), [(0.0, LIMIT), (LIMIT / 4, LIMIT * 3 / 4), (LIMIT * 9, LIMIT / 2)]
)
def test_the_deadline_shrinks_by_the_wait_and_half_of_it_is_always_left(
    waited: float, at_most: float
) -> None:
    left: list[float] = []

    def view(request: HttpRequest) -> HttpResponse:
        left.append(seconds_left() or 0.0)
        return HttpResponse()

    RequestGuardMiddleware(view)(RequestFactory().get("/", **{WAITED_MARK: waited}))
    assert at_most - LIMIT / 4 < left[0] <= at_most
