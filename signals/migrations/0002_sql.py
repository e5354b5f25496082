"""Snapshot 1 of the functions, the partitioned deliveries, and the rules that tables hold."""

from django.db import migrations

from fusion_project.events.sql_files import append_only, run_sql


class Migration(migrations.Migration):
    dependencies = [("signals", "0001_initial"), ("events", "0002_sql")]
    operations = [
        run_sql(__file__, "0002_types"),
        run_sql(__file__, "0002_callers"),
        run_sql(__file__, "0002_decisions"),
        run_sql(__file__, "0002_deliveries"),
        run_sql(__file__, "0002_intake"),
        run_sql(__file__, "0002_strategies"),
        run_sql(__file__, "0002_trades"),
        run_sql(__file__, "0002_deliveries_table"),
        run_sql(__file__, "0002_tables"),
        run_sql(__file__, "0002_triggers"),
        append_only("signals_alert"),
        append_only("signals_alertconflict"),
        append_only("signals_opinion"),
        append_only("signals_review"),
        append_only("signals_feature"),
        append_only("signals_strategypolicy"),
        append_only("signals_lobeweight"),
    ]
