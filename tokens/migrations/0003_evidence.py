"""Tokens stay; their rules and awards are appended."""

from django.db import migrations

from fusion_project.events.sql_files import keeps_rows


class Migration(migrations.Migration):
    dependencies = [("tokens", "0002_seed"), ("events", "0003_evidence")]
    operations = [keeps_rows("tokens_token")]
