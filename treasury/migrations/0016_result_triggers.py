"""Days of trades follow the steps of cash, from those on that are kept already.

By itself, for the constraint that its rows are kept by is made where the migration before ends.
"""

from django.db import migrations

from fusion_project.events.sql_files import run_sql


class Migration(migrations.Migration):
    dependencies = [("treasury", "0015_results")]
    operations = [run_sql(__file__, "0016_result_triggers")]
