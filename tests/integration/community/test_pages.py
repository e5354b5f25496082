"""Rules that hold on every public page: strict CSP, no outside hosts, errors in house style."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template import engines
from django.test import Client

pytestmark = pytest.mark.django_db
PAGES = [
    "/",
    "/methodology/",
    "/lobes/",
    "/seal/",
    "/seal/reserves/paper.json",
    "/tools/alert-linter/",
    "/education/",
    "/nothing-here",
]
TEMPLATES = sorted(Path(settings.BASE_DIR, "templates").rglob("*.html"))


@pytest.mark.parametrize("address", [*PAGES, "/admin/login/"])
def test_the_policy_allows_nothing_but_our_own_files(client, address) -> None:
    policy = client.get(address)["Content-Security-Policy"]
    directives = dict(one.strip().split(" ", 1) for one in policy.split(";"))
    assert directives["default-src"] == "'self'"
    assert directives["script-src"] == "'self'"
    assert directives["style-src"] == "'self'"
    assert directives["frame-ancestors"] == "'none'"
    assert "unsafe" not in policy


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_no_template_needs_what_the_policy_forbids(template) -> None:
    text = template.read_text()
    assert not re.search(r"\sstyle\s*=", text)
    assert not re.search(r"\son[a-z]+\s*=\s*[\"']", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)
    assert not re.search(r"<style", text)
    assert not re.search(r"(src|href)=[\"']?(https?:)?//", text)
    assert "|safe" not in text
    assert "autoescape off" not in text


@pytest.mark.parametrize("name", ["tokens.css", "public.css", "ops.css", "refresh.js", "keys.js"])
def test_a_static_file_is_served_and_asks_no_other_host(client, name) -> None:
    answer = client.get(f"/static/fusion/{name}")
    assert answer.status_code == 200
    text = b"".join(answer.streaming_content).decode()
    assert not re.search(r"(https?:)?//[a-z0-9.-]+\.[a-z]{2,}", text)


def test_errors_wear_the_house_style(client) -> None:
    answer = client.get("/nothing-here")
    assert answer.status_code == 404
    assert b"Nothing here" in answer.content
    assert b"To the overview" in answer.content


@pytest.mark.parametrize("code", ["403", "404", "500", "503"])
def test_an_error_page_asks_the_database_nothing(code, django_assert_num_queries) -> None:
    with django_assert_num_queries(0):
        text = engines["django"].get_template(f"{code}.html").render({})
    assert code in text


def test_an_unforeseen_error_gives_the_500_page_without_a_stack(db, monkeypatch) -> None:
    from fusion_project.community import views

    def broken(**_: object) -> None:
        raise RuntimeError("secret-of-the-stack")

    monkeypatch.setattr(views, "overview_get", broken)
    answer = Client(raise_request_exception=False).get("/")
    assert answer.status_code == 500
    assert b"Something broke on our side" in answer.content
    assert b"secret-of-the-stack" not in answer.content


def test_public_pages_take_no_other_method(client) -> None:
    for address in ("/", "/live/overview", "/methodology/"):
        assert client.post(address).status_code == 405
        assert client.head(address).status_code == 200


def test_names_of_units_are_printed_in_full(client) -> None:
    text = client.get("/").content.decode()
    assert "DAI (Dynamic AI, internal units; not the stablecoin)" in text
    assert "DA (Dynamic Algo, internal units)" in text
    assert "DCT (Dynamic Capital Token) accrual" in text
