"""Decisions, strategies and secrets: what may not change is refused to every role."""

from django.db import migrations

from fusion_project.events.sql_files import keeps_rows, run_sql


class Migration(migrations.Migration):
    dependencies = [("signals", "0003_deliveries"), ("events", "0003_evidence")]
    operations = [
        run_sql(__file__, "0004_decisions"),
        run_sql(__file__, "0004_strategies"),
        run_sql(__file__, "0004_secrets"),
        run_sql(__file__, "0004_triggers"),
        keeps_rows("signals_strategy"),
        keeps_rows("signals_strategysecret"),
    ]
