"""Who may settle what members of alerts mean."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("ops", "0004_propose_distribution"),
    ]

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
                    ("propose_distribution", "Can propose a distribution to a second person"),
                    ("confirm_symbol", "Can confirm and revoke symbol maps"),
                    ("confirm_request", "Can confirm and withdraw what needs two people"),
                    ("turn_switch", "Can stop entries, and ask to allow them again"),
                    ("close_position", "Can close positions and flatten accounts"),
                    ("manage_secret", "Can issue, rotate and revoke webhook secrets"),
                    ("settle_member", "Can settle what members of alerts mean"),
                ],
            },
        ),
    ]
