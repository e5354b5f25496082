"""Calls of the executor API as an executor sends them; every answer is one that is published."""

import json

from django.test import Client

from tests.contract.execution.published import answer_checked

BASE = "/api/v1/executor/"


def post(desk, name, body, *, key=None, raw=None, **headers):
    content = raw if raw is not None else json.dumps(body).encode()
    answer = Client(raise_request_exception=False).post(
        BASE + name,
        content,
        content_type=headers.pop("content_type", "application/json"),
        headers={"Authorization": f"Token {key or desk.key_text}", **headers},
    )
    return answer_checked(name, answer)


def hello_body(desk, **changes):
    return {
        "instance": "ea-1",
        "server": desk.account.server,
        "login": desk.account.login,
        "currency": "USD",
        "margin_mode": "hedging",
        "versions": {"executor": "1.0"},
        "balance": "10000.00",
        "equity": "10000.00",
        "symbols": [
            {
                "symbol": "EURUSD",
                "digits": 5,
                "tick_size": "0.00001",
                "tick_value": "1",
                "contract_size": "100000",
                "lot_min": "0.01",
                "lot_step": "0.01",
                "lot_max": "100",
                "stops_level_points": 0,
            }
        ],
        **changes,
    }


def heartbeat_body(**changes):
    return {
        "instance": "ea-1",
        "balance": "10000",
        "equity": "10000.50",
        "margin": "0",
        "watermark": {"time_msc": 0, "ticket": "0"},
        "open_tickets": [],
        **changes,
    }
