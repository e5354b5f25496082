"""Formats that a strategy's people teach."""

from django.db import migrations, models

from fusion_project.events.sql_files import run_sql


class Migration(migrations.Migration):
    dependencies = [("signals", "0023_closed_world")]
    operations = [
        migrations.AddField(
            model_name="strategypolicy",
            name="formats",
            field=models.JSONField(
                blank=True,
                default=list,
                help_text=(
                    "Formats that its people have taught, each a df.format document with its"
                    " examples; a message that fits none may lower risk only."
                ),
            ),
        ),
        run_sql(__file__, "0024_strategies"),
    ]
