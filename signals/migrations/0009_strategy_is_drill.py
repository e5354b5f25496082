"""A drill sends faults on purpose and is counted apart."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("signals", "0008_review_reasons"),
    ]

    operations = [
        migrations.AddField(
            model_name="strategy",
            name="is_drill",
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
