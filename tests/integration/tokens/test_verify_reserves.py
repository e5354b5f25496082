"""Reserves are checked by a program of one file that knows nothing of ours."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction

from tests.builders.chain import live_bound, seen
from tests.builders.people import staff_make
from tests.builders.treasury import ledger_accounts_make
from tests.factories.treasury import draft_of
from tokens.models import ReserveSnapshot
from tokens.services.reserves import statement_sign
from treasury.services.ledger import post

VERIFIER = Path(__file__).resolve().parents[3] / "docs" / "verify" / "verify_reserves.py"
KEY = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
PUBLIC = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
HOLDERS = [f"Liabilities:Holders:DAI:H{number}" for number in range(5)]

pytestmark = pytest.mark.django_db


@pytest.fixture
def owed(settings):
    settings.SIGNING_KEY = KEY
    seen(live_bound())
    ledger_accounts_make("Equity:Issued:DAI", *HOLDERS, currency="DAI", book="live")
    for number, holder in enumerate(HOLDERS):
        lines = ("Equity:Issued:DAI", "DAI", f"{number + 1}"), (holder, "DAI", f"-{number + 1}")
        post(drafts=[draft_of(f"owed-{number}", *lines, book="live")])
    return staff_make("ops").username


def export(path: Path, *options: str, user: str = "") -> list[dict]:
    named = ["--as", user] if user else []
    call_command("export_reserves", "--book", "live", "-o", str(path), *options, *named)
    return [json.loads(line) for line in path.read_text().splitlines()]


def verify(path: Path, *options: str) -> tuple[int, str]:
    ran = subprocess.run(
        [sys.executable, "-I", str(VERIFIER), str(path), *options],
        capture_output=True,
        text=True,
        check=False,
    )
    return ran.returncode, ran.stdout


def test_epochs_are_chained_signed_and_add_up(owed, tmp_path, capsys):
    path = tmp_path / "reserves.jsonl"
    export(path, "--new", user=owed)
    lines = export(path, "--new", user=owed)
    assert "epoch 2 of the live book, signed" in capsys.readouterr().out
    told = json.loads(lines[2]["statement"])
    sums = {one["unit"]: (one["sum"], one["leaves"]) for one in told["owed"]}
    assert sums == {"DAI": (str(15 * 10**9), 5), "DCT": (str(100 * 10**9), 2)}
    assert told["chains"][0]["state"] == "green"
    assert verify(path, "--key", PUBLIC, "--head", lines[1]["sha256"]) == (
        0,
        f"ok: 2 epochs\nhead {lines[2]['sha256']}\n",
    )


def test_a_holder_checks_a_proof_and_any_change_is_refused(owed, tmp_path):
    export(tmp_path / "all", "--new", user=owed)
    path = tmp_path / "proof.json"
    line = export(path, "--holder", HOLDERS[3], "--unit", "DAI")[0]
    code, said = verify(path, "--key", PUBLIC)
    assert (code, f"{HOLDERS[3]} is in with {4 * 10**9} of DAI" in said) == (0, True)
    for change in ({"amount": "1"}, {"holder": HOLDERS[2]}, {"salt": "0" * 32}, {"place": 2}):
        path.write_text(json.dumps(line | change))
        assert verify(path)[0] == 1, change


def test_each_damage_is_named(owed, tmp_path):
    path = tmp_path / "reserves.jsonl"
    export(path, "--new", user=owed)
    lines = export(path, "--new", user=owed)
    first, second, dai = lines[1], lines[2], lines[3]
    less = second["statement"].replace(str(15 * 10**9), str(14 * 10**9))
    damages = {
        "its signature does not hold": [lines[0], first, second | {"statement": less}, dai],
        "stands where 1 should": [lines[0], second, dai],
        "do not give its root": [lines[0], first, second, dai | {"nodes": dai["nodes"][1:]}],
        "does not hold the hash": [lines[0], first | {"sha256": "0" * 64}, second],
        "another key": None,
    }
    for words, told in damages.items():
        text = told or lines
        path.write_text("\n".join(json.dumps(line) for line in text))
        code, said = verify(path, *([] if told else ["--key", "00" * 32]))
        assert (code, words in said) == (1, True), (words, said)
    path.write_text('{"format": "df.seal_export.v1"}')
    assert verify(path)[0] == 2


def test_without_a_key_it_is_unsigned_and_says_so(owed, settings, tmp_path, capsys):
    settings.SIGNING_KEY = ""
    path = tmp_path / "reserves.jsonl"
    export(path, "--new", user=owed)
    assert "NOT signed" in capsys.readouterr().out
    code, said = verify(path)
    assert (code, "1 of 1 epochs are not signed" in said) == (0, True)
    assert verify(path, "--key", PUBLIC)[0] == 1


def test_an_epoch_follows_the_one_before_and_never_changes(owed, tmp_path):
    export(tmp_path / "x", "--new", user=owed)
    one = ReserveSnapshot.objects.get()
    for change in (
        {"epoch": 3},
        {"epoch": 2, "previous": "0" * 64},
        {"epoch": 2, "statement": "{}"},
    ):
        values = {name: getattr(one, name) for name in ("book", "at", "statement", "sha256")}
        with pytest.raises(DatabaseError), transaction.atomic():
            ReserveSnapshot.objects.create(**({"previous": one.sha256} | values | change))
    with pytest.raises(DatabaseError), transaction.atomic():
        ReserveSnapshot.objects.update(signature="")
    with pytest.raises(DatabaseError), transaction.atomic():
        one.leaves.all().delete()


def test_who_is_owed_nothing_has_no_proof_and_an_empty_book_no_epoch(owed, tmp_path):
    with pytest.raises(CommandError, match="no epoch yet"):
        export(tmp_path / "x")
    with pytest.raises(CommandError, match="owes nobody"):
        call_command(
            "export_reserves", "--book", "paper", "--new", "-o", str(tmp_path / "x"), "--as", owed
        )
    export(tmp_path / "x", "--new", user=owed)
    with pytest.raises(CommandError, match="has no DCT"):
        export(tmp_path / "x", "--holder", HOLDERS[0])


def test_our_signature_is_that_of_the_reference(settings):
    settings.SIGNING_KEY = KEY
    public, signature = statement_sign(b"")
    assert public == PUBLIC
    assert (signature[:16], signature[-16:]) == ("e5564300c360ac72", "655141438e7a100b")
