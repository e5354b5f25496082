"""Entries are judged by the table too, and a position is what its deals fold to."""

from django.db import migrations, models

from fusion_project.events.sql_files import run_sql


class Migration(migrations.Migration):
    dependencies = [("execution", "0019_symbols"), ("signals", "0006_policy_stop")]
    operations = [
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                fields=["account", "staged_at"],
                name="order_entries_by_time",
                condition=models.Q(verb="entry"),
            ),
        ),
        run_sql(__file__, "0020_stops"),
        run_sql(__file__, "0020_entries"),
        run_sql(__file__, "0020_volumes"),
        run_sql(__file__, "0020_symbols"),
        run_sql(__file__, "0020_triggers"),
    ]
