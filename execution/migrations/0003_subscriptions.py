"""No account follows a drill: the function of `sql/subscriptions.sql` and its trigger."""

from django.db import migrations

from fusion_project.events.sql_files import run_sql


class Migration(migrations.Migration):
    dependencies = [("execution", "0002_sql"), ("signals", "0004_strategies")]
    operations = [
        run_sql(__file__, "0003_subscriptions"),
        run_sql(__file__, "0003_subscription_trigger"),
    ]
