"""No account follows a drill: the function of `sql/subscriptions.sql` and its trigger."""

from django.db import migrations

from fusion_project.events.sql_files import run_sql


class Migration(migrations.Migration):
    dependencies = [("execution", "0005_stops"), ("signals", "0010_strategies")]
    operations = [
        run_sql(__file__, "0006_subscriptions"),
        run_sql(__file__, "0006_subscription_trigger"),
    ]
