"""The bytes that are hashed of an entry come from functions whose plans a session keeps."""

from django.db import migrations

from fusion_project.events.sql_files import run_sql


class Migration(migrations.Migration):
    dependencies = [("treasury", "0017_pools")]
    operations = [run_sql(__file__, "0018_entries"), run_sql(__file__, "0018_posting")]
