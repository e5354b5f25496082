"""The database engine named in settings: Django's own, with connections that know the deadline."""

import select
from typing import Any

from django.conf import settings
from django.db.backends.postgresql import base
from django.db.backends.postgresql.psycopg_any import IsolationLevel

from fusion_project.postgres.deadline import (
    DatabaseDeadlinePassed,
    DeadlineConnection,
    seconds_left,
)
from fusion_project.postgres.role import role_check


class DatabaseWrapper(base.DatabaseWrapper):
    """Differs from its parent in the class of its connections, and in how it looks at them."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> DeadlineConnection:
        left = seconds_left()
        if left is not None and left <= 0:
            raise DatabaseDeadlinePassed("no time left to connect to Postgres")
        self.isolation_level = IsolationLevel.READ_COMMITTED
        connection = DeadlineConnection.connect(**conn_params)
        if settings.DATABASE_ROLE_IS_CHECKED:
            role_check(connection)
        return connection

    def is_usable(self) -> bool:
        """Whether a kept connection still stands, as far as this side can tell without asking.

        A server that ends or restarts closes the connection, which is seen here at once. Asking it
        (`SELECT 1`) would cost every request a round trip and finds nothing more where the server
        hangs: then the question hangs as well, and the deadline ends both.
        """
        connection = self.connection
        if connection is None or connection.closed:
            return False
        socket = select.poll()
        socket.register(connection.fileno(), select.POLLIN)
        return not socket.poll(0) or super().is_usable()
