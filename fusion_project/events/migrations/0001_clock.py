"""The database clock and the refusal that append-only tables share."""

from django.db import migrations

from fusion_project.events.sql import run_sql


class Migration(migrations.Migration):
    initial = True
    dependencies: list[tuple[str, str]] = []
    operations = [run_sql(__file__, "0001_clock")]
