"""Second road of amends of entries that wait, and of what live accounts follow."""

from django.db import migrations

from fusion_project.events.sql_files import run_sql


class Migration(migrations.Migration):
    dependencies = [("execution", "0029_resting"), ("signals", "0021_one_entry_meant")]
    operations = [
        run_sql(__file__, "0030_resting"),
        run_sql(__file__, "0030_orders"),
        run_sql(__file__, "0030_entries"),
        run_sql(__file__, "0030_subscriptions"),
    ]
