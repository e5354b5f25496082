"""The pages that earlier places link to: each is registered, leads there, asks as its page."""

import pytest
from django.contrib.auth.models import User
from django.urls import Resolver404, resolve

from fusion_project.admin import links

KEYS = {links.LIFE_LINE: "ab" * 16, links.STRATEGY_SECRETS: "gold"}


@pytest.mark.parametrize("page", sorted(links.PAGES))
def test_each_page_is_registered_and_leads_to_the_staff_pages(page: str) -> None:
    address = links.page_address(page, KEYS.get(page, 7))
    try:
        found = resolve(address.partition("?")[0].partition("#")[0])
    except Resolver404:
        pytest.fail(f"{page}: {address} leads nowhere")
    assert found.namespace == "ops"


@pytest.mark.parametrize("page", [links.DECISION, "another page"])
def test_a_page_has_one_owner_and_a_known_name(page: str) -> None:
    with pytest.raises(ValueError, match=page):
        links.page_register(page, str)


@pytest.mark.django_db
@pytest.mark.parametrize("page", sorted(links.PAGES))
def test_a_page_opens_for_those_whom_its_permissions_let_in(page: str) -> None:
    assert links.page_opens_for(page, User.objects.create_superuser("root"))
    assert not links.page_opens_for(page, User.objects.create_user("visitor", is_staff=True))


def test_a_link_escapes_what_it_shows() -> None:
    assert "<b>" not in links.page_link(links.DECISION, 7, "<b>")
