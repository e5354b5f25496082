"""Creates the staff groups with the permissions of `ops.roles`; safe to run at any time."""

from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.db.models import Q

from fusion_project.ops import roles


@transaction.atomic
def roles_ensure() -> dict[str, int]:
    """Make every group hold exactly its permissions; returns how many each one has."""
    counts = {}
    for role in roles.ROLES:
        group, _ = Group.objects.get_or_create(name=role)
        granted = list(_permissions_of(role))
        group.permissions.set(granted)
        counts[role] = len(granted)
    return counts


def _permissions_of(role: str) -> list[Permission]:
    views = Q(
        content_type__app_label__in=roles.VIEWED_APPS[role], codename__startswith="view_"
    ) & ~Q(content_type__model__in=roles.HIDDEN_MODELS)
    staff = Q(content_type__app_label="ops", codename__in=roles.OPS_PERMISSIONS[role])
    return list(Permission.objects.filter(views | staff))
