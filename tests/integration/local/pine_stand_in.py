"""Stands in for the Node runner: speaks its protocol, and tells each bar it is given.

The key decides more: `refused/…` answers an error, `silent/…` ends without an answer.
"""

import json
import sys

for line in sys.stdin:
    request = json.loads(line)
    key = request["key"]
    if key.startswith("silent"):
        sys.exit(1)
    if key.startswith("refused"):
        answer = {"key": key, "error": "does not run"}
    else:
        times = [one[0] for one in request["bars"]]
        texts = [json.dumps({"event": "bar", "id": f"{key}:{at}", "bar": at}) for at in times]
        alerts = [{"bar_time": at, "text": text} for at, text in zip(times, texts, strict=True)]
        answer = {"key": key, "alerts": alerts}
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()
