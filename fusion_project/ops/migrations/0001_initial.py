"""Permissions of the staff pages; no table."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="OpsAccess",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
            ],
            options={
                "permissions": [
                    ("view_life_line", "Can read life lines"),
                    ("review_decision", "Can approve and reject decisions"),
                    ("retry_handling", "Can retry a parked handling"),
                    ("close_incident", "Can close an incident"),
                    ("view_ledger", "Can read the trial balance"),
                ],
                "managed": False,
                "default_permissions": (),
            },
        ),
    ]
