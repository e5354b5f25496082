"""The dry run of a distribution, line by line, and the form that proposes it to a second person."""

from typing import Final

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from fusion_project.errors import DomainError
from fusion_project.events.clock import now
from fusion_project.ops.access import staff_page
from fusion_project.ops.selectors.dry_run import DryRun, dry_run_get
from fusion_project.ops.selectors.ledger import book_list
from fusion_project.ops.views.confirming import Question, question_page, reason_of
from fusion_project.text.actors import actor_of_user
from fusion_project.text.formats import exact_number
from treasury.models import HOUSE, POLICIES
from treasury.services.distributing import distribution_propose

_VIEW: Final = "ops.view_ledger"


@require_safe
@staff_page(_VIEW)
def distribution(request: HttpRequest) -> HttpResponse:
    book, policy = _asked(request)
    own = {
        "title": f"Dry run of a distribution, {book.upper()} book",
        "place": "ledger",
        "books": book_list(),
        "policies": POLICIES,
        "run": dry_run_get(book=book, policy_code=policy, period=_today()),
    }
    return render(request, "ops/distribution.html", {**admin.site.each_context(request), **own})


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page("ops.propose_distribution", _VIEW)
def distribution_proposing(request: HttpRequest) -> HttpResponse:
    """Ask first; the form of that page asks a second person for what would be paid by then."""
    book, policy = _asked(request)
    if request.method != "POST":
        run = dry_run_get(book=book, policy_code=policy, period=_today())
        if run.may_be_proposed:
            return question_page(request, _question(run))
        messages.warning(request, "It cannot be proposed now; this page says why.")
        return redirect(_address(book, policy))
    try:
        asked = distribution_propose(
            book=book,
            policy_code=policy,
            period=_today(),
            reason=reason_of(request),
            actor=actor_of_user(request.user.pk),
        )
    except DomainError as refused:
        messages.error(request, f"Nothing done: {refused}")
        return redirect(_address(book, policy))
    messages.success(request, f"Request {asked.pk} waits for a second person.")
    return redirect("ops:request", asked.pk)


def _question(run: DryRun) -> Question:
    lines = [
        (line.account_code, f"{exact_number(line.amount)} {line.currency}") for line in run.lines
    ]
    return Question(
        title=f"Propose this distribution of the {run.book.upper()} book?",
        place="ledger",
        facts=[("Policy", run.policy), ("Period", run.period), *lines],
        warnings=[
            "Nothing is paid before a second person confirms; it lapses after a day.",
            "What is asked for is what would be paid when you press: the request shows each line.",
        ],
        button="Propose it",
        reason_label="Why?",
        is_bad=False,
        back=_address(run.book, run.policy),
        back_title="Dry run",
    )


def _asked(request: HttpRequest) -> tuple[str, str]:
    book = request.GET.get("book", book_list()[0])
    policy = request.GET.get("policy", HOUSE)
    if book not in book_list() or policy not in POLICIES:
        raise Http404("no such book or policy")
    return book, policy


def _address(book: str, policy: str) -> str:
    return f"{reverse('ops:distribution')}?book={book}&policy={policy}"


def _today() -> str:
    return now().date().isoformat()
