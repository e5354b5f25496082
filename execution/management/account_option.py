"""The account that a command is about, by its login at the broker."""

from django.core.management.base import CommandError

from execution.models import BrokerAccount


def account_named(login: str) -> BrokerAccount:
    """Return the account. Raises CommandError where none or several have this login."""
    found = list(BrokerAccount.objects.filter(login=login))
    if len(found) == 1:
        return found[0]
    if found:
        raise CommandError(
            f"Several servers have an account {login}; the login alone does not tell which."
        )
    known = ", ".join(BrokerAccount.objects.values_list("login", flat=True)) or "none yet"
    raise CommandError(f"There is no account {login}. Known: {known}.")
