"""Reserves are checked by a program of one file that knows nothing of ours."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.builders.chain import live_bound, seen
from tests.builders.people import staff_make
from tests.builders.reserves import HOLDERS, owed_make
from tokens.services.reserves import statement_sign

VERIFIER = Path(__file__).resolve().parents[3] / "docs" / "verify" / "verify_reserves.py"
KEY = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
PUBLIC = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"

pytestmark = pytest.mark.django_db


@pytest.fixture
def owed(settings):
    """A live book with five holders of DAI and two of DCT; the login of who takes epochs."""
    settings.SIGNING_KEY = KEY
    seen(live_bound())
    owed_make(book="live")
    return staff_make("ops").username


def take(user: str, book: str = "live") -> None:
    call_command("reserves_snapshot", "--book", book, "--as", user)


def export(path: Path, *options: str) -> list[dict]:
    call_command("export_reserves", "--book", "live", "-o", str(path), *options)
    return [json.loads(line) for line in path.read_text().splitlines()]


def verify(*told: object) -> tuple[int, str]:
    ran = subprocess.run(
        [sys.executable, "-I", str(VERIFIER), *map(str, told)],
        capture_output=True,
        text=True,
        check=False,
    )
    return ran.returncode, ran.stdout + ran.stderr


def test_epochs_are_chained_signed_and_add_up(owed, tmp_path, capsys):
    path = tmp_path / "reserves.jsonl"
    take(owed)
    take(owed)
    lines = export(path)
    assert "epoch 2 of the live book, signed" in capsys.readouterr().out
    told = json.loads(lines[2]["statement"])
    sums = {one["unit"]: (one["sum"], one["leaves"]) for one in told["owed"]}
    assert sums == {"DAI": (str(15 * 10**9), 5), "DCT": (str(100 * 10**9), 2)}
    (chain,) = told["chains"]
    assert (chain["state"], chain["supply"], chain["treasury"]) == (
        "green",
        str(100 * 10**9),
        str(90 * 10**9),
    )
    assert verify(path, "--key", PUBLIC, "--head", lines[1]["sha256"]) == (
        0,
        f"ok: 2 epochs of the live book\nsigned by {PUBLIC}\nhead {lines[2]['sha256']}\n",
    )


def test_a_holder_checks_a_proof_against_the_export_or_the_published_epoch(owed, tmp_path):
    whole, head, path = (tmp_path / name for name in ("all", "head", "proof"))
    take(owed)
    export(whole)
    export(head, "--head")
    export(path, "--holder", HOLDERS[3], "--unit", "DAI")
    assert len(path.read_bytes()) < 1_000
    for source in (whole, head):
        code, said = verify(source, path, "--key", PUBLIC)
        assert (code, f"{HOLDERS[3]} is in with {4 * 10**9} of DAI" in said) == (0, True)
    code, said = verify(path)
    assert (code, "is in no file before it" in said) == (2, True)


@pytest.mark.parametrize(
    "change",
    [
        {"amount": "1"},
        {"holder": HOLDERS[2]},
        {"salt": "0" * 32},
        {"place": 2},
        {"place": -5},
        {"unit": "DCT"},
        {"beside": []},
    ],
    ids=str,
)
def test_a_proof_that_says_anything_else_is_refused(owed, tmp_path, change):
    whole, path = tmp_path / "all", tmp_path / "proof"
    take(owed)
    export(whole)
    (line,) = export(path, "--holder", HOLDERS[3], "--unit", "DAI")
    path.write_text(json.dumps(line | change))
    code, said = verify(whole, path)
    assert (code, "is not in the sum of" in said) == (1, True)


def test_an_amount_below_zero_in_a_proof_is_no_amount(owed, tmp_path):
    whole, path = tmp_path / "all", tmp_path / "proof"
    take(owed)
    export(whole)
    (line,) = export(path, "--holder", HOLDERS[3], "--unit", "DAI")
    digest = line["beside"][0].partition(":")[0]
    for change in ({"amount": "-1"}, {"beside": [f"{digest}:-5", *line["beside"][1:]]}):
        path.write_text(json.dumps(line | change))
        code, said = verify(whole, path)
        assert (code, "is no amount" in said) == (2, True)


def test_each_damage_is_named(owed, tmp_path):
    path = tmp_path / "reserves.jsonl"
    take(owed)
    take(owed)
    start, first, second, dai, dct = export(path)
    less = second["statement"].replace(str(15 * 10**9), str(14 * 10**9))
    forged = [["00" * 32, dai["nodes"][0][1]], *dai["nodes"][1:]]
    halved = [[one, str(int(amount) // 2)] for one, amount in dai["nodes"]]
    wrong = "leaves of DAI do not give its root and sum"
    damages = [
        ("epoch 2: its signature does not hold", [first, second | {"statement": less}, dai, dct]),
        ("epoch 2: its hash does not follow", [first, second | {"statement": less}, dai, dct]),
        ("epoch 2 stands where 1 should", [second, dai, dct]),
        ("epoch 2 does not hold the hash", [second, dai, dct]),
        ("epoch 2 does not hold the hash", [first | {"sha256": "0" * 64}, second, dai, dct]),
        (wrong, [first, second, dai | {"nodes": dai["nodes"][1:]}, dct]),
        (wrong, [first, second, dai | {"nodes": forged}, dct]),
        (wrong, [first, second, dai | {"nodes": halved}, dct]),
        (wrong, [first, second, dct]),
        ("epoch 1: its signature", [first | {"signature": second["signature"]}, second, dai, dct]),
    ]
    for words, lines in damages:
        path.write_text("\n".join(json.dumps(line) for line in (start, *lines)))
        code, said = verify(path)
        assert (code, words in said) == (1, True), (words, said)
    export(path)
    for option, words in (("--key", "signed with another key"), ("--head", "no epoch has")):
        code, said = verify(path, option, "00" * 32)
        assert (code, words in said) == (1, True), said


@pytest.mark.parametrize("text", ["", "x", "[]", '{"format": "df.seal_export.v1"}', "{}"])
def test_what_is_no_reserves_is_no_verdict(tmp_path, text):
    path = tmp_path / "x"
    path.write_text(text)
    code, said = verify(path)
    assert (code, "Traceback" in said) == (2, False)


def test_without_a_key_it_is_unsigned_and_says_so(owed, settings, tmp_path, capsys):
    settings.SIGNING_KEY = ""
    path = tmp_path / "reserves.jsonl"
    take(owed)
    assert "NOT signed" in capsys.readouterr().out
    export(path)
    assert "NOT signed" in capsys.readouterr().out
    code, said = verify(path)
    assert (code, "signed by nobody" in said) == (0, True)
    assert verify(path, "--key", PUBLIC)[0] == 1


def test_who_is_owed_nothing_has_no_proof_and_an_empty_book_no_epoch(owed, tmp_path):
    with pytest.raises(CommandError, match="has no epoch yet"):
        export(tmp_path / "x")
    with pytest.raises(CommandError, match="owes nobody"):
        take(owed, "paper")
    take(owed)
    with pytest.raises(CommandError, match="has no DCT"):
        export(tmp_path / "x", "--holder", HOLDERS[0])
    with pytest.raises(CommandError, match="cannot be written"):
        export(tmp_path / "no" / "x")


def test_our_signature_is_that_of_the_reference(settings):
    settings.SIGNING_KEY = KEY
    public, signature = statement_sign(b"")
    assert public == PUBLIC
    assert (signature[:16], signature[-16:]) == ("e5564300c360ac72", "655141438e7a100b")
