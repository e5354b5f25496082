"""A preview is kept once and in time, and people approve no entry without one."""

from django.db import migrations

from fusion_project.events.sql_files import append_only, run_sql


class Migration(migrations.Migration):
    dependencies = [("signals", "0013_previews")]
    operations = [
        run_sql(__file__, "0014_previews"),
        run_sql(__file__, "0014_preview_trigger"),
        run_sql(__file__, "0014_decisions"),
        append_only("signals_preview"),
    ]
