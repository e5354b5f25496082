"""An entry is taken back by what it came from, or by two people."""

from django.db import migrations

from fusion_project.events.sql_files import run_sql


class Migration(migrations.Migration):
    dependencies = [
        ("treasury", "0006_checkpoints"),
        ("second_person", "0002_evidence"),
        ("execution", "0025_deal_of_account"),
    ]
    operations = [
        run_sql(__file__, "0007_entries"),
        run_sql(__file__, "0007_entry_trigger"),
    ]
