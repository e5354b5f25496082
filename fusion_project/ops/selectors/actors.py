"""Who stands behind an actor or a subject: user names and the admin page of a row."""

from collections.abc import Iterable
from typing import Final

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.urls import NoReverseMatch, reverse

# Subjects that are named by their word, where the table has another name.
_TABLES: Final = {
    "execution.account": "execution.brokeraccount",
    "execution.key": "execution.executorkey",
    "tokens.rule_version": "tokens.ruleversion",
}


def actor_names(actors: Iterable[str]) -> dict[str, str]:
    """Readable words for actors; the log itself keeps only references to people."""
    wanted = {actor for actor in actors if actor.startswith("user:")}
    ids = {int(actor[5:]) for actor in wanted if actor[5:].isdigit()}
    found = get_user_model().objects.filter(pk__in=ids) if ids else ()
    names = {f"user:{user.pk}": user.get_username() for user in found}
    return {actor: names.get(actor, actor) for actor in actors}


def subject_href(subject: str) -> str:
    """Address of the row that `app.model:id` names, or nothing where no page shows it.

    A part of a row, such as one symbol of a strategy (`signals.strategy:3/EURUSD`), leads to it.
    """
    path, _, key = subject.partition(":")
    key, _, _ = key.partition("/")
    app_label, _, model = _TABLES.get(path, path).rpartition(".")
    if (app_label, model) == ("signals", "decision") and key.isdigit():
        return reverse("ops:decision", args=[int(key)])
    if not any(
        one._meta.app_label == app_label and one._meta.model_name == model
        for one in admin.site._registry
    ):
        return ""
    try:
        return reverse(f"admin:{app_label}_{model}_change", args=[key])
    except NoReverseMatch:
        return ""
