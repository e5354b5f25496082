"""Tables check the form of an actor, as `fusion_project.text.actors` says it."""

from django.db.models import CheckConstraint, Q

from fusion_project.text.actors import ACTOR_FORM


def actor_known(column: str, *, name: str, or_empty: bool = False) -> CheckConstraint:
    """The table's own check of a column that holds an actor."""
    known = Q(**{f"{column}__regex": ACTOR_FORM})
    return CheckConstraint(condition=known | Q(**{column: ""}) if or_empty else known, name=name)
