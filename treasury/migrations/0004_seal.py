"""The ledger is sealed; what it has in common with the event log stands there alone."""

from django.db import migrations

from fusion_project.events.sql_files import run_sql


class Migration(migrations.Migration):
    dependencies = [("treasury", "0003_evidence"), ("events", "0006_seal")]
    operations = [
        run_sql(__file__, "0004_entries"),
        run_sql(__file__, "0004_lines"),
        run_sql(__file__, "0004_posting"),
        run_sql(__file__, "0004_canonical"),
        run_sql(__file__, "0004_sealable"),
    ]
