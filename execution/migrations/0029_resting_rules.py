"""Second road of amends of entries that wait, and of what live accounts follow."""

from django.db import migrations

from fusion_project.events.sql_files import run_sql


class Migration(migrations.Migration):
    dependencies = [("execution", "0028_resting"), ("signals", "0020_one_entry_meant")]
    operations = [
        run_sql(__file__, "0029_resting"),
        run_sql(__file__, "0029_orders"),
        run_sql(__file__, "0029_entries"),
        run_sql(__file__, "0029_subscriptions"),
    ]
