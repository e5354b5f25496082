"""Decision states move along their table only, and a policy change always raises the version."""

from django.db import migrations

from fusion_project.events.sql import run_sql


class Migration(migrations.Migration):
    dependencies = [("signals", "0002_deliveries")]
    operations = [run_sql(__file__, "0003_guards")]
