"""Issues, rotates, collects, revokes and lists the keys of executors."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from execution.management.naming import account_named
from execution.models import BrokerAccount, ExecutorKey
from execution.services.accounts import LIVE
from execution.services.keys import (
    SCOPES,
    VALID_DAYS_MAX,
    IssuedKey,
    key_ask,
    key_collect,
    key_issue,
    key_revoke,
)
from fusion_project.admin.acting import acting_user, as_user_add
from fusion_project.errors import DomainError
from fusion_project.events.clock import now
from fusion_project.text.formats import second_text


class Command(BaseCommand):
    help = (
        "A key opens one account to one executor. It is shown once and ends within 90 days. A "
        "live account's key waits for a second person; then collect shows it to who asked for it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, help="what to do")
        issuing = verbs.add_parser("issue", help="a further key for an account")
        rotating = verbs.add_parser("rotate", help="a successor; the former key ends later")
        revoking = verbs.add_parser("revoke", help="end a key at once")
        collecting = verbs.add_parser("collect", help="show the key that two people wanted, once")
        verbs.add_parser("list", help="all keys, by their first part, and when each was last used")
        issuing.add_argument("account", metavar="LOGIN", help="login of the account")
        for one in (rotating, revoking):
            one.add_argument("prefix", help="the key's first part, before the dot")
        rotating.add_argument(
            "--overlap-hours", type=int, default=24, help="the former key's time (default: 24)"
        )
        collecting.add_argument("request", type=int, help="the number of the request")
        for one in (issuing, rotating):
            one.add_argument("--label", default="", help="a word to tell the key by")
            one.add_argument("--reason", default="", help="why; a live account's key needs one")
            one.add_argument(
                "--valid-days", type=int, default=VALID_DAYS_MAX, help="1 to 90 (default: 90)"
            )
            one.add_argument("--scope", action="append", choices=SCOPES, help="default: all")
            one.add_argument(
                "--signed", action="store_true", help="each call must bear a signature as well"
            )
        for one in (issuing, rotating, revoking, collecting):
            as_user_add(one)

    def handle(self, **options: Any) -> None:
        try:
            getattr(self, f"_{options['verb']}")(options)
        except DomainError as error:
            raise CommandError(str(error)) from error

    def _issue(self, options: dict[str, Any]) -> None:
        self._make(account_named(options["account"]), options)

    def _rotate(self, options: dict[str, Any]) -> None:
        former = _key(options["prefix"])
        overlap = timedelta(hours=options["overlap_hours"])
        self._make(former.account, options, replaces_id=former.pk, overlap=overlap)

    def _make(self, account: BrokerAccount, options: dict[str, Any], **more: Any) -> None:
        actor = acting_user(options["as_user"])
        asked = {
            "account_id": account.pk,
            "label": options["label"],
            "scopes": options["scope"] or SCOPES,
            "valid_days": options["valid_days"],
            "is_signed": options["signed"],
            **more,
        }
        if account.book != LIVE:
            self._show(key_issue(actor=actor, **asked))
            return
        request = key_ask(actor=actor, reason=options["reason"], **asked)
        self.stdout.write(f"Request {request.pk} waits for a second person: {request.words}")
        self.stdout.write(f"Then: manage.py executor_key collect {request.pk} --as …")

    def _collect(self, options: dict[str, Any]) -> None:
        actor = acting_user(options["as_user"])
        self._show(key_collect(request_id=options["request"], actor=actor))

    def _revoke(self, options: dict[str, Any]) -> None:
        key = _key(options["prefix"])
        key_revoke(key_id=key.pk, actor=acting_user(options["as_user"]))
        self.stdout.write(f"Key {key.prefix} is revoked; the next call with it is refused.")

    def _list(self, options: dict[str, Any]) -> None:
        moment = now()
        for key in ExecutorKey.objects.select_related("account").order_by("id"):
            used = f"last used {second_text(key.last_used_at)}"
            ends = f"ends {second_text(key.expires_at)}"
            state = "live"
            if key.revoked_at is not None:
                state = "revoked"
            elif key.expires_at is not None and key.expires_at <= moment:
                state = "ended"
            told = (key.prefix, key.account.login, state, key.label, ends, used)
            self.stdout.write("\t".join(told))

    def _show(self, issued: IssuedKey) -> None:
        self.stdout.write(f"Key {issued.key.prefix}, shown only once:")
        self.stdout.write(issued.text)
        if issued.signing_text:
            self.stdout.write("What it signs with, shown only once as well:")
            self.stdout.write(issued.signing_text)
        self.stdout.write(f"It ends at {second_text(issued.key.expires_at)} UTC.")


def _key(prefix: str) -> ExecutorKey:
    key = ExecutorKey.objects.select_related("account").filter(prefix=prefix).first()
    if key is None:
        raise CommandError(f"There is no key {prefix}: manage.py executor_key list.")
    return key
