"""Reads the process environment for settings and refuses what is missing or odd, all at once.

django-environ parses; this module adds `*_FILE` secrets, strict booleans and one report of
every problem, so that a wrong deployment is put right in one go.
"""

import ipaddress
import json
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

T = TypeVar("T")

_BOOLEANS = {
    "on": True,
    "true": True,
    "yes": True,
    "1": True,
    "off": False,
    "false": False,
    "no": False,
    "0": False,
}


# A random key of 50 characters has twice as many at least; less is one letter held down.
_SECRET_CHARACTERS_MIN = 8
# The widest network that is nobody's but ours: fc00::/7, 10.0.0.0/8.
_PREFIX_LENGTH_MIN = 7
_THIS_MACHINE = {"127.0.0.1", "localhost", "::1", "[::1]", "testserver"}
_ENCRYPTED = ("require", "verify-ca", "verify-full")


def is_this_machine(host: str) -> bool:
    """Whether a host name, an address, or the folder of a socket leads nowhere else."""
    if host in _THIS_MACHINE or host == "":
        return True
    if host.startswith("/"):
        return "," not in host  # libpq takes a list, whose next one may be anywhere
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Environment:
    """Collects values and problems; `refuse_problems()` raises once, naming each variable."""

    def __init__(self, source: Mapping[str, str]) -> None:
        self._source = source
        self._problems: list[str] = []

    def text(self, name: str, default: str | None = None) -> str:
        """The value of NAME, or the content of the file that NAME_FILE points at."""
        path = self._source.get(f"{name}_FILE", "")
        value = self._source.get(name, "")
        if path and value:
            return self._problem(name, f"set {name} or {name}_FILE, not both", "")
        if path:
            return self._read_file(name, path)
        if value:
            return value
        if default is None:
            return self._problem(name, "is missing; it has no default", "")
        return default

    def secret(self, name: str, *, minimum_length: int) -> str:
        value = self.text(name)
        if value and len(value) < minimum_length:
            return self._problem(name, f"is too short: at least {minimum_length} characters", value)
        if value and len(set(value)) < _SECRET_CHARACTERS_MIN:
            why = f"repeats itself: at least {_SECRET_CHARACTERS_MIN} different characters"
            return self._problem(name, why, value)
        return value

    def hex_key(self, name: str, *, octets: int) -> str:
        """A key in hex, or '' where none is set."""
        value = self.text(name, "").lower()
        if value and (len(value) != 2 * octets or set(value) - set("0123456789abcdef")):
            return self._problem(name, f"is no key: {2 * octets} hex digits", "")
        return value

    def boolean(self, name: str, default: bool) -> bool:
        raw = self.text(name, "on" if default else "off").strip().lower()
        if raw not in _BOOLEANS:
            return self._problem(name, f"is {raw!r}; expected on or off", default)
        return _BOOLEANS[raw]

    def integer(self, name: str, default: int, *, low: int, high: int) -> int:
        raw = self.text(name, str(default)).strip()
        if not raw.lstrip("-").isascii() or not raw.lstrip("-").isdigit():
            return self._problem(name, f"is {raw!r}; expected a whole number", default)
        value = int(raw)
        if not low <= value <= high:
            return self._problem(name, f"is {value}; expected {low} to {high}", default)
        return value

    def choice(self, name: str, default: str, allowed: tuple[str, ...]) -> str:
        value = self.text(name, default).strip()
        if value not in allowed:
            return self._problem(
                name, f"is {value!r}; expected one of {', '.join(allowed)}", default
            )
        return value

    def words(self, name: str, default: str) -> list[str]:
        value = self.text(name, default)
        return [word.strip() for word in value.split(",") if word.strip()]

    def origins(self, name: str, default: str) -> list[str]:
        found = self.words(name, default)
        for origin in found:
            parts = urlsplit(origin)
            if parts.scheme not in ("http", "https") or not parts.netloc or parts.path:
                self._problem(name, f"has {origin!r}; expected http(s)://host[:port]", "")
            elif parts.hostname == "*":
                self._problem(name, f"has {origin!r}, which is everybody", "")
        return found

    def networks(self, name: str, default: str) -> list[str]:
        found = self.words(name, default)
        for network in found:
            try:
                known = ipaddress.ip_network(network)
            except ValueError:
                self._problem(name, f"has {network!r}; expected an address or a network", "")
                continue
            if known.prefixlen < _PREFIX_LENGTH_MIN:
                self._problem(name, f"has {network!r}, which is nearly everybody", "")
        return found

    def database(self, name: str, default: str | None = None) -> dict[str, Any]:
        """A Django DATABASES entry from a postgres:// URL; anything else is refused."""
        url = self.text(name, default)
        if not url:
            return {}
        if urlsplit(url).scheme not in ("postgres", "postgresql"):
            return self._problem(name, "must be a postgres:// URL", {})
        return self._parsed(name, lambda: dict(environ.Env.db_url_config(url)), {})

    def encrypted(self, name: str, database: dict[str, Any]) -> dict[str, Any]:
        """The same database, by TLS where it is on another machine. Refuses what may do without."""
        if not database or all(is_this_machine(place) for place in self._places(database)):
            return database
        options = {"sslmode": "require", **database.get("OPTIONS", {})}
        if options["sslmode"] not in _ENCRYPTED:
            why = f"asks for sslmode={options['sslmode']}, and the database is on another machine"
            return self._problem(name, f"{why}; expected require, verify-ca or verify-full", {})
        return {**database, "OPTIONS": options}

    def _places(self, database: dict[str, Any]) -> list[str]:
        """Where libpq would connect to: what the address says, its options, its own variables.

        A service is a name for any of them, so it is taken for elsewhere.
        """
        options = database.get("OPTIONS", {})
        host = database.get("HOST") or options.get("host") or self._source.get("PGHOST", "")
        address = options.get("hostaddr") or self._source.get("PGHOSTADDR", "")
        service = options.get("service") or self._source.get("PGSERVICE", "")
        return [str(host), str(address), f"service {service}" if service else ""]

    def redis(self, name: str) -> str:
        """A redis:// URL, or the empty string where the value is `off`."""
        url = self.text(name)
        if url.lower() == "off":
            return ""
        if url and urlsplit(url).scheme not in ("redis", "rediss", "unix"):
            return self._problem(name, "must be a redis:// URL or off", "")
        return url

    def web_address(self, name: str, default: str, *, has_key: bool) -> str:
        """An http(s) address without query; a key goes to another machine by TLS alone."""
        url = self.text(name, default)
        parts = urlsplit(url)
        if not url:
            return ""
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query:
            return self._problem(name, "is no http(s) address", "")
        if has_key and parts.scheme == "http" and not is_this_machine(parts.hostname):
            return self._problem(name, "is http://, and a key would be sent there unencrypted", "")
        return url

    def decimals(self, name: str, default: str, *, count: int) -> list[Decimal]:
        """So many numbers of at least 0, apart by commas."""
        found = self.words(name, default)
        try:
            values = [Decimal(one) for one in found]
        except InvalidOperation:
            values = []
        if len(values) != count or not all(one.is_finite() and one >= 0 for one in values):
            why = f"is {','.join(found)!r}; expected {count} numbers of at least 0"
            return self._problem(name, why, [Decimal(0)] * count)
        return values

    def json_object(self, name: str, default: str) -> dict[str, Any]:
        """A JSON object."""
        try:
            value = json.loads(self.text(name, default))
        except ValueError:
            value = None
        if not isinstance(value, dict):
            return self._problem(name, "is no JSON object", {})
        return value

    def refuse(self, name: str, why: str) -> None:
        """For rules that join several values."""
        self._problem(name, why, None)

    def refuse_problems(self) -> None:
        """Raise ImproperlyConfigured with every problem found, one a line."""
        if self._problems:
            listing = "\n".join(f"  {problem}" for problem in self._problems)
            raise ImproperlyConfigured(f"The environment is not fit to start with:\n{listing}")

    def _read_file(self, name: str, path: str) -> str:
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            return self._problem(f"{name}_FILE", f"cannot be read: {error}", "")

    def _parsed(self, name: str, parse: Callable[[], T], fallback: T) -> T:
        try:
            return parse()
        except Exception as error:  # django-environ raises whatever its parser met
            return self._problem(
                name, f"cannot be read as a URL ({type(error).__name__})", fallback
            )

    def _problem(self, name: str, why: str, fallback: T) -> T:
        self._problems.append(f"{name}: {why}")
        return fallback
