"""Permissions of the staff pages that belong to no single table; passwords that must change."""

from django.conf import settings
from django.db import models


class OpsAccess(models.Model):
    """Holds permissions only; there is no table behind it."""

    class Meta:
        managed = False
        default_permissions = ()
        permissions = [
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
        ]

    def __str__(self) -> str:
        return "staff permissions"


class PasswordChangeDue(models.Model):
    """A user whose password another person set; gone once the user has chosen one."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    set_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"user {self.user_id} has to choose a password"
