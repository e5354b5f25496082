"""What steers `make run`, read from the environment and refused where odd. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from execution.paper.manners import MannersInvalid, manners_read

ON = {"on", "true", "yes", "1"}
ALERTS = ("sample", "pine")
EXECUTORS = ("paper", "ea")
LOBES = ("database", "llm")
OFF = {"off", "false", "no", "0"}

HELP = """\
Start the whole project on this machine and stop it with Ctrl-C.

Steered by the environment:
  PORT                 web port on 127.0.0.1 (default 8000)
  FUSION_HOME          folder of all data, logs and credentials (default .local)
  DATABASE_URL         use this PostgreSQL as fusion_app, start none
  DATABASE_DIRECT_URL  the same database as its owner; needed where DATABASE_URL is a
                       pooler or an unprivileged role (default: DATABASE_URL)
  REDIS_URL            use this Redis, start none
  REDIS=off            run without Redis and Celery: drain alone does the work
  ALERTS=pine          the sample market's alerts come from the real Pine scripts (needs
                       Node 20 or newer); default sample: from built-in rules
  EXECUTOR=ea          orders are carried out by the compiled Expert Advisor at a simulated
                       broker (Linux, needs g++ or clang); default paper
  LOBES=llm            a small open model is started on this machine and asked about each
                       entry; default database: only models that have a key or an address
  CHAIN=off            no loopback chain server beside it; the paper book's token is bound to none
  PAPER_MANNERS        how the paper broker misbehaves, such as "requote_percent=5"
                       (docs/settings.md); default: it does not
  SAMPLE_MARKET=off    no sample alerts; prices go on and real alerts are awaited
  LOG_LEVEL            DEBUG, INFO, WARNING or ERROR (default INFO)
"""


class RunRefused(Exception):
    """The run cannot start or go on; the text is one sentence for a person."""


@dataclass(frozen=True)
class RunOptions:
    """One run's settings. Empty URLs mean: start our own."""

    port: int
    home: Path
    database_url: str
    database_direct_url: str
    redis_url: str
    redis_off: bool
    sample_market: bool
    alerts: str
    executor: str
    lobes: str
    chain: bool
    paper_manners: str
    log_level: str

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def options_read(source: Mapping[str, str], default_home: Path) -> RunOptions:
    """Read and check all of it. Raises RunRefused."""
    redis_url = source.get("REDIS_URL", "").strip()
    redis_off = not _switch(source, "REDIS") or redis_url.lower() == "off"
    if redis_url and redis_url.lower() != "off":
        if not _switch(source, "REDIS"):
            raise RunRefused("REDIS=off and REDIS_URL exclude each other; set one of them.")
        _check_scheme("REDIS_URL", redis_url, ("redis", "rediss", "unix"))
    database_url = source.get("DATABASE_URL", "").strip()
    direct_url = source.get("DATABASE_DIRECT_URL", "").strip()
    for name, url in (("DATABASE_URL", database_url), ("DATABASE_DIRECT_URL", direct_url)):
        if url:
            _check_scheme(name, url, ("postgres", "postgresql"))
    if direct_url and not database_url:
        raise RunRefused("DATABASE_DIRECT_URL is set without DATABASE_URL; set both or none.")
    return RunOptions(
        port=_port(source.get("PORT", "").strip() or "8000"),
        home=home_path(source, default_home),
        database_url=database_url,
        database_direct_url=direct_url or database_url,
        redis_url="" if redis_off else redis_url,
        redis_off=redis_off,
        sample_market=_switch(source, "SAMPLE_MARKET"),
        alerts=_alerts(source),
        executor=_choice(source, "EXECUTOR", EXECUTORS),
        lobes=_choice(source, "LOBES", LOBES),
        chain=_switch(source, "CHAIN"),
        paper_manners=_paper_manners(source),
        log_level=_log_level(source.get("LOG_LEVEL", "").strip() or "INFO"),
    )


def home_path(source: Mapping[str, str], default_home: Path) -> Path:
    """The folder that FUSION_HOME names, else the default."""
    return Path(source.get("FUSION_HOME", "").strip() or default_home).expanduser().absolute()


def url_without_password(url: str) -> str:
    """A URL that may be shown: `postgresql://user@host:5432/name`."""
    parts = urlsplit(url)
    user = f"{parts.username}@" if parts.username else ""
    try:
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        port = ""
    return urlunsplit((parts.scheme, f"{user}{parts.hostname or ''}{port}", parts.path, "", ""))


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 65_535):
        raise RunRefused(f"PORT is {text!r}; expected a number from 1 to 65535.")
    return int(text)


def _switch(source: Mapping[str, str], name: str) -> bool:
    """All switches are on unless switched off."""
    text = source.get(name, "").strip().lower() or "on"
    if text not in ON | OFF:
        raise RunRefused(f"{name} is {text!r}; expected on or off.")
    return text in ON


def _alerts(source: Mapping[str, str]) -> str:
    text = _choice(source, "ALERTS", ALERTS)
    if text == "pine" and not _switch(source, "SAMPLE_MARKET"):
        raise RunRefused("ALERTS=pine and SAMPLE_MARKET=off exclude each other; set one of them.")
    return text


def _choice(source: Mapping[str, str], name: str, allowed: tuple[str, str]) -> str:
    """The first one is the default."""
    text = source.get(name, "").strip().lower() or allowed[0]
    if text not in allowed:
        raise RunRefused(f"{name} is {text!r}; expected {allowed[0]} or {allowed[1]}.")
    return text


def _paper_manners(source: Mapping[str, str]) -> str:
    text = source.get("PAPER_MANNERS", "").strip()
    try:
        manners_read(text)
    except MannersInvalid as error:
        raise RunRefused(f"PAPER_MANNERS: {error}.") from error
    if text and _choice(source, "EXECUTOR", EXECUTORS) != "paper":
        raise RunRefused("PAPER_MANNERS is for EXECUTOR=paper; unset one of them.")
    return text


def _log_level(text: str) -> str:
    if text not in ("DEBUG", "INFO", "WARNING", "ERROR"):
        raise RunRefused(f"LOG_LEVEL is {text!r}; expected DEBUG, INFO, WARNING or ERROR.")
    return text


def _check_scheme(name: str, url: str, allowed: tuple[str, ...]) -> None:
    # Never the value itself: it may hold a password.
    if urlsplit(url).scheme not in allowed:
        raise RunRefused(f"{name} is not a {allowed[0]}:// URL.")
