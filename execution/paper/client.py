"""The executor API over HTTP: every trouble is either `ServerAway` or `Refused`."""

from typing import Any

import httpx2

TIMEOUT_SECONDS = 5.0


class ServerAway(Exception):
    """No answer, or one that promises a later one (5xx, 429): try again with back-off."""


class Refused(Exception):
    """The server understood and said no; `code` is its reason."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code


class ExecutorClient:
    """Posts JSON to `<base_url>/api/v1/executor/<name>` with the executor's key."""

    def __init__(
        self, base_url: str, key: str, *, transport: httpx2.BaseTransport | None = None
    ) -> None:
        self._http = httpx2.Client(
            base_url=base_url.rstrip("/") + "/api/v1/executor/",
            headers={"Authorization": f"Token {key}"},
            timeout=TIMEOUT_SECONDS,
            transport=transport,
            trust_env=False,
        )

    def close(self) -> None:
        self._http.close()

    def post(self, name: str, body: dict[str, Any]) -> dict[str, Any]:
        """Return the answer's JSON. Raises ServerAway, Refused."""
        try:
            response = self._http.post(name, json=body)
        except httpx2.HTTPError as error:
            raise ServerAway(type(error).__name__) from error
        if response.status_code >= 500 or response.status_code == 429:
            raise ServerAway(f"status {response.status_code}")
        try:
            answer = response.json()
        except ValueError as error:
            raise ServerAway("the answer is not JSON") from error
        if response.status_code != 200:
            raise Refused(
                response.status_code, str(answer.get("code", "")), str(answer.get("message", ""))
            )
        return dict(answer)
