"""The intake functions: accept, refuse and count, each one round trip."""

from django.db import migrations

from fusion_project.events.sql import run_sql


class Migration(migrations.Migration):
    dependencies = [("signals", "0003_guards")]
    operations = [run_sql(__file__, "0004_accept")]
