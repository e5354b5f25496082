"""Members of the staff."""

import itertools
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group

from fusion_project.ops.services.roles import roles_ensure

_numbers = itertools.count(1)


def staff_make(
    role: str = "", *, password: str = "", is_superuser: bool = False, is_staff: bool = True
) -> Any:
    """A user in one staff group; without a role a member of staff who may see nothing."""
    roles_ensure()
    user = get_user_model().objects.create_user(
        username=f"{role or 'person'}-{next(_numbers)}",
        password=password or None,
        is_staff=is_staff,
        is_superuser=is_superuser,
    )
    if role:
        user.groups.add(Group.objects.get(name=role))
    return user
