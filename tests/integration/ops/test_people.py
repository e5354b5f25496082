"""Sign-ins, passwords, users and roles are events; a password that another set is an incident."""

import json
from io import StringIO

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.core.management import call_command
from django.test import Client

from fusion_project.events import names
from fusion_project.events.models import Event
from fusion_project.incidents import kinds
from fusion_project.incidents.models import Incident
from fusion_project.local.run.demo import demo_seed
from fusion_project.ops.models import PasswordChangeDue
from tests.builders.pages import client_of, staff_make
from tests.builders.sign_in import HASHERS, PASSWORD, sign_in

pytestmark = pytest.mark.django_db
OTHER = "another long password"
DUE_PAGE = "/admin/password_change/"


@pytest.fixture(autouse=True)
def quick(settings):
    settings.PASSWORD_HASHERS = HASHERS
    settings.REQUEST_DATABASE_DEADLINE_SECONDS = 60.0


@pytest.fixture
def boss(quick) -> User:
    return staff_make(is_superuser=True, password=PASSWORD)


@pytest.fixture
def person(quick) -> User:
    return staff_make("viewer", password=PASSWORD)


def told(name: str, about: User | Group) -> list[tuple[str, dict]]:
    """Actors and details of the facts of this name about a user or role."""
    subject = f"{about._meta.label_lower}:{about.pk}"
    found = Event.objects.filter(name=name, subject=subject).order_by("id")
    return [(event.actor, json.loads(event.detail)) for event in found]


def password_form(new: str, old: str = "") -> dict[str, str]:
    key = "new_password" if old else "password"
    return {f"{key}1": new, f"{key}2": new} | ({"old_password": old} if old else {})


def set_for(boss: User, person: User, password: str = OTHER) -> None:
    form = {**password_form(password), "usable_password": "true", "set-password": ""}
    answer = client_of(boss).post(f"/admin/auth/user/{person.pk}/password/", form)
    assert answer.status_code == 302


def incidents() -> list[str]:
    found = Incident.objects.filter(kind=kinds.PASSWORD_IMPOSED, closed_at=None)
    return list(found.values_list("subject", flat=True))


def test_signing_in_and_out_is_told(person):
    client = Client()
    assert sign_in(person.username, PASSWORD, client=client).status_code == 302
    client.post("/admin/logout/")
    me = f"user:{person.pk}"
    assert told(names.SESSION_STARTED, person) == [(me, {})]
    assert told(names.SESSION_ENDED, person) == [(me, {})]


def test_ones_own_password_is_told_and_needs_nobody(person):
    answer = client_of(person).post(DUE_PAGE, password_form(OTHER, PASSWORD))
    assert answer.status_code == 302
    assert told(names.PASSWORD_CHANGED, person)[1:] == [
        (f"user:{person.pk}", {"own": True, "usable": True})
    ]
    assert incidents() == []
    assert sign_in(person.username, OTHER).status_code == 302


def test_the_password_so_far_is_guessed_no_more_often_than_at_sign_in(person):
    client = client_of(person)
    for _ in range(5):
        page = client.post(DUE_PAGE, password_form(OTHER, "a wrong password"))
        assert "was entered incorrectly" in page.content.decode()
    page = client.post(DUE_PAGE, password_form(OTHER, PASSWORD)).content.decode()
    assert "There were too many tries" in page
    assert sign_in(person.username, PASSWORD).status_code == 200


def test_a_password_set_by_another_is_an_incident_and_must_be_changed(boss, person):
    set_for(boss, person)
    assert told(names.PASSWORD_CHANGED, person)[1:] == [
        (f"user:{boss.pk}", {"own": False, "usable": True})
    ]
    assert incidents() == [f"auth.user:{person.pk}"]
    client = Client()
    assert sign_in(person.username, OTHER, client=client).status_code == 302
    for page in (
        "/admin/",
        "/ops/traces/",
        "/admin/events/event/",
        "/ops/trace/" + "0" * 32 + ".json",
    ):
        answer = client.get(page)
        assert (answer.status_code, answer.headers["Location"]) == (302, DUE_PAGE)
    assert "Another person set your password" in client.get(DUE_PAGE).content.decode()
    assert client.post("/ops/incidents/1/close", {"note": "x"}).headers["Location"] == DUE_PAGE
    same = client.post(DUE_PAGE, password_form(OTHER, OTHER))
    assert "This is the password that you have" in same.content.decode()
    assert client.get("/admin/").status_code == 302
    client.post(DUE_PAGE, password_form("a third long password", OTHER))
    assert client.get("/admin/").status_code == 200
    assert not PasswordChangeDue.objects.exists()


def test_whoever_has_to_choose_a_password_may_sign_out_and_see_what_is_public(boss, person):
    set_for(boss, person)
    client = client_of(User.objects.get(pk=person.pk))
    assert client.get("/").status_code == 200
    assert client.post("/admin/logout/").status_code == 200


def test_a_password_of_a_user_that_another_makes_counts_as_set_by_another(boss):
    form = {**password_form(OTHER), "username": "newcomer", "usable_password": "true"}
    assert client_of(boss).post("/admin/auth/user/add/", form).status_code == 302
    newcomer = User.objects.get(username="newcomer")
    assert incidents() == [f"auth.user:{newcomer.pk}"]
    assert PasswordChangeDue.objects.filter(user=newcomer).exists()
    assert told(names.USER_CHANGED, newcomer)[0] == (
        f"user:{boss.pk}",
        {"change": "created", "is_active": True, "is_staff": False, "is_superuser": False},
    )


def test_a_password_set_on_the_command_line_counts_as_set_by_another(person):
    person.set_password(OTHER)
    person.save()
    assert told(names.PASSWORD_CHANGED, person)[1:] == [("system", {"own": False, "usable": True})]
    assert incidents() == [f"auth.user:{person.pk}"]


def test_a_hash_that_is_written_without_the_password_is_told_too(person):
    person.password = "pbkdf2_sha256$1000$salt$hash"
    person.save(update_fields=["password", "first_name"])
    assert len(told(names.PASSWORD_CHANGED, person)) == 2


def test_a_password_that_is_taken_away_is_told_and_nobody_has_to_choose(boss, person):
    form = {"usable_password": "false", "unset-password": ""}
    client_of(boss).post(f"/admin/auth/user/{person.pk}/password/", form)
    assert told(names.PASSWORD_CHANGED, person)[-1] == (
        f"user:{boss.pk}",
        {"own": False, "usable": False},
    )
    assert incidents() == []


def test_a_stored_password_that_is_renewed_at_sign_in_is_no_change(person, settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2SHA1PasswordHasher", *HASHERS]
    before = len(told(names.PASSWORD_CHANGED, person))
    assert sign_in(person.username, PASSWORD).status_code == 302
    assert User.objects.get(pk=person.pk).password.startswith("pbkdf2_sha1$")
    assert len(told(names.PASSWORD_CHANGED, person)) == before
    assert incidents() == []


def test_powers_and_fields_of_a_user_are_told_without_what_they_hold(boss, person):
    form = {
        "username": person.username,
        "email": "ann@example.org",
        "is_active": "on",
        "is_staff": "on",
        "is_superuser": "on",
        "groups": [group.pk for group in Group.objects.filter(name__in=["ops", "auditor"])],
        "date_joined_0": "2026-01-01",
        "date_joined_1": "00:00:00",
    }
    answer = client_of(boss).post(f"/admin/auth/user/{person.pk}/change/", form)
    assert answer.status_code == 302
    actor, by_boss = f"user:{boss.pk}", []
    by_boss = [detail for who, detail in told(names.USER_CHANGED, person) if who == actor]
    assert by_boss[0] == {
        "change": "changed",
        "fields": ["date_joined", "email", "is_superuser"],
        "is_superuser": True,
    }
    assert {"change": "roles", "removed": ["viewer"]} in by_boss
    assert {"change": "roles", "added": ["auditor", "ops"]} in by_boss
    assert not Event.objects.filter(detail__contains="example.org").exists()


def test_roles_from_the_other_side_permissions_and_deletion_are_told(person):
    group, permission = Group.objects.get(name="ops"), Permission.objects.first()
    group.user_set.add(person)
    person.groups.clear()
    person.user_permissions.add(permission)
    permission.user_set.clear()
    details = [detail for _, detail in told(names.USER_CHANGED, person)][-4:]
    assert details == [
        {"change": "roles", "added": ["ops"]},
        {"change": "roles", "removed": ["ops", "viewer"]},
        {"change": "permissions", "added": [permission.codename]},
        {"change": "permissions", "removed": [permission.codename]},
    ]
    gone = User.objects.get(pk=person.pk)
    person.delete()
    assert told(names.USER_CHANGED, gone)[-1] == ("system", {"change": "deleted"})


def test_what_a_role_may_is_told(quick):
    group, permission = Group.objects.create(name="night shift"), Permission.objects.first()
    group.permissions.add(permission)
    group.permissions.clear()
    details = [detail for _, detail in told(names.ROLE_CHANGED, group)]
    assert details == [
        {"change": "created", "role": "night shift"},
        {"change": "permissions", "added": [permission.codename]},
        {"change": "permissions", "removed": [permission.codename]},
    ]


def test_the_demo_and_a_first_superuser_open_no_incident(quick, tmp_path, monkeypatch):
    demo_seed(tmp_path / "demo.json")
    demo_seed(tmp_path / "lost-and-made-anew.json")
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    call_command("createsuperuser", "--no-input", username="first", email="", stdout=StringIO())
    assert User.objects.filter(username="first", is_superuser=True).exists()
    assert incidents() == []
    assert not PasswordChangeDue.objects.exists()
