"""Decisions, strategies and secrets: what may not change is refused to every role."""

from django.db import migrations

from fusion_project.events.sql_files import keeps_rows, run_sql


class Migration(migrations.Migration):
    dependencies = [("signals", "0002_sql"), ("events", "0003_evidence")]
    operations = [
        run_sql(__file__, "0003_decisions"),
        run_sql(__file__, "0003_strategies"),
        run_sql(__file__, "0003_secrets"),
        run_sql(__file__, "0003_triggers"),
        keeps_rows("signals_strategy"),
        keeps_rows("signals_strategysecret"),
    ]
