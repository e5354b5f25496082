"""The delivery table, partitioned by month from the start, and the rows that never change."""

from django.db import migrations

from fusion_project.events.sql import append_only, run_sql


class Migration(migrations.Migration):
    dependencies = [("signals", "0001_initial"), ("events", "0003_record")]
    operations = [
        run_sql(__file__, "0002_deliveries"),
        append_only("signals_alert"),
        append_only("signals_alertconflict"),
        append_only("signals_opinion"),
        append_only("signals_review"),
        append_only("signals_feature"),
    ]
