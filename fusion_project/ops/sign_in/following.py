"""Writes down sign-ins, sign-outs, and every change of users and roles, whoever makes it.

Django tells of these by its signals alone. Passwords, names and addresses of people stay out of the
log: it says who changed which field of whom.
"""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import Group, User
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.db import transaction
from django.db.models.signals import m2m_changed, post_delete, post_save, pre_save
from django.dispatch import receiver

from fusion_project.events import names
from fusion_project.events.log import record
from fusion_project.events.subjects import subject_of
from fusion_project.ops.sign_in.acting import actor_now
from fusion_project.ops.sign_in.passwords import password_changed
from fusion_project.text.actors import actor_of_user

# Django writes it at each sign-in, which has an event of its own.
_NOT_TOLD = {"id", "last_login"}
_POWERS = ("is_active", "is_staff", "is_superuser")


@transaction.atomic
def _record(name: str, about: User | Group, actor: str = "", **detail: object) -> None:
    # The user of a request is wrapped: its class is not the model.
    subject = subject_of(about._meta.model, about.pk)
    record(name, subject=subject, trace_id="", actor=actor or actor_now(), detail=detail)


@receiver(user_logged_in, dispatch_uid="ops.signed_in")
def signed_in(sender: Any, user: User, **_: Any) -> None:
    _record(names.SESSION_STARTED, user, actor_of_user(user.pk))


@receiver(user_logged_out, dispatch_uid="ops.signed_out")
def signed_out(sender: Any, user: User | None, **_: Any) -> None:
    if user is not None and user.pk:
        _record(names.SESSION_ENDED, user, actor_of_user(user.pk))


@receiver(pre_save, sender=User, dispatch_uid="ops.user_before")
def user_before(sender: Any, instance: User, **_: Any) -> None:
    fields = [field.attname for field in User._meta.concrete_fields if field.name not in _NOT_TOLD]
    former = User.objects.filter(pk=instance.pk).values(*fields).first() if instance.pk else None
    instance.ops_former = former  # type: ignore[attr-defined]


@receiver(post_save, sender=User, dispatch_uid="ops.user_saved")
@transaction.atomic
def user_saved(
    sender: Any, instance: User, created: bool, update_fields: Iterable[str] | None, **_: Any
) -> None:
    former: dict[str, Any] = getattr(instance, "ops_former", None) or {}
    written = set(update_fields or former)
    changed = {
        name
        for name, value in former.items()
        if name in written and getattr(instance, name) != value
    }
    # A sign-in stores the same password by a newer method.
    is_rehash = written == {"password"} and instance._password is None  # type: ignore[attr-defined]
    is_first = created and instance.has_usable_password()
    if is_first or ("password" in changed and not is_rehash):
        password_changed(instance, actor=actor_now(), is_new_user=created)
    if created:
        powers = {name: getattr(instance, name) for name in _POWERS}
        _record(names.USER_CHANGED, instance, change="created", **powers)
    elif told := sorted(changed - {"password"}):
        powers = {name: getattr(instance, name) for name in told if name in _POWERS}
        _record(names.USER_CHANGED, instance, change="changed", fields=told, **powers)


@receiver(post_delete, sender=User, dispatch_uid="ops.user_deleted")
def user_deleted(sender: Any, instance: User, **_: Any) -> None:
    _record(names.USER_CHANGED, instance, change="deleted")


@receiver(post_save, sender=Group, dispatch_uid="ops.role_saved")
def role_saved(sender: Any, instance: Group, created: bool, **_: Any) -> None:
    change = "created" if created else "changed"
    _record(names.ROLE_CHANGED, instance, change=change, role=instance.name)


@receiver(post_delete, sender=Group, dispatch_uid="ops.role_deleted")
def role_deleted(sender: Any, instance: Group, **_: Any) -> None:
    _record(names.ROLE_CHANGED, instance, change="deleted", role=instance.name)


# Who holds what: the holder's model, its manager, the other side's, the word, and how one is named.
_HELD: dict[Any, tuple[type[User | Group], str, str, str, str]] = {
    User.groups.through: (User, "groups", "user_set", "roles", "name"),
    User.user_permissions.through: (
        User,
        "user_permissions",
        "user_set",
        "permissions",
        "codename",
    ),
    Group.permissions.through: (Group, "permissions", "group_set", "permissions", "codename"),
}
# Clearing tells no keys, so it is read before it happens.
_WORDS = {"post_add": "added", "post_remove": "removed", "pre_clear": "removed"}


@receiver(m2m_changed, dispatch_uid="ops.held_changed")
def held_changed(
    sender: Any,
    instance: Any,
    action: str,
    reverse: bool,
    model: Any,
    pk_set: set[int] | None,
    **_: Any,
) -> None:
    word = _WORDS.get(action)
    if word is None or sender not in _HELD:
        return
    holder_model, manager, other_manager, change, naming = _HELD[sender]
    found = getattr(instance, other_manager if reverse else manager).all()
    if pk_set is not None:
        found = model.objects.filter(pk__in=pk_set)
    holders = list(found) if reverse else [instance]
    told = [instance] if reverse else list(found)
    name = names.USER_CHANGED if holder_model is User else names.ROLE_CHANGED
    for holder in holders if told else ():
        named = sorted(getattr(one, naming) for one in told)
        _record(name, holder, "", change=change, **{word: named})
