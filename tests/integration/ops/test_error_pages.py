"""What is not there or not allowed is said inside the staff site, with a way back."""

import pytest
from django.test import Client

from tests.builders.pages import client_of, staff_make

pytestmark = pytest.mark.django_db
MISSING = ("/ops/nothing/", "/ops/decisions/999999/", "/admin/nothing/")


@pytest.mark.parametrize("address", MISSING)
def test_a_missing_page_stays_in_the_staff_site(viewer, address) -> None:
    page = viewer.get(address)
    assert page.status_code == 404
    text = page.content.decode()
    assert 'aria-label="Staff pages"' in text
    assert 'href="/admin/">To the staff home' in text
    assert address in text
    assert "no-store" in page["Cache-Control"]


@pytest.mark.parametrize("address", ["/ops/nothing/", "/ops/decisions/7/?a=b", "/admin/nothing/"])
def test_whoever_is_not_signed_in_is_led_to_the_login_and_back(db, address) -> None:
    page = Client().get(address)
    assert page.status_code == 302
    assert page.url.startswith("/admin/login/?next=")
    assert page.url.endswith(address.replace("?", "%3F").replace("=", "%3D"))


def test_a_page_that_needs_another_role_names_the_roles(viewer) -> None:
    page = viewer.get("/ops/ledger/")
    assert page.status_code == 403
    text = page.content.decode()
    assert "This page needs the role ops or auditor." in text
    assert 'aria-label="Staff pages"' in text
    assert "To the staff home" in text


def test_who_is_no_staff_is_told_so_and_may_sign_in_as_another(cast) -> None:
    page = cast["stranger"].get("/ops/traces/")
    assert page.status_code == 403
    text = page.content.decode()
    assert "not an account of the staff" in text
    assert "/admin/login/?next=/ops/traces/" in text
    assert 'aria-label="Staff pages"' not in text


def test_a_form_without_its_token_is_refused_inside_the_staff_site(db) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(staff_make("ops"))
    page = client.post("/ops/symbols/1/revoke")
    assert page.status_code == 403
    text = page.content.decode()
    assert "Nothing was changed" in text
    assert 'aria-label="Staff pages"' in text


def test_public_addresses_keep_the_public_pages(db) -> None:
    page = client_of(staff_make("viewer")).get("/nothing/")
    assert page.status_code == 404
    assert "Staff pages" not in page.content.decode()
    assert b"Trades appear here only after they are closed" in page.content
