"""Lists policies and what is under them; asks a second person for a change."""

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from fusion_project.admin.acting import acting_user, as_user_add
from fusion_project.errors import DomainError
from fusion_project.text.formats import exact_text
from treasury.models import BOOKS, POLICIES, PolicyBinding, PolicyVersion
from treasury.selectors.policies import binding_list
from treasury.services.policies import bind_ask, policy_ask


class Command(BaseCommand):
    help = (
        "list shows every version of every policy and what is bound to one; what nobody has bound "
        "is the house's. ask takes all shares of a policy as NAME=BASISPOINTS, which sum to "
        "10000; the house's shares are the rule of DCT (./manage.py token_rule). bind brings an "
        "account, or a stream of revenue, under a policy from its confirmation on. A second "
        "person confirms each (./manage.py second_person). Nothing counts backwards."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, help="what to do")
        verbs.add_parser("list", help="versions, the newest first, and bindings")
        asking = verbs.add_parser("ask", help="ask for the next version of a policy")
        asking.add_argument("policy", choices=POLICIES, help="which")
        asking.add_argument("shares", nargs="+", metavar="NAME=BASISPOINTS", help="all of them")
        asking.add_argument(
            "--from",
            dest="valid_from",
            type=_moment,
            metavar="TIME",
            help="ISO 8601 with an offset; without it, from its confirmation on",
        )
        binding = verbs.add_parser("bind", help="ask to bring something under a policy")
        binding.add_argument("policy", choices=POLICIES, help="which")
        binding.add_argument("--book", required=True, choices=BOOKS, help="of the source")
        binding.add_argument("--source", required=True, metavar="NAME", help="account or stream")
        for verb in (asking, binding):
            verb.add_argument("--reason", required=True, help="why")
            as_user_add(verb)

    def handle(self, *, verb: str, **options: Any) -> None:
        if verb == "list":
            self._list()
            return
        actor = acting_user(options["as_user"])
        try:
            if verb == "ask":
                request = policy_ask(
                    policy_code=options["policy"],
                    bps=_shares(options["shares"]),
                    valid_from=options["valid_from"],
                    reason=options["reason"],
                    actor=actor,
                )
            else:
                request = bind_ask(
                    policy_code=options["policy"],
                    source=options["source"],
                    book=options["book"],
                    reason=options["reason"],
                    actor=actor,
                )
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Request {request.pk} waits for a second person: {request.words}")

    def _list(self) -> None:
        versions = PolicyVersion.objects.select_related("policy")
        for one in versions.order_by("policy__code", "-version"):
            told = " ".join(f"{name}={one.bps[name]}" for name in one.policy.shares)
            self.stdout.write(f"{one.policy.code}\t{one.version}\t{_dates(one)}\t{told}")
        for book in BOOKS:
            for bound in binding_list(book=book):
                source = bound.account or bound.stream
                self.stdout.write(f"{source}\tis under {bound.policy.code}\t{_dates(bound)}")


def _dates(row: PolicyVersion | PolicyBinding) -> str:
    until = f" until {exact_text(row.valid_until)}" if row.valid_until else ""
    return f"from {exact_text(row.valid_from)}{until}"


def _shares(told: list[str]) -> dict[str, object]:
    found: dict[str, object] = {}
    for one in told:
        name, separator, value = one.partition("=")
        if not separator or name in found:
            raise CommandError(f"{one!r}: name each share once, as NAME=BASISPOINTS.")
        found[name] = int(value) if value.isdecimal() else value
    return found


def _moment(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError("say the offset, such as 2026-12-01T00:00:00+00:00")
    return at
