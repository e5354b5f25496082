"""`manage.py second_person`: what waits, confirmed and withdrawn in a person's name."""

import io

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command

from fusion_project.second_person.models import Request

pytestmark = pytest.mark.django_db


def said(*words: str) -> str:
    out = io.StringIO()
    call_command("second_person", *words, stdout=out)
    return out.getvalue()


def name_of(actor: str) -> str:
    return get_user_model().objects.get(pk=actor.partition(":")[2]).get_username()


def test_what_waits_is_listed_confirmed_and_done(probe, run_handlers):
    assert said("list") == "Nothing waits for a second person.\n"
    request = probe.ask()
    assert f"{request.pk}\tasked\tEffect 1." in said("list")
    assert "is confirmed" in said("confirm", str(request.pk), "--as", name_of(probe.ben))
    run_handlers()
    assert said("list") == "Nothing waits for a second person.\n"
    assert "done\tEffect 1." in said("list", "--all")


def test_who_asked_is_told_why_not(probe):
    request = probe.ask()
    with pytest.raises(CommandError, match="Another person"):
        said("confirm", str(request.pk), "--as", name_of(probe.anna))
    with pytest.raises(CommandError, match="no member of staff 'nobody'"):
        said("confirm", str(request.pk), "--as", "nobody")
    said("withdraw", str(request.pk), "--as", name_of(probe.anna), "--reason", "no")
    assert Request.objects.get().state == "withdrawn"
