"""Sends one alert to the installation that runs in FUSION_HOME, as TradingView would."""

import logging
import os
import time
from argparse import ArgumentParser
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx2
from django.core.management.base import BaseCommand, CommandError

from fusion_project.admin.links import DECISION, LIFE_LINE, page_address
from fusion_project.local.home.folder import Home, json_read
from fusion_project.local.home.options import home_path
from fusion_project.local.market.rules.alert_text import (
    HAND_INSTRUMENT,
    HAND_REVIEW_STRATEGY,
    HAND_STRATEGY,
    entry_message,
    message_text,
)
from fusion_project.local.market.rules.prices import INSTRUMENTS, Market
from fusion_project.local.run.stack import ROOT
from signals.fusion.states import PENDING_REVIEW, PROPOSED
from signals.intake.reasons import DECISION_REASONS
from signals.models import Decision

_ANSWER_SECONDS, _DECISION_SECONDS, _POLL_SECONDS = 3.0, 15.0, 0.2
# Far enough away that the trade stays open for a while, near enough for one least lot of each
# symbol; target at twice the stop.
_STOP_SHARE, _PAYOFF = Decimal("0.015"), Decimal(2)


class Command(BaseCommand):
    help = (
        "Send an entry with stop and target to the installation that `make run` has running in "
        "FUSION_HOME, over HTTP with the demo's own secret, and print the answer, what was "
        f"decided, and where to look. It goes to the strategy {HAND_STRATEGY}, which trades at "
        f"once; with --review to {HAND_REVIEW_STRATEGY}, where the decision waits for a person."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--review", action="store_true", help="make a decision that waits for a reviewer"
        )
        parser.add_argument("--side", choices=("buy", "sell"), default="buy", help="default: buy")
        parser.add_argument(
            "--symbol",
            choices=sorted(INSTRUMENTS),
            default=HAND_INSTRUMENT,
            help=f"default: {HAND_INSTRUMENT}",
        )

    def handle(self, **options: Any) -> None:
        # What was sent is printed below; the client's own line would say it twice.
        logging.getLogger("httpx2").setLevel(logging.WARNING)
        home = Home(home_path(os.environ, ROOT / ".local"))
        access = json_read(home.access)
        if access is None:
            raise CommandError(
                f"No installation is ready in {home.path}: start one with `make run`, or name "
                "its folder with FUSION_HOME."
            )
        slug = HAND_REVIEW_STRATEGY if options["review"] else HAND_STRATEGY
        text = _text(slug, options["symbol"], options["side"])
        answer = _post(access["hooks"][slug], text)
        self.stdout.write(f"{answer.status_code} {answer.text}")
        if answer.status_code != httpx2.codes.ACCEPTED:
            raise CommandError("The alert was not accepted; the answer says why.")
        decision = _decision(answer.json()["alert_id"])
        self._tell(answer.json()["trace_id"], decision, access["base_url"])
        if options["review"] and (decision is None or decision.state != PENDING_REVIEW):
            raise CommandError("No decision waits for a review; see the life line.")

    def _tell(self, trace_id: str, decision: Decision | None, base_url: str) -> None:
        if decision is None:
            self.stdout.write(f"Nothing is decided after {_DECISION_SECONDS:g} s.")
        else:
            why = DECISION_REASONS.get(decision.reason, decision.reason)
            self.stdout.write(f"Decision {decision.id} is {decision.state}: {why}")
            self.stdout.write(f"Review page  {base_url}{page_address(DECISION, decision.id)}")
            if decision.state == PENDING_REVIEW:
                self.stdout.write(f"             until {decision.valid_until:%H:%M:%S} UTC")
        self.stdout.write(f"Life line    {base_url}{page_address(LIFE_LINE, trace_id)}")


def _text(slug: str, symbol: str, side: str) -> str:
    moment = datetime.now(UTC)
    quote = Market().quote(symbol, moment)
    assert quote is not None
    return message_text(
        entry_message(
            script=slug,
            instrument=INSTRUMENTS[symbol],
            bar_open_at=moment,
            sent_at=moment,
            side=side,
            price=quote.ask if side == "buy" else quote.bid,
            stop_share=_STOP_SHARE,
            payoff=_PAYOFF,
            reason="demo_alert",
        )
    )


def _post(url: str, text: str) -> httpx2.Response:
    try:
        with httpx2.Client(timeout=_ANSWER_SECONDS, trust_env=False) as client:
            return client.post(url, content=text, headers={"Content-Type": "application/json"})
    except httpx2.HTTPError as error:
        raise CommandError(
            f"The web server does not answer ({type(error).__name__}); is `make run` running?"
        ) from error


def _decision(alert_id: int) -> Decision | None:
    """The decision on the entry, once it is more than proposed."""
    deadline = time.monotonic() + _DECISION_SECONDS
    while time.monotonic() < deadline:
        found = Decision.objects.filter(alert_id=alert_id).order_by("-version").first()
        if found is not None and found.state != PROPOSED:
            return found
        time.sleep(_POLL_SECONDS)
    return None
