"""Who acts: members of staff who may sign in, as actors of the log."""

from django.contrib.auth import get_user_model

from fusion_project.second_person.errors import PersonUnknown
from fusion_project.text.actors import user_id_of


def person_check(actor: str) -> str:
    """Return the actor where it is a person of the staff; raises PersonUnknown."""
    user_id = user_id_of(actor)
    people = get_user_model().objects.filter(is_active=True, is_staff=True)
    if user_id is None or not people.filter(id=user_id).exists():
        raise PersonUnknown(f"{actor} is nobody of the staff who may sign in.", actor=actor)
    return actor
