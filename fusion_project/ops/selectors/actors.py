"""Who stands behind an actor or a subject: user names and the admin page of a row."""

from collections.abc import Iterable

from django.contrib import admin
from django.contrib.admin.templatetags.admin_urls import admin_urlname
from django.contrib.auth import get_user_model
from django.urls import NoReverseMatch, reverse
from django.utils.safestring import SafeString

from fusion_project.events.subjects import subject_model, subject_parse
from signals.models import Decision


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
