"""Legal edges of a deal's posting."""

from django.db import migrations

from fusion_project.events.sql import run_sql


class Migration(migrations.Migration):
    dependencies = [("treasury", "0003_post")]
    operations = [run_sql(__file__, "0004_deal_posting")]
