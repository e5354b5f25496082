"""What became of a deal, and the last comparison of cash, stay."""

from django.db import migrations

from fusion_project.events.sql_files import keeps_rows


class Migration(migrations.Migration):
    dependencies = [("treasury", "0002_sql"), ("execution", "0003_evidence")]
    operations = [keeps_rows("treasury_dealposting"), keeps_rows("treasury_cashcheck")]
