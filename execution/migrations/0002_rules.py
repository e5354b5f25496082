"""Triggers of execution: order edges, frozen instructions, append-only reports and deals."""

from django.db import migrations

from fusion_project.events.sql import append_only, run_sql


class Migration(migrations.Migration):
    dependencies = [
        ("execution", "0001_initial"),
        ("events", "0003_record"),
    ]

    operations = [
        run_sql(__file__, "0002_order_rules"),
        append_only("execution_report"),
        append_only("execution_deal"),
    ]
