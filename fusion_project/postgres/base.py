"""The database engine named in settings: Django's own, with connections that know the deadline."""

from typing import Any

from django.db.backends.postgresql import base
from django.db.backends.postgresql.psycopg_any import IsolationLevel

from fusion_project.postgres.deadline import (
    DatabaseDeadlinePassed,
    DeadlineConnection,
    seconds_left,
)


class DatabaseWrapper(base.DatabaseWrapper):
    """Differs from its parent in the class of its connections alone."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> DeadlineConnection:
        left = seconds_left()
        if left is not None and left <= 0:
            raise DatabaseDeadlinePassed("no time left to connect to Postgres")
        self.isolation_level = IsolationLevel.READ_COMMITTED
        return DeadlineConnection.connect(**conn_params)
