"""The three tokens with their first rules, and the tables that never change."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db import migrations

from fusion_project.events.clock import now
from fusion_project.events.sql_files import append_only

DECIMALS = 9
SINCE = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
TOKENS: list[dict[str, Any]] = [
    {
        "code": "DAI",
        "name": "Dynamic AI",
        "kind": "internal",
        "cap": None,
        "parameters": {"base": "1", "minimum": "0.01", "p_unknown": "0.5"},
    },
    {
        "code": "DA",
        "name": "Dynamic Algo",
        "kind": "internal",
        "cap": None,
        "parameters": {
            "base": "1",
            "minimum": "0.01",
            "half_slippage_bps": "5",
            "half_latency_ms": "2000",
            "latency_unknown_factor": "0.5",
        },
    },
    {
        "code": "DCT",
        "name": "Dynamic Capital Token",
        "kind": "jetton",
        "cap": Decimal(100_000_000),
        "parameters": {"burn_bps": 2_000, "reward_bps": 3_000, "retained_bps": 5_000},
    },
]


def tokens_seed(apps: Any, _schema_editor: Any) -> None:
    currency_model = apps.get_model("treasury", "Currency")
    token_model = apps.get_model("tokens", "Token")
    rule_model = apps.get_model("tokens", "RuleVersion")
    for row in TOKENS:
        currency, _ = currency_model.objects.get_or_create(
            code=row["code"], defaults={"scale": DECIMALS}
        )
        token, _ = token_model.objects.get_or_create(
            code=row["code"],
            defaults={
                "name": row["name"],
                "kind": row["kind"],
                "decimals": DECIMALS,
                "cap": row["cap"],
                "currency": currency,
            },
        )
        rule_model.objects.get_or_create(
            token=token,
            version=1,
            defaults={
                "parameters": row["parameters"],
                "valid_from": SINCE,
                "recorded_at": now(),
            },
        )


class Migration(migrations.Migration):
    dependencies = [("tokens", "0001_initial"), ("treasury", "0002_sql")]
    operations = [
        append_only("tokens_ruleversion"),
        append_only("tokens_positionaward"),
        migrations.RunPython(tokens_seed, migrations.RunPython.noop),
    ]
