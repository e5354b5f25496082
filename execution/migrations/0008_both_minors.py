"""Who reads how much of the contract: of each run of an executor, and for each order."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("execution", "0007_attacked"),
    ]

    operations = [
        migrations.AddField(
            model_name="brokeraccount",
            name="instance_minor",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="brokeraccount",
            name="instance_nonce",
            field=models.CharField(blank=True, default="", max_length=64),
        ),
        migrations.AddField(
            model_name="brokeraccount",
            name="refused_nonce",
            field=models.CharField(blank=True, default="", max_length=64),
        ),
        migrations.AddField(
            model_name="brokeraccount",
            name="refused_since",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="order",
            name="needs_minor",
            field=models.PositiveSmallIntegerField(default=0),
        ),
    ]
