"""What Django is given of a request, and what becomes of one that waits."""

import threading
from types import SimpleNamespace
from typing import Any

import pytest

from fusion_project.front.bodies import LATE_MARK, Body
from fusion_project.front.calls import WAITED_MARK, Call, environ_of
from fusion_project.front.kinds import API, HOOKS, PAGES, WAITING_MAX, Kind, kind_of
from fusion_project.front.pools import Pool
from fusion_project.front.refusals import BUSY


def scope_of(*items: tuple[str, str], **fields: Any) -> Any:
    """What RSGI tells of a request; header names are in lower case there."""
    wanted = {
        "http_version": "1.1",
        "server": "127.0.0.1:8000",
        "client": "192.0.2.7:50000",
        "scheme": "http",
        "method": "POST",
        "path": "/hooks/tradingview/x",
        "query_string": "a=1&a=2",
        "authority": None,
        "headers": SimpleNamespace(items=lambda: list(items)),
    }
    return SimpleNamespace(**{**wanted, **fields})


class Answers:
    """Takes answers, the first of which counts."""

    def __init__(self) -> None:
        self.given: list[tuple[int, list[tuple[str, str]], bytes]] = []

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.given.append((status, headers, body))


def test_a_request_becomes_an_environ_of_wsgi() -> None:
    scope = scope_of(("host", "desk.example"), ("content-type", "a/b"), ("content-length", "5"))
    environ = environ_of(scope, Body(b"order"))
    assert environ["REQUEST_METHOD"] == "POST"
    assert environ["PATH_INFO"] == "/hooks/tradingview/x"
    assert environ["QUERY_STRING"] == "a=1&a=2"
    assert (environ["SERVER_NAME"], environ["SERVER_PORT"]) == ("127.0.0.1", "8000")
    assert (environ["REMOTE_ADDR"], environ["SERVER_PROTOCOL"]) == ("192.0.2.7", "HTTP/1.1")
    assert (environ["CONTENT_TYPE"], environ["CONTENT_LENGTH"]) == ("a/b", "5")
    assert environ["HTTP_HOST"] == "desk.example"
    assert environ["SCRIPT_NAME"] == ""
    assert environ["wsgi.input"].read() == b"order"
    assert not environ[LATE_MARK]
    assert "HTTP_CONTENT_TYPE" not in environ


def test_repeated_headers_are_joined_in_their_order_and_cookies_by_semicolons() -> None:
    repeated = [("x-forwarded-for", "1.1.1.1"), ("cookie", "a=1"), ("x-forwarded-for", "2.2.2.2")]
    environ = environ_of(scope_of(*repeated, ("cookie", "b=2")), Body(b""))
    assert environ["HTTP_X_FORWARDED_FOR"] == "1.1.1.1,2.2.2.2"
    assert environ["HTTP_COOKIE"] == "a=1;b=2"


@pytest.mark.parametrize("name", ["x_forwarded_for", "x-forwarded_for", "content_length"])
def test_a_header_with_an_underscore_passes_for_no_other(name: str) -> None:
    environ = environ_of(scope_of(("x-forwarded-for", "1.1.1.1"), (name, "9.9.9.9")), Body(b""))
    assert environ["HTTP_X_FORWARDED_FOR"] == "1.1.1.1"
    assert "9.9.9.9" not in environ.values()


def test_a_caller_sets_no_mark_of_ours_and_sees_no_variable_of_the_process() -> None:
    marks = [(name.replace(".", "-"), "1") for name in (LATE_MARK, WAITED_MARK)]
    environ = environ_of(scope_of(*marks), Body(b""))
    assert environ[LATE_MARK] is False
    assert WAITED_MARK not in environ
    assert "PATH" not in environ


def test_text_beyond_ascii_stands_for_its_bytes() -> None:
    environ = environ_of(scope_of(path="/ü/€", query_string="q=ü"), Body(b""))
    assert environ["PATH_INFO"].encode("latin-1").decode() == "/ü/€"
    assert environ["QUERY_STRING"].encode("latin-1").decode() == "q=ü"


def test_an_address_of_ipv6_has_no_brackets() -> None:
    environ = environ_of(scope_of(client="[2001:db8::1]:50000", server="[::1]:80"), Body(b""))
    assert (environ["REMOTE_ADDR"], environ["SERVER_NAME"]) == ("2001:db8::1", "::1")


def test_a_late_body_carries_its_mark() -> None:
    assert environ_of(scope_of(), Body(b"or", "late"))[LATE_MARK] is True


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/hooks/tradingview/a/b", HOOKS),
        ("/api/v1/executor/poll", API),
        ("/healthz", API),
        ("/readyz", API),
        ("/", PAGES),
        ("/static/ops/site.css", PAGES),
        ("/hooks", PAGES),
        ("", PAGES),
    ],
)
def test_each_path_has_its_kind(path: str, kind: Kind) -> None:
    assert kind_of(path) is kind


def _called(kind: Kind, application: Any) -> tuple[Answers, list[str]]:
    answers, ended = Answers(), list[str]()
    call = Call(kind, scope_of(), answers, Body(b""), lambda: ended.append("done"))
    call.answer(application)
    return answers, ended


def test_an_answer_leaves_whole_and_is_closed_after() -> None:
    class Pieces(list[bytes]):
        is_closed = False

        def close(self) -> None:
            self.is_closed = True

    pieces = Pieces([b"ac", b"cepted"])

    def application(environ: dict[str, Any], start: Any) -> Pieces:
        start("202 Accepted", [("x-a", "1"), ("x-a", "2")])
        return pieces

    answers, ended = _called(HOOKS, application)
    assert answers.given == [(202, [("x-a", "1"), ("x-a", "2")], b"accepted")]
    assert pieces.is_closed
    assert ended == ["done"]


def test_a_fault_is_answered_500_and_says_nothing_of_itself() -> None:
    def application(environ: dict[str, Any], start: Any) -> list[bytes]:
        raise ValueError("secret detail")

    answers, ended = _called(API, application)
    [(status, _, body)] = answers.given
    assert status == 500
    assert b"secret" not in body
    assert ended == ["done"]


@pytest.mark.parametrize("kind", [HOOKS, API, PAGES])
def test_who_has_waited_too_long_is_told_503_without_django(kind: Kind) -> None:
    patience = Kind(kind.name, 1, waiting_seconds=-1.0, is_for_people=kind.is_for_people)
    answers, ended = _called(patience, None)
    [(status, headers, body)] = answers.given
    assert (status, dict(headers)["retry-after"]) == (503, "5")
    assert (b"{" in body) is not kind.is_for_people
    assert BUSY.message.encode() in body
    assert ended == ["done"]


def test_a_line_that_is_full_takes_nobody_and_what_is_in_it_is_answered_before_the_end() -> None:
    may_go, has_begun = threading.Event(), threading.Event()

    def application(environ: dict[str, Any], start: Any) -> list[bytes]:
        has_begun.set()
        may_go.wait()
        start("200 OK", [])
        return [b"ok"]

    pool = Pool(Kind("test", 1, waiting_seconds=60.0), application)
    answers = Answers()

    def call() -> Call:
        return Call(HOOKS, scope_of(), answers, Body(b""), lambda: None)

    assert pool.take(call())
    assert has_begun.wait(10)
    assert [pool.take(call()) for _ in range(WAITING_MAX + 1)] == [True] * WAITING_MAX + [False]
    may_go.set()
    pool.stop(60.0)
    assert len(answers.given) == 1 + WAITING_MAX
