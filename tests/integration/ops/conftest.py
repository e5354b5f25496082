"""The cast of the staff pages: one client for each role, and people who may not come in."""

import pytest
from django.test import Client

from fusion_project.ops.roles import ROLES
from tests.builders.pages import client_of, staff_make


@pytest.fixture
def cast(db) -> dict[str, Client]:
    """A client for each role, a superuser, staff without a role, a non-staff user, and nobody."""
    people = {role: client_of(staff_make(role)) for role in ROLES}
    people["superuser"] = client_of(staff_make(is_superuser=True))
    people["no_role"] = client_of(staff_make())
    people["stranger"] = client_of(staff_make("viewer", is_staff=False))
    people["anonymous"] = Client()
    return people


@pytest.fixture
def viewer(cast) -> Client:
    return cast["viewer"]


@pytest.fixture
def reviewer(cast) -> Client:
    return cast["reviewer"]


@pytest.fixture
def ops(cast) -> Client:
    return cast["ops"]


@pytest.fixture
def keykeeper(cast) -> Client:
    return cast["keykeeper"]


@pytest.fixture
def auditor(cast) -> Client:
    return cast["auditor"]
