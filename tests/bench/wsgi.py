"""The comparison for `make bench-intake`: the same server and middleware, one empty view.

It does what every receiver must at least do: take the body and commit one row.
"""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fusion_project.settings")
application = get_wsgi_application()

from django.conf import settings  # noqa: E402  settings exist from here on
from django.db import connection  # noqa: E402
from django.urls import path  # noqa: E402
from rest_framework.permissions import AllowAny  # noqa: E402
from rest_framework.request import Request  # noqa: E402
from rest_framework.response import Response  # noqa: E402
from rest_framework.views import APIView  # noqa: E402


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
