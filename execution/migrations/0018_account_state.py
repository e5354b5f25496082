"""An account has no switch of its own beside `execution_switch` any more."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("execution", "0017_switch_rules")]
    operations = [
        migrations.RemoveConstraint(model_name="brokeraccount", name="account_state_known"),
        migrations.RemoveField(model_name="brokeraccount", name="state"),
        migrations.RemoveField(model_name="brokeraccount", name="state_reason"),
    ]
