"""Stands in for the Node runner: speaks its protocol, and tells each bar it is given.

The key decides more: `refused/…` answers an error, `moody/…` does so the second time, `silent/…`
ends without an answer, `hung/…` gives none, `chatty/…` says something else first, and `holder/…`
enters on the hour.
"""

import json
import sys
import time
from typing import Any

HOUR_MS = 3_600_000
running: set[str] = set()
asked_before: dict[str, int] = {}


def said(key: str, at: int) -> dict[str, Any] | None:
    """What is told of the bar that opened at this time."""
    if not key.startswith("holder"):
        return {"event": "bar", "id": f"{key}:{at}", "bar": at}
    if at % HOUR_MS:
        return None
    return {
        "schema": "df.signal",
        "v": 1,
        "minor": 1,
        "id": f"entry:{at}",
        "event": "entry",
        "script": "holder",
        "script_ver": "1.0.0",
        "symbol": "EURUSD",
        "exchange": "OANDA",
        "tf": "5S",
        "env": "paper",
        "trade_id": f"entry:{at}",
        "side": "buy",
        "bar": at,
    }


def answer_to(request: dict[str, Any]) -> dict[str, Any]:
    key = request["key"]
    asked_before[key] = asked_before.get(key, 0) + 1
    if key.startswith("refused") or (key.startswith("moody") and asked_before[key] == 2):
        running.discard(key)
        return {"key": key, "error": "does not run"}
    if "script" not in request and key not in running:
        return {"key": key, "error": "open it first"}
    running.add(key)
    told = [(one[0], said(key, one[0])) for one in request["bars"]]
    alerts = [{"bar_time": at, "text": json.dumps(text)} for at, text in told if text]
    return {"key": key, "alerts": alerts}


for line in sys.stdin:
    asked = json.loads(line)
    if asked["key"].startswith("silent"):
        sys.exit(1)
    if asked["key"].startswith("hung"):
        time.sleep(60)
    if asked["key"].startswith("chatty"):
        sys.stdout.write("Warning: something\n")
    sys.stdout.write(json.dumps(answer_to(asked)) + "\n")
    sys.stdout.flush()
