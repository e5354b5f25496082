"""Units of an account that investors hold: lists them, asks a second person to move them."""

from argparse import ArgumentParser
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from execution.models import BrokerAccount
from fusion_project.admin.acting import acting_user, as_user_add
from fusion_project.errors import DomainError
from fusion_project.second_person.models import Request
from fusion_project.text.formats import plain_number
from treasury.models import UnitSeries
from treasury.selectors.nav import nav_get, series_list
from treasury.services.units import issue_ask, pay_ask, redeem_ask


class Command(BaseCommand):
    help = (
        "An account under the policy investor belongs to the holders of its units. issue gives "
        "units for a deposit that has reached the account, as a series with a high-water mark of "
        "its own; redeem takes units back and owes their holder what they are worth, less the fee "
        "on their gain; pay books a withdrawal as the payment of what a series is owed. The price "
        "is that of the moment when it is carried out, rounded down. A second person confirms "
        "each (./manage.py second_person)."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, help="what to do")
        listing = verbs.add_parser("list", help="series of an account, and its net value now")
        issuing = verbs.add_parser("issue", help="ask for units for a deposit")
        issuing.add_argument("--holder", required=True, metavar="REF", help="no person's name")
        issuing.add_argument("--amount", required=True, type=_decimal, help="of the deposit")
        redeeming = verbs.add_parser("redeem", help="ask to take units back")
        redeeming.add_argument("--units", required=True, type=_decimal, help="how many")
        paying = verbs.add_parser("pay", help="ask to book a withdrawal as paid")
        paying.add_argument("--amount", required=True, type=_decimal, help="of the withdrawal")
        for verb in (redeeming, paying):
            verb.add_argument("--series", required=True, type=int, metavar="NUMBER", help="whose")
        for verb in (issuing, redeeming, paying):
            verb.add_argument("--reason", required=True, help="why")
            as_user_add(verb)
        for verb in (listing, issuing, redeeming, paying):
            verb.add_argument("--account", required=True, metavar="NAME", help="the account's name")

    def handle(self, *, verb: str, **options: Any) -> None:
        account = BrokerAccount.objects.filter(name=options["account"]).first()
        if account is None:
            raise CommandError(f"There is no account {options['account']!r}.")
        if verb == "list":
            self._list(account)
            return
        actor = acting_user(options["as_user"])
        try:
            request = _ask(verb, account, options, actor)
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Request {request.pk} waits for a second person: {request.words}")

    def _list(self, account: BrokerAccount) -> None:
        rows = UnitSeries.objects.filter(account=account)
        holders = dict(rows.values_list("number", "holder"))
        nav = f"{plain_number(nav_get(account=account))} {account.currency}"
        self.stdout.write(f"{account.name}\tnet value {nav}")
        for one in series_list(account=account):
            mark = f"mark {plain_number(one.mark)}"
            units = f"{plain_number(one.units)} units"
            self.stdout.write(f"{one.number}\t{holders[one.number]}\t{units}\t{mark}")


def _ask(verb: str, account: BrokerAccount, options: dict[str, Any], actor: str) -> Request:
    reason = options["reason"]
    if verb == "issue":
        holder, amount = options["holder"], options["amount"]
        return issue_ask(account=account, holder=holder, amount=amount, reason=reason, actor=actor)
    number = options["series"]
    if verb == "redeem":
        units = options["units"]
        return redeem_ask(account=account, number=number, units=units, reason=reason, actor=actor)
    amount = options["amount"]
    return pay_ask(account=account, number=number, amount=amount, reason=reason, actor=actor)


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise ValueError(f"{text!r} is no decimal number") from None
