"""Of the queue's bench: alerts sent one by one, and which order each has become.

Their way is the whole one: webhook, fusion with the lobes of the database, staging, the queue.
"""

import http.client
import json
import random
import time

from tests.bench.load import alert_body
from tests.bench.rig import Rig

# How long the last one may take.
AFTER_SECONDS = 4


def alerts_send(
    rig: Rig, port: int, desks: list[dict[str, str]], rate: float, seconds: float
) -> dict[str, float]:
    """Send so many alerts a second to desks at random; return when each was sent, by its order.

    Orders are looked for afterwards. What has become none has no order: it is left out.
    """
    chance, sent, began = random.Random(2), dict[str, float](), time.time()
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    headers = {"Content-Type": "application/json"}
    for number in range(int(rate * seconds)):
        time.sleep(max(0.0, began + number / rate - time.time()))
        at = time.time()
        line.request("POST", chance.choice(desks)["hook"], alert_body("path", number), headers)
        answer = line.getresponse()
        text = answer.read()
        if answer.status != 202:
            raise RuntimeError(f"an alert was answered {answer.status}: {text[:300]!r}")
        sent[json.loads(text)["trace_id"]] = at
    line.close()
    time.sleep(AFTER_SECONDS)
    orders = rig.rows("SELECT id::text, trace_id FROM execution_order WHERE state <> 'rejected'")
    return {order: sent[trace] for order, trace in orders if trace in sent}
