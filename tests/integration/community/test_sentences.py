"""What the public pages say of themselves is so: marks, the methodology, risk and chances."""

import html
import re
from decimal import Decimal

import pytest
from django.core.cache import cache
from django.template import engines
from django.urls import reverse

from execution.models import Order, Position
from fusion_project.community import policy
from fusion_project.community.selectors.stories import loss_limit
from fusion_project.community.urls import urlpatterns
from signals.models import Decision
from tests.builders.pages import Flow, flow_make
from tokens.services.reserves import reserves_snapshot

pytestmark = pytest.mark.django_db
ERRORS = ("403", "403_csrf", "404", "500", "503")
# A number in the unit of an account, or a count of the flow: what only a marked page may show.
RESULT = re.compile(r'class="(value|unit|count)\b')
MARK = re.compile(r'class="badge badge-(paper|live|example)">([A-Z ]+)<')


@pytest.fixture
def flow(run_handlers) -> Flow:
    flow = flow_make(run_handlers)
    flow.deposit("10000")
    return flow


def later(clock) -> None:
    clock.advance(seconds=policy.PUBLIC_DELAY_SECONDS + 1)
    cache.clear()


def pages(client, position: Position) -> dict[str, str]:
    """Every public page by its name in the URL conf, and the error pages."""
    reserves_snapshot(book=position.account.book, actor="system")
    given = {"position_id": position.pk, "slug": "df-trend", "book": position.account.book}
    found = {}
    for pattern in urlpatterns:
        wanted = {name: given[name] for name in pattern.pattern.converters}
        answer = client.get(reverse(f"community:{pattern.name}", kwargs=wanted))
        assert answer.status_code == 200, pattern.name
        if answer["Content-Type"].startswith("text/html"):
            found[pattern.name] = answer.content.decode()
    for code in ERRORS:
        found[code] = engines["django"].get_template(f"{code}.html").render({})
    return found


def test_every_page_with_results_wears_one_mark_and_no_other_page_wears_any(
    client, flow, clock
) -> None:
    position = flow.closed()
    later(clock)
    marked = {}
    for name, text in pages(client, position).items():
        head = text.partition("</header>")[0]
        marks = MARK.findall(head)
        title = (re.search(r"<title>(.*?)</title>", text) or [""])[0]
        for _, word in marks:
            assert word in title, name
        if RESULT.search(text) and "<header" in text:
            assert len(marks) == 1, name
        marked[name] = marks[0][1] if marks else ""
    worn = {name: mark for name, mark in marked.items() if mark}
    assert worn == {"overview": "PAPER", "trade": "PAPER", "education_script": "EXAMPLE DATA"}
    # A fragment has no head of its own: it names its book where it names its moment.
    assert re.search(r"PAPER, as of", client.get("/live/overview").content.decode())


def test_the_methodology_explains_every_figure_that_a_page_shows(client, flow, clock) -> None:
    position = flow.closed()
    later(clock)
    told = html.unescape(client.get("/methodology/").content.decode())
    overview = client.get("/").context["overview"]
    trade = client.get(f"/trades/{position.pk}/").content.decode()
    shown = {one.label for one in overview.tiles} | {one.name for one in overview.stations}
    shown |= {one.title for one in overview.units}
    shown |= set(re.findall(r"<h2[^>]*>([^<]+)</h2>", client.get("/").content.decode()))
    shown |= {html.unescape(one) for one in re.findall(r"<div><dt>([^<]+)</dt>", trade)}
    shown |= {"Held", "Lots", "Chance of a win", "Observed", "Running", "Stale", "Stopped"}
    assert {one for one in shown if one not in told} == set()
    assert f"at least {policy.PUBLIC_DELAY_SECONDS} seconds ago" in told


def test_a_risk_is_told_only_where_a_stop_limits_it() -> None:
    decision = Decision(risk_bps=50)
    with_stop = Position(order=Order(sl=Decimal("1.09"), risk_money=Decimal(50)))
    assert loss_limit(with_stop, decision) == (
        "risking at most 50 basis points of equity, down to its stop"
    )
    for without in (Position(order=Order(risk_money=None)), Position(order=None)):
        assert loss_limit(without, decision) == "no stop: loss not limited"


def _story(client, position: Position) -> str:
    text = client.get(f"/trades/{position.pk}/").content.decode()
    return html.unescape(text).replace("\u202f", " ")


def test_a_declared_prior_is_no_measurement_and_the_observed_rate_stands_beside_it(
    client, flow, clock
) -> None:
    first = flow.closed(profit="-9.30")
    second = flow.closed(profit="12.50")
    later(clock)
    story = _story(client, first)
    assert (
        "62.0 %, the prior that the strategy's policy declares (worth 400 trades); not measured"
        in story
    )
    assert "— (no closed trade of the strategy yet)" in story
    assert "risking at most" in story
    assert "0.0 % (0 of its last 1 closed trade won" in _story(client, second)
