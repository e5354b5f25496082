"""A deal of a far later revision, another broker's symbol, and a stop that is no number."""

from django.db import migrations

from fusion_project.events.sql_files import run_sql


class Migration(migrations.Migration):
    dependencies = [("execution", "0006_subscriptions")]
    operations = [
        run_sql(__file__, "0007_folds"),
        run_sql(__file__, "0007_orders"),
        run_sql(__file__, "0007_stops"),
    ]
