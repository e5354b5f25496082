"""Who stands behind an actor or a subject: user names and the admin page of a row."""

from collections.abc import Iterable

from django.contrib import admin
from django.contrib.admin.templatetags.admin_urls import admin_urlname
from django.contrib.auth import get_user_model
from django.urls import NoReverseMatch, reverse
from django.utils.safestring import SafeString

from fusion_project.events.subjects import subject_model, subject_parse
from fusion_project.text.actors import user_id_of
from signals.models import Decision


def actor_names(actors: Iterable[str]) -> dict[str, str]:
    """Readable words for actors; the log itself keeps only references to people."""
    people = {actor: user_id for actor in actors if (user_id := user_id_of(actor)) is not None}
    found = get_user_model().objects.in_bulk(people.values()) if people else {}
    names = {
        actor: found[user_id].get_username()
        for actor, user_id in people.items()
        if user_id in found
    }
    return {actor: names.get(actor, actor) for actor in actors}


def subject_href(subject: str) -> str:
    """Address of the row that `app.model:id` names, or nothing where no page shows it.

    A part of a row, such as one symbol of a strategy (`signals.strategy:3/EURUSD`), leads to it.
    """
    about = subject_parse(subject)
    model = subject_model(about.label)
    if model is Decision and about.key.isdigit():
        return reverse("ops:decision", args=[about.id])
    if model is None or not admin.site.is_registered(model):
        return ""
    try:
        return reverse(admin_urlname(model._meta, SafeString("change")), args=[about.key])
    except NoReverseMatch:
        return ""
