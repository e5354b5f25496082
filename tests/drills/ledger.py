"""`make ledger-check`: the demo's books, checked by us and by two programs of others.

Both programs accept each export as it is, and refuse it after every small damage.
"""

import gzip
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

BIN = Path(sys.executable).parent
POSTING = re.compile(r"^(  )(\S+)( +)(-?\d+\.\d+) (\S+)$", re.MULTILINE)
PROGRAMS: dict[str, Callable[[Path], list[str]]] = {
    "beancount": lambda file: [str(BIN / "bean-check"), "--no-cache", str(file)],
    "hledger": lambda file: ["hledger", "-f", str(file), "check", "--strict", "ordereddates"],
}


def program_of(name: str) -> str | None:
    """Where the program stands, or None."""
    command = PROGRAMS[name](Path())[0]
    return shutil.which(command)


def refusal(name: str, file: Path) -> str:
    """What the program says against the journal; empty where it accepts it."""
    done = subprocess.run(PROGRAMS[name](file), capture_output=True, text=True)
    return (done.stdout + done.stderr).strip() or "exit code" if done.returncode else ""


def damaged(text: str) -> Iterator[tuple[str, str]]:
    """The journal after each small damage to one posting in its middle, by name."""
    found = list(POSTING.finditer(text))
    one = found[len(found) // 2]
    indent, account, gap, amount, unit = one.groups()
    last = str((int(amount[-1]) + 1) % 10)
    other = "EUR" if unit != "EUR" else "USD"
    swapped = amount[1:] if amount.startswith("-") else f"-{amount}"
    changed = {
        "1e-18 off": f"{indent}{account}{gap}{amount[:-1]}{last} {unit}",
        "wrong currency": f"{indent}{account}{gap}{amount} {other}",
        "unopened account": f"{indent}{account}X{gap}{amount} {unit}",
        "dropped line": None,
        "swapped sign": f"{indent}{account}{gap}{swapped} {unit}",
    }
    for name, line in changed.items():
        end = one.end() + 1 if line is None else one.end()
        yield name, text[: one.start()] + (line or "") + text[end:]


def judged(name: str, journal: Path) -> Iterator[tuple[str, bool, str]]:
    """(what was asked, whether it went as it must, the program's words) for one journal."""
    words = refusal(name, journal)
    yield f"{name} accepts {journal.stem}", not words, words
    for damage, text in damaged(journal.read_text(encoding="utf-8")):
        broken = journal.with_name(f"{damage.replace(' ', '-')}.{journal.name}")
        broken.write_text(text, encoding="utf-8")
        words = refusal(name, broken)
        yield f"{name} refuses: {damage}", bool(words), words


def main() -> int:
    import_module("tests.embedded")  # starts a server of its own
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fusion_project.settings")
    import_module("django").setup()
    database = import_module("tests.database")
    dump = max((Path(__file__).parents[1] / "dumps").glob("*.sql.gz"))
    name = database.restored_create(gzip.decompress(dump.read_bytes()).decode())
    call_command = import_module("django.core.management").call_command
    with (
        database.pointed_at(name),
        database.as_owner(),
        tempfile.TemporaryDirectory() as folder,
    ):
        call_command("migrate", verbosity=0, interactive=False)
        call_command("ledger_check")
        return _programs(Path(folder), call_command)


def _programs(folder: Path, call_command: Callable[..., None]) -> int:
    missed = 0
    for name in PROGRAMS:
        if program_of(name) is None:
            print(f"SKIPPED {name}: it is not installed (Debian: apt install {name})")
            continue
        journal = folder / f"paper.{name}"
        call_command("export_ledger", format=name, book="paper", output=journal)
        for asked, is_so, words in judged(name, journal):
            print(f"{'ok  ' if is_so else 'BAD '} {asked}")
            if not is_so:
                missed += 1
                print(words or "  it was accepted")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
