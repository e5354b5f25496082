"""Permissions for symbol maps and webhook secrets."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("ops", "0001_initial")]

    operations = [
        migrations.AlterModelOptions(
            name="opsaccess",
            options={
                "default_permissions": (),
                "managed": False,
                "permissions": [
                    ("view_life_line", "Can read life lines"),
                    ("review_decision", "Can approve and reject decisions"),
                    ("retry_handling", "Can retry a parked handling"),
                    ("close_incident", "Can close an incident"),
                    ("view_ledger", "Can read the trial balance"),
                    ("confirm_symbol", "Can confirm and revoke symbol maps"),
                    ("manage_secret", "Can issue, rotate and revoke webhook secrets"),
                ],
            },
        ),
    ]
