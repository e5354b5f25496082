"""A token's rule is changed by two people."""

import django.db.models.deletion
from django.db import migrations, models

from fusion_project.events.sql_files import run_sql


class Migration(migrations.Migration):
    dependencies = [("tokens", "0004_actors"), ("second_person", "0002_evidence")]
    operations = [
        migrations.AddField(
            model_name="ruleversion",
            name="request",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="token_rule",
                to="second_person.request",
            ),
        ),
        run_sql(__file__, "0005_rules"),
        run_sql(__file__, "0005_rule_trigger"),
    ]
