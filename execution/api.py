"""The executor API, `/api/v1/executor/`: hello, poll, reports, heartbeat, wait."""

from typing import Any, cast

from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from execution import answers, wire
from execution.authentication import ExecutorKeyAuthentication, HasScope
from execution.errors import (
    AccountMismatch,
    BodyTooLarge,
    BodyUnreadable,
    InstanceConflict,
    WaitUnavailable,
)
from execution.models import BrokerAccount
from execution.rules.messages import ExecutorCaller, Program
from execution.selectors.reports import report_gaps
from execution.services.bars import executor_bars_record
from execution.services.instances import instance_conflict_report, instance_minor
from execution.services.leases import order_lease
from execution.services.reports import reports_record
from execution.services.sessions import account_mismatch_report, executor_hello, heartbeat_record
from execution.wire.answers import WaitReply
from fusion_project.events.clock import now
from fusion_project.events.subjects import subject_of
from fusion_project.front.waiting import PATIENCE_MARK, Patience, Wait


class _AlwaysJson(BaseContentNegotiation):
    """Executors send odd Accept headers; they get JSON."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return None

    def select_renderer(
        self, request: Request, renderers: Any, format_suffix: str | None = None
    ) -> tuple[JSONRenderer, str]:
        return JSONRenderer(), "application/json"


class ExecutorApi(APIView):
    """Base of the endpoints: key, scope, raw body, incidents of who may not be here."""

    authentication_classes = (ExecutorKeyAuthentication,)
    permission_classes = (HasScope,)
    content_negotiation_class = _AlwaysJson
    scope = ""

    def read(self, request: Request, kind: type[wire.Body]) -> wire.Body:
        """Return the body as `kind`. Raises BodyTooLarge, BodyUnreadable."""
        announced, most = request.META.get("CONTENT_LENGTH") or "0", wire.body_bytes_max(kind)
        if not announced.isdigit() or int(announced) > most:
            raise BodyTooLarge(f"at most {most} bytes")
        try:
            return wire.body_read(request._request.body, kind)
        except wire.WireError as error:
            raise BodyUnreadable(str(error)) from error

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, InstanceConflict):
            instance_conflict_report(exc)
        if isinstance(exc, AccountMismatch):
            account_mismatch_report(exc)
        return super().handle_exception(exc)

    def caller(self, request: Request) -> ExecutorCaller:
        """Return who asks."""
        return cast(ExecutorCaller, request.user)


class HelloApi(ExecutorApi):
    """First call of a run."""

    def post(self, request: Request) -> Response:
        facts = self.read(request, wire.Hello)
        answer = executor_hello(caller=self.caller(request), facts=facts)
        patience = _patience(request)
        is_offered = patience is not None and patience.is_offered
        return _told(answers.hello_answer(answer, wait_offered=is_offered))


class PollApi(ExecutorApi):
    """Leases orders; the answer is the permit."""

    scope = "orders:lease"

    def post(self, request: Request) -> Response:
        body = self.read(request, wire.Poll)
        program = Program(body.instance, body.boot_nonce)
        return _told(answers.poll_answer(order_lease(caller=self.caller(request), program=program)))


class ReportsApi(ExecutorApi):
    """Takes a batch of execution reports, all or nothing; each gets its own verdict."""

    scope = "reports:write"

    def post(self, request: Request) -> Response:
        batch = self.read(request, wire.Reports)
        caller = self.caller(request)
        minor = instance_minor(caller=caller, program=Program(batch.instance, batch.boot_nonce))
        verdicts = reports_record(
            caller=caller,
            instance=batch.instance,
            minor=minor,
            raws=[bytes(raw) for raw in batch.reports],
        )
        gaps = report_gaps(account_id=caller.account_id, instance=batch.instance)
        return _told(answers.reports_answer(verdicts, gaps, now()))


class HeartbeatApi(ExecutorApi):
    """Takes what the terminal shows: money, positions, resting orders, quotes."""

    scope = "telemetry:write"

    def post(self, request: Request) -> Response:
        facts = self.read(request, wire.Heartbeat)
        return _told(
            answers.heartbeat_answer(heartbeat_record(caller=self.caller(request), facts=facts))
        )


class BarsApi(ExecutorApi):
    """Takes closed bars; the same bars again change nothing."""

    scope = "telemetry:write"

    def post(self, request: Request) -> Response:
        caller, facts = self.caller(request), self.read(request, wire.Bars)
        instance_minor(caller=caller, program=Program(facts.instance, facts.boot_nonce))
        done = executor_bars_record(caller=caller, facts=facts)
        return _told(answers.bars_answer(done, now()))


class WaitApi(ExecutorApi):
    """Holds its answer until there may be work; the front does so, without a thread."""

    scope = "orders:lease"

    def get(self, request: Request) -> Response:
        return self._wait(request, self._asked(request))

    def post(self, request: Request) -> Response:
        return self._wait(request, self.read(request, wire.Wait))

    def handle_exception(self, exc: Exception) -> Response:
        answer = super().handle_exception(exc)
        if isinstance(exc, WaitUnavailable):
            answer["Retry-After"] = "5"
        return answer

    def _asked(self, request: Request) -> wire.Wait:
        """Return the query as the body would say it. Raises BodyUnreadable."""
        told: dict[str, Any] = {name: request.query_params[name] for name in request.query_params}
        if told.get("seconds", "").isdecimal():
            told["seconds"] = int(told["seconds"])
        try:
            return wire.body_of(wire.Wait, **told)
        except wire.WireError as error:
            raise BodyUnreadable(str(error)) from error

    def _wait(self, request: Request, body: wire.Wait) -> Response:
        patience = _patience(request)
        if patience is None or not patience.is_offered:
            raise WaitUnavailable("nobody hears of work just now; poll by your own clock")
        account = subject_of(BrokerAccount, self.caller(request).account_id)
        since = None if body.since is None else body.since.at.timestamp()
        patience.wait = Wait(account, body.seconds, since)
        return _told(WaitReply(look=True))


def _patience(request: Request) -> Patience | None:
    """Return the front's, or None under a server that can hold no answer."""
    return request.META.get(PATIENCE_MARK)


def _told(answer: wire.Answer) -> Response:
    return Response(wire.answer_plain(answer))
