"""The queue's edge: doorbells in the form that we send come in, anything else is dropped.

Celery trusts what lies in its queue: one text that is no message would end a worker, and a message
that it cannot take up would keep a place in its hands for ever. Named in `CELERY_BROKER_TRANSPORT`.
"""

import base64
import datetime as dt
import json
import logging
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from kombu.transport import TRANSPORT_ALIASES, redis

logger = logging.getLogger("fusion.broker")

# For addresses of sockets, which name their transport themselves: `unix://` is not known to kombu.
ALIAS: Final = "doorbells"
TRANSPORT: Final = "fusion_project.broker:Transport"
TRANSPORT_ALIASES[ALIAS] = TRANSPORT

_NO_ARGUMENTS: Final = [[], {}, dict.fromkeys(("callbacks", "errbacks", "chain", "chord"))]
_ALIKE: Final[dict[str, Any]] = {
    "argsrepr": "()",
    "eta": None,
    "group": None,
    "group_index": None,
    "ignore_result": True,
    "kwargsrepr": "{}",
    "lang": "py",
    "parent_id": None,
    "replaced_task_nesting": 0,
    "retries": 0,
    "shadow": None,
    "stamped_headers": None,
    "stamps": {},
    "timelimit": [None, None],
}
_TEXTS: Final = ("id", "origin", "root_id", "task")


class Channel(redis.Channel):
    """Takes texts from the queue; one that is no JSON is dropped."""

    def _brpop_read(self, **options: Any) -> Any:
        try:
            return super()._brpop_read(**options)  # type: ignore[no-untyped-call]
        except (RecursionError, TypeError, ValueError) as error:
            _dropped(type(error).__name__)
            return True


class Transport(redis.Transport):
    """Hands on what is a doorbell."""

    Channel = Channel

    def _deliver(self, message: Any, queue: str) -> Any:
        if not is_doorbell(message):
            _dropped("not a doorbell")
            return None
        return super()._deliver(message, queue)  # type: ignore[no-untyped-call]


def is_doorbell(message: Any) -> bool:
    """Whether a message is one as `events/doorbell.py` sends it: a name, and nothing to do with it.

    Whether the name is that of a task is the worker's to say.
    """
    try:
        headers, properties = message["headers"], message["properties"]
        body = json.loads(base64.b64decode(message["body"], validate=True))
        form = (message["content-type"], message["content-encoding"], properties["body_encoding"])
        return (
            form == ("application/json", "utf-8", "base64")
            and body == _NO_ARGUMENTS
            and headers.keys() == {*_ALIKE, *_TEXTS, "expires"}
            and all(headers[name] == value for name, value in _ALIKE.items())
            and all(isinstance(headers[name], str) for name in _TEXTS)
            and _is_time(headers["expires"])
            and _is_plain(properties)
        )
    except (AttributeError, LookupError, RecursionError, TypeError, ValueError):
        return False


def celery_url(redis_url: str) -> str:
    """The address of the same server in Celery's words; `memory://` where there is none."""
    parts = urlsplit(redis_url)
    if parts.scheme != "unix":
        return redis_url or "memory://"
    database = parse_qs(parts.query).get("db", ["0"])[0]
    account = f"{parts.netloc}" if parts.netloc else ""
    return f"{ALIAS}+socket://{account}{parts.path}?virtual_host={database}"


def _is_time(text: str | None) -> bool:
    return text is None or dt.datetime.fromisoformat(text).tzinfo is not None


def _is_plain(properties: dict[str, Any]) -> bool:
    info = properties["delivery_info"]
    words = (properties["delivery_tag"], properties["correlation_id"], *info.values())
    return all(isinstance(one, str) for one in words) and info.keys() == {"exchange", "routing_key"}


def _dropped(why: str) -> None:
    logger.warning("dropped from the queue", extra={"why": why})
