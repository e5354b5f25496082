"""Who acts by commands."""

import pytest
from django.contrib.auth import get_user_model


@pytest.fixture
def staff(db) -> str:
    """The login of somebody who may do anything."""
    return str(get_user_model().objects.create_superuser("ops", password="x").get_username())
