"""Education pages: each script in its own words, examples that are really sent, never a path."""

import gzip
import hashlib
import html
import json
import re
from pathlib import Path

import pytest
from django.conf import settings

from fusion_project.community.selectors.scripts import script_get, script_list, script_names

PINE = Path(settings.BASE_DIR, "pine")
STATIC = Path(settings.BASE_DIR, "fusion_project", "static")
LIBRARY = STATIC / "vendor" / "lightweight-charts" / "5.2.1"
SLUGS = sorted(path.stem for path in PINE.glob("df-*.pine"))
PAGES = ["/education/", *(f"/education/{slug}/" for slug in SLUGS)]


def _page(client, address: str) -> str:
    """The page as a reader sees it: entities resolved."""
    return html.unescape(client.get(address).content.decode())


@pytest.fixture
def empty_home(settings, tmp_path):
    """A deployment without the folder `pine/`."""
    settings.BASE_DIR = tmp_path
    return tmp_path


@pytest.mark.parametrize("address", PAGES)
def test_a_page_needs_no_query_no_cookie_and_no_inline_code(
    client, db, django_assert_num_queries, address
) -> None:
    with django_assert_num_queries(0):
        answer = client.get(address)
    text = answer.content.decode()
    assert answer.status_code == 200
    assert not answer.cookies
    assert answer["Cache-Control"] == "public, max-age=300"
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert not re.search(r"\sstyle=|<style|<script(?![^>]*\ssrc=)|\son[a-z]+=", text)
    assert not re.search(r"(src|action|srcset)=[\"']?(https?:)?//", text)


def test_the_list_names_every_script_with_its_kind_and_events(client) -> None:
    page = _page(client, "/education/")
    assert len(SLUGS) >= 7
    for script in script_list():
        assert f'href="/education/{script.slug}/"' in page
        assert script.source.summary in page
        assert ", ".join(script.events) in page
    assert 'href="/tools/alert-linter/"' in page
    kinds = {one.slug: one.kind for one in script_list()}
    assert kinds["df-trend"] == "strategy"
    assert kinds["df-channel"] == "indicator"
    assert kinds["df-bars"] == kinds["df-canary"] == "service"


@pytest.mark.parametrize("slug", SLUGS)
def test_idea_inputs_and_source_come_from_the_script_itself(client, slug) -> None:
    page, text = _page(client, f"/education/{slug}/"), (PINE / f"{slug}.pine").read_text()
    title = text.splitlines()[1].removeprefix("// ").removesuffix(".")
    assert f"<h1>{title}</h1>" in page
    assert "docs/pine.md" not in page.partition('id="source"')[0]
    for tooltip in re.findall(r'tooltip = "([^"]*)"', text):
        assert tooltip in page
    assert text in page


@pytest.mark.parametrize("slug", SLUGS)
def test_every_kind_of_message_is_shown_as_sent_with_each_field_explained(client, slug) -> None:
    page, script = _page(client, f"/education/{slug}/"), script_get(slug)
    lines = (PINE / "golden" / f"{slug}.jsonl").read_text().splitlines()
    sent = {json.loads(line)["event"] for line in lines}
    assert {one.event for one in script.examples} == sent
    for example in script.examples:
        assert example.raw in lines
        assert f'<textarea name="message" hidden>{example.raw}</textarea>' in page
        explained = [*script.common, *example.fields]
        assert {one.name for one in explained} >= json.loads(example.raw).keys()
        assert all(one.meaning for one in explained)
        assert all(one.is_required for one in script.common)


@pytest.mark.parametrize("slug", SLUGS)
def test_the_chart_holds_the_file_and_a_mark_for_each_alert(client, slug) -> None:
    answer = client.get(f"/education/{slug}/chart.json")
    data, file = answer.json(), json.loads((PINE / "golden/charts" / f"{slug}.json").read_text())
    assert answer["Content-Type"] == "application/json"
    assert {name: data[name] for name in ("symbol", "timeframe", "mintick", "bars", "alerts")} == {
        name: file[name] for name in ("symbol", "timeframe", "mintick", "bars", "alerts")
    }
    assert [one["values"] for one in data["lines"]] == [one["values"] for one in file["lines"]]
    assert [one["time"] * 1000 for one in data["marks"]] == [
        one["bar_time"] for one in file["alerts"]
    ]
    times = {bar[0] for bar in data["bars"]}
    assert all(one["time"] in times for one in data["marks"])
    assert "invented" in data["notice"]


def test_the_same_alerts_stand_in_a_table_and_each_line_in_the_legend(client) -> None:
    page, chart = _page(client, "/education/df-trend/"), script_get("df-trend").chart
    assert page.count('<th scope="row"><time ') == len(chart.rows) > 0
    assert chart.sentence in page
    for line in chart.lines:
        assert re.search(rf'look-{line.look}".*</svg>{re.escape(line.title)}<', page)


def test_a_chart_is_asked_for_again_without_being_sent_again(client, db) -> None:
    first = client.get("/education/df-trend/chart.json")
    assert first["Cache-Control"] == "public, max-age=300"
    again = client.get("/education/df-trend/chart.json", headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304
    assert not again.content
    assert not first.cookies


def test_the_source_is_a_file_to_keep(client) -> None:
    answer = client.get("/education/df-trend/source")
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert answer["Content-Disposition"] == 'attachment; filename="df-trend.pine"'
    assert answer.content == (PINE / "df-trend.pine").read_bytes()


@pytest.mark.parametrize("slug", SLUGS)
def test_nobody_can_take_the_prices_for_a_track_record(client, slug) -> None:
    page = _page(client, f"/education/{slug}/")
    assert page.count("EXAMPLE DATA") >= 3
    assert "<title>EXAMPLE DATA" in page
    assert "The prices are invented" in page
    assert "can lose all the money put in" in page


def test_the_drawing_library_is_named_with_its_notice_and_a_link(client) -> None:
    page = _page(client, "/education/df-trend/")
    notice = (LIBRARY / "NOTICE").read_text()
    assert "2023 TradingView, Inc. https://www.tradingview.com/" in notice
    assert 'href="https://www.tradingview.com/"' in page
    assert "2023 TradingView, Inc." in page
    assert "Apache License" in (LIBRARY / "LICENSE").read_text()


def test_the_vendored_file_is_the_recorded_one() -> None:
    files = list(LIBRARY.glob("*.js"))
    assert len(files) == 1
    digest = hashlib.sha256(files[0].read_bytes()).hexdigest()
    assert digest in (STATIC / "VENDORED.md").read_text()


def test_the_vendored_file_travels_packed_where_a_browser_takes_that(client) -> None:
    [file] = LIBRARY.glob("*.js")
    path = f"/static/{file.relative_to(STATIC)}"
    packed = client.get(path, HTTP_ACCEPT_ENCODING="gzip")
    sent = b"".join(packed.streaming_content)
    assert packed["Content-Encoding"] == "gzip"
    assert len(sent) < 70_000
    assert gzip.decompress(sent) == file.read_bytes()
    assert not client.get(path, HTTP_ACCEPT_ENCODING="identity").has_header("Content-Encoding")


@pytest.mark.parametrize("name", ["education.css", "education.js", "education-marks.js"])
def test_a_static_file_is_served_and_asks_no_other_host(client, name) -> None:
    answer = client.get(f"/static/fusion/{name}")
    assert answer.status_code == 200
    text = b"".join(answer.streaming_content).decode()
    assert not re.search(r"(https?:)?//[a-z0-9.-]+\.[a-z]{2,}", text)


@pytest.mark.parametrize("slug", ["df-none", "golden", "df-trend.pine", "..", "%2e%2e%2fmanage"])
@pytest.mark.parametrize("rest", ["", "chart.json", "source"])
def test_an_unknown_name_leads_nowhere(client, db, slug, rest) -> None:
    assert client.get(f"/education/{slug}/{rest}").status_code == 404


def test_pages_take_no_other_method(client, db) -> None:
    for address in (*PAGES[:2], "/education/df-trend/chart.json", "/education/df-trend/source"):
        assert client.post(address).status_code == 405
        assert client.head(address).status_code == 200


def test_without_the_folder_the_list_says_so(client, db, empty_home) -> None:
    assert script_names() == []
    assert "No scripts are installed here" in _page(client, "/education/")
    assert client.get("/education/df-trend/").status_code == 404


def test_without_golden_files_a_script_still_has_its_page(client, db, empty_home) -> None:
    (empty_home / "pine").mkdir()
    (empty_home / "pine" / "df-trend.pine").write_text((PINE / "df-trend.pine").read_text())
    page = _page(client, "/education/df-trend/")
    assert "No example chart yet" in page
    assert "No example messages yet" in page
    assert client.get("/education/df-trend/chart.json").status_code == 404


def test_a_changed_file_is_read_anew(client, empty_home) -> None:
    (empty_home / "pine").mkdir()
    file = empty_home / "pine" / "df-new.pine"
    file.write_text("//@version=6\n// First: words.\n")
    assert "<h1>First: words</h1>" in _page(client, "/education/df-new/")
    file.write_text("//@version=6\n// Second: words.\n")
    assert "<h1>Second: words</h1>" in _page(client, "/education/df-new/")
