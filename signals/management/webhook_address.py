"""The whole address of a webhook, for pasting into TradingView. A command has no request to ask."""

from urllib.parse import urlsplit

from django.conf import settings

_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


def webhook_words(path: str) -> str:
    """Return the address on a line of its own, and what is to be known of it where that is much."""
    origins = [one for one in settings.CSRF_TRUSTED_ORIGINS if "*" not in one]
    hosts = [one for one in settings.ALLOWED_HOSTS if one and one[0] not in "*."]
    site = next(iter(origins), "") or next((f"https://{host}" for host in hosts), "")
    if not site:
        return f"{path}\nPut your site before it, as in https://YOUR-HOST{path[:7]}…"
    if urlsplit(site).hostname in _LOOPBACK:
        return f"{site}{path}\nTradingView cannot reach this machine's own address; curl here can."
    return f"{site}{path}"
