"""Deals of an account in the order in which they came, so that a reader can go on behind a mark."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("execution", "0024_twins")]

    operations = [
        migrations.AddIndex(
            model_name="deal",
            index=models.Index(fields=["account", "id"], name="deal_of_account"),
        ),
        migrations.AlterField(
            model_name="deal",
            name="account",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="deals",
                to="execution.brokeraccount",
            ),
        ),
    ]
