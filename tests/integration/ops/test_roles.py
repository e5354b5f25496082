"""Every staff page lets in exactly the roles of the table, and nobody can change a fact."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.urls import reverse

from fusion_project.admin.read_only import ReadOnlyAdmin
from fusion_project.incidents.models import Incident
from fusion_project.incidents.services import incident_open
from fusion_project.ops.roles import ROLES
from signals.models import StrategySecret
from tests.builders.pages import flow_make

pytestmark = pytest.mark.django_db

ALL = {*ROLES, "superuser"}
NO_TRACE = "0" * 32
# Address, the roles that may read it, and the answer they get.
PAGES = [
    ("/ops/traces/", ALL, 200),
    (f"/ops/trace/{NO_TRACE}/", ALL, 404),
    (f"/ops/trace/{NO_TRACE}.json", ALL, 404),
    ("/ops/decisions/", ALL, 200),
    ("/ops/decisions/999999/", ALL, 404),
    ("/ops/handlings/", ALL, 200),
    ("/ops/incidents/", ALL, 200),
    ("/ops/alert-linter/", ALL, 200),
    ("/ops/alert-linter/?delivery=999999", ALL, 404),
    ("/ops/symbols/", ALL, 200),
    ("/ops/twins/", ALL, 200),
    ("/ops/secrets/", {"keykeeper", "superuser"}, 200),
    ("/ops/secrets/no-such-strategy/", {"keykeeper", "superuser"}, 404),
    ("/ops/ledger/", {"ops", "auditor", "superuser"}, 200),
    ("/ops/ledger/distribution", {"ops", "auditor", "superuser"}, 200),
    ("/ops/ledger/distribution/propose", {"ops", "superuser"}, 302),
    ("/ops/report/", {"ops", "auditor", "superuser"}, 200),
    ("/ops/report/?month=2026-13", {"ops", "auditor", "superuser"}, 404),
    ("/admin/treasury/entry/", {"ops", "auditor", "superuser"}, 200),
    ("/admin/tokens/positionaward/", {"ops", "auditor", "superuser"}, 200),
    ("/admin/events/event/", ALL, 200),
    ("/admin/signals/decision/", ALL, 200),
    ("/admin/execution/order/", ALL, 200),
    ("/admin/execution/executorkey/", {"superuser"}, 200),
    ("/admin/auth/user/", {"superuser"}, 200),
]
# Forms: address, who may send them, and the answer to a form about nothing that exists.
FORMS = [
    ("/ops/decisions/999999/approve", {"reviewer", "superuser"}, 404),
    ("/ops/decisions/999999/reject", {"reviewer", "superuser"}, 404),
    ("/ops/handlings/999999/retry", {"ops", "superuser"}, 302),
    ("/ops/incidents/999999/close", {"ops", "superuser"}, 302),
    ("/ops/ledger/distribution/propose", {"ops", "superuser"}, 302),
    ("/ops/ledger/distribution/propose?policy=none", {"ops", "superuser"}, 404),
    ("/ops/symbols/999999/confirm", {"ops", "superuser"}, 302),
    ("/ops/symbols/999999/revoke", {"ops", "superuser"}, 302),
    ("/ops/secrets/no-such-strategy/issue", {"keykeeper", "superuser"}, 404),
    ("/ops/secrets/no-such-strategy/1/rotate", {"keykeeper", "superuser"}, 404),
    ("/ops/secrets/no-such-strategy/1/revoke", {"keykeeper", "superuser"}, 404),
]


@pytest.mark.parametrize(("address", "allowed", "answer"), PAGES)
def test_a_page_lets_in_the_roles_of_the_table(cast, address, allowed, answer) -> None:
    for person, client in cast.items():
        status = client.get(address).status_code
        assert status == _expected(address, person, allowed, answer), person


@pytest.mark.parametrize(("address", "allowed", "answer"), FORMS)
def test_a_form_takes_the_roles_of_the_table(cast, address, allowed, answer) -> None:
    for person, client in cast.items():
        reply = client.post(address, {"note": "looked at", "reason": "checked_chart"})
        assert reply.status_code == _expected(address, person, allowed, answer), person
        if person == "anonymous":
            assert reply.url.startswith("/admin/login/")


def _expected(address: str, person: str, allowed: set[str], answer: int) -> int:
    if person in allowed:
        return answer
    # The admin sends everybody whom it does not let in to its login page.
    sent_to_login = person == "anonymous" or (person == "stranger" and "/admin/" in address)
    return 302 if sent_to_login else 403


def test_a_form_opened_as_a_link_does_nothing_and_leads_to_its_page(cast, run_handlers) -> None:
    incident_id = incident_open(kind="cash.differs", subject="execution.account:1", note="x")
    decision = flow_make(run_handlers, slug="trend", approval="one").decided()
    for address, page in {
        f"/ops/incidents/{incident_id}/close": "/ops/incidents/",
        "/ops/handlings/1/retry": "/ops/handlings/",
        "/ops/symbols/1/confirm": "/ops/symbols/",
        f"/ops/decisions/{decision.pk}/approve": f"/ops/decisions/{decision.pk}/",
        "/ops/secrets/trend/issue": "/ops/secrets/trend/",
        "/ops/secrets/trend/1/rotate": "/ops/secrets/trend/",
    }.items():
        answer = cast["superuser"].get(address)
        assert (answer.status_code, answer.url) == (302, page)
        assert cast["superuser"].get(page).status_code == 200
        assert cast["superuser"].delete(address).status_code == 405
    assert Incident.objects.get(id=incident_id).closed_at is None
    decision.refresh_from_db()
    assert decision.state == "pending_review"
    assert StrategySecret.objects.filter(strategy__slug="trend", valid_until=None).count() == 1


def test_a_form_sent_after_the_login_ran_out_leads_to_its_page_once_logged_in(cast) -> None:
    answer = cast["anonymous"].post("/ops/incidents/1/close", {"note": "x"})
    assert answer.url == "/admin/login/?next=/ops/incidents/1/close"
    assert cast["ops"].get("/ops/incidents/1/close").url == "/ops/incidents/"


def test_a_form_without_its_csrf_mark_changes_nothing(cast) -> None:
    client = cast["superuser"]
    client.handler.enforce_csrf_checks = True
    answer = client.post("/ops/incidents/999999/close", {"note": "x"})
    assert answer.status_code == 403
    assert b"no longer valid" in answer.content


def test_every_registered_fact_is_read_only_even_for_a_superuser(rf, cast) -> None:
    from tests.builders.pages import staff_make

    request = rf.get("/admin/")
    request.user = staff_make(is_superuser=True)
    own_apps = {"events", "incidents", "signals", "execution", "treasury", "tokens"}
    registered = [
        one for model, one in admin.site._registry.items() if model._meta.app_label in own_apps
    ]
    assert len(registered) > 25
    for one in registered:
        assert isinstance(one, ReadOnlyAdmin), one
        permissions = one.get_model_perms(request)
        assert permissions == {"add": False, "change": False, "delete": False, "view": True}, one
        for inline in one.get_inline_instances(request):
            assert not inline.has_add_permission(request, None)
            assert not inline.has_change_permission(request, None)
            assert not inline.has_delete_permission(request, None)


def test_every_list_of_the_admin_opens_while_it_is_empty(cast) -> None:
    for model in admin.site._registry:
        meta = model._meta
        address = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
        assert cast["superuser"].get(address).status_code == 200, address


def test_setting_up_the_groups_again_repairs_them(db, capsys) -> None:
    call_command("setup_groups")
    group = Group.objects.get(name="viewer")
    before = set(group.permissions.values_list("codename", flat=True))
    group.permissions.clear()
    call_command("setup_groups")
    assert set(group.permissions.values_list("codename", flat=True)) == before
    assert "view_decision" in before
    assert not {one for one in before if one.startswith(("add_", "change_", "delete_"))}
    assert "view_executorkey" not in before
    assert "viewer:" in capsys.readouterr().out
