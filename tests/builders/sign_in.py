"""People at the sign-in page, and a hasher that counts how often a password is looked at."""

from typing import Any

from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.test import Client

PASSWORD = "a long test password"
HASHERS = ["tests.builders.sign_in.CountedHasher"]


class CountedHasher(PBKDF2PasswordHasher):
    """Django's own, quick, and it counts."""

    iterations = 1_000
    count = 0

    def encode(self, *args: Any, **kwargs: Any) -> str:
        CountedHasher.count += 1
        return super().encode(*args, **kwargs)


def sign_in(
    name: str, password: str = "wrong", *, client: Client | None = None, **meta: str
) -> Any:
    """The answer of the sign-in page: 302 where it lets in, else the page again."""
    form = {"username": name, "password": password}
    return (client or Client()).post("/admin/login/", form, **meta)
