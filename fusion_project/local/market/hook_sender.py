"""Posts alert texts to the webhook as TradingView does: three seconds, no second try by itself."""

import logging

import httpx2

logger = logging.getLogger("fusion.market")

_TIMEOUT_SECONDS = 3.0
# 202 is new, 200 a duplicate or refused by a rule: either way it is kept and need not come again.
STORED = (200, 202)


class HookSender:
    """One sender for all strategies; `secrets` by strategy slug."""

    def __init__(
        self,
        base_url: str,
        secrets: dict[str, str],
        *,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        self._base_url = base_url
        self._secrets = secrets
        self._http = httpx2.Client(timeout=_TIMEOUT_SECONDS, trust_env=False, transport=transport)

    def post(self, slug: str, text: str, what: str) -> int:
        """Send one text; returns the status, 0 where nothing answered."""
        url = f"{self._base_url}/hooks/tradingview/{slug}/{self._secrets[slug]}"
        try:
            status = self._http.post(
                url, content=text, headers={"Content-Type": "application/json; charset=utf-8"}
            ).status_code
        except httpx2.HTTPError as error:
            logger.warning("not sent", extra={"strategy": slug, "error": type(error).__name__})
            return 0
        logger.info("sent", extra={"strategy": slug, "what": what, "status": status})
        return status
