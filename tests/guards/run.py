"""Guards of a run on one machine, of its queue, and of what a site refuses to start with."""

from tests.guards.guard import Guard

_BROKER = "fusion_project/broker.py"
_GARBAGE = ("tests/e2e/test_garbage_in_the_queue.py",)
_ROLE = ("tests/integration/project/test_database_role.py",)
_SETTINGS = ("tests/unit/project/test_settings.py",)
_ROOM = ("tests/unit/local/test_room.py",)

RUN = (
    Guard(
        "queue: what is no JSON ends no worker",
        _BROKER,
        "        except (RecursionError, TypeError, ValueError) as error:\n",
        "        except ZeroDivisionError as error:\n",
        _GARBAGE,
    ),
    Guard(
        "queue: what is no doorbell comes no further",
        _BROKER,
        "        if not is_doorbell(message):\n",
        "        if False:\n",
        _GARBAGE,
    ),
    Guard(
        "queue: what a worker rings is a doorbell",
        "fusion_project/events/doorbell.py",
        '        limits = {"time_limit": None, "soft_time_limit": None}\n',
        "        limits = dict[str, None]()\n",
        ("tests/unit/project/test_broker.py",),
    ),
    Guard(
        "queue: by password alone",
        "fusion_project/local/servers/redis.py",
        'f"requirepass {secrets.token_urlsafe(32)}\\n"',
        'f"# {secrets.token_urlsafe(32)}\\n"',
        _GARBAGE,
    ),
    Guard(
        "database: the owner is nobody to work as",
        "fusion_project/postgres/role.py",
        "    if is_above or owned:\n",
        "    if is_above:\n",
        _ROLE,
    ),
    Guard(
        "database: a superuser is nobody to work as",
        "fusion_project/postgres/role.py",
        "    if is_above or owned:\n",
        "    if owned and not is_above:\n",
        _ROLE,
    ),
    Guard(
        "settings: no database on another machine without TLS",
        "fusion_project/environment.py",
        '        if options["sslmode"] not in _ENCRYPTED:\n',
        "        if False:\n",
        _SETTINGS,
    ),
    Guard(
        "settings: no debug pages for others",
        "fusion_project/settings.py",
        "if IS_PRODUCTION and DEBUG:\n",
        "if False:\n",
        _SETTINGS,
    ),
    Guard(
        "run: without room nothing that needs it is started again",
        "fusion_project/local/run/processes.py",
        "        if name in self._need_room and not self._room_is_left():\n",
        "        if False:\n",
        _ROOM,
    ),
)
