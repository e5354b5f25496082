"""The newest epoch of reserves is published beside the heads of the seal."""

import json

import pytest

from tests.builders.public_pages import page_text
from tests.builders.reserves import HOLDERS, owed_make
from tokens.models import ReserveLeaf
from tokens.services.reserves import reserves_snapshot

pytestmark = pytest.mark.django_db
KEY = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"


def test_the_page_shows_each_books_newest_epoch_or_that_there_is_none(client, settings):
    settings.SIGNING_KEY = KEY
    owed_make()
    reserves_snapshot(book="paper", actor="system")
    newest = reserves_snapshot(book="paper", actor="system")
    page = page_text(client, "/seal/")
    assert f"<code>{newest.sha256}</code>" in page
    assert f"signed with the key <code>{newest.public_key}</code>" in page
    assert page.count("no epoch yet") == 1
    told = client.get("/seal/reserves/paper.json")
    assert told["Cache-Control"] == "public, max-age=2"
    line = told.json()
    assert (line["format"], line["sha256"]) == ("df.reserves_head.v1", newest.sha256)
    assert json.loads(line["statement"])["epoch"] == 2


def test_an_unsigned_epoch_says_so_on_the_page(client):
    owed_make()
    reserves_snapshot(book="paper", actor="system")
    assert "<strong>not signed</strong>: this desk has set no key" in page_text(client, "/seal/")


def test_before_the_first_epoch_and_for_no_book_there_is_nothing(client):
    for book in ("paper", "live", "other"):
        assert client.get(f"/seal/reserves/{book}.json").status_code == 404


def test_nobodys_name_or_salt_is_published(client):
    owed_make()
    reserves_snapshot(book="paper", actor="system")
    text = client.get("/seal/reserves/paper.json").content.decode()
    text += client.get("/seal/").content.decode()
    salts = ReserveLeaf.objects.values_list("salt", flat=True)
    assert not [one for one in (*HOLDERS, *salts) if one in text]
