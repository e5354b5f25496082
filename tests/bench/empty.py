"""The comparison for `make bench-intake`: the same server and middleware, one empty view.

It does what every receiver must at least do: take the body and commit one row.
"""

from fusion_project.rsgi import application  # noqa: I001  sets Django up for what follows

from django.conf import settings
from django.db import connection
from django.urls import path
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

__all__ = ["application"]


class EmptyView(APIView):
    """Stores the body; knows no sender, no duplicates, no meaning."""

    permission_classes = (AllowAny,)

    def post(self, request: Request) -> Response:
        """Commit one row."""
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO bench_row (body) VALUES (%s) RETURNING id", [request._request.body]
            )
            return Response({"id": cursor.fetchone()[0]}, status=202)


urlpatterns = [path("hooks/bench/empty", EmptyView.as_view()), path("healthz", EmptyView.as_view())]
settings.ROOT_URLCONF = __name__
