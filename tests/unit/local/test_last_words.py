"""A process that gave up is quoted with its reason, not with the end of a traceback."""

from pathlib import Path

import pytest

from fusion_project.local.run.stack import last_words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("started\nstopped by hand\n", "stopped by hand"),
        (
            "Traceback (most recent call last):\n  File \"x.py\"\nNameError: name 'math' is not "
            "defined\n",
            "NameError: name 'math' is not defined",
        ),
        (
            "django.core.exceptions.ImproperlyConfigured: The environment is not fit:\n"
            "  PORT: is odd\n",
            "The environment is not fit:",
        ),
        (
            'django.db.utils.ProgrammingError: column "x" does not exist\n'
            "LINE 1: SELECT x\n               ^\n",
            'ProgrammingError: column "x" does not exist',
        ),
        (
            "psycopg.errors.DiskFull: could not extend file: No space left on device\n"
            "HINT:  Check free disk space.\nLINE 1: INSERT\n    ^^^^\n",
            "the disk is full",
        ),
        ("\n\n", "its log is empty"),
    ],
)
def test_the_reason_is_found(tmp_path: Path, text: str, words: str) -> None:
    log = tmp_path / "one.log"
    log.write_text(text)
    said = last_words(log)
    assert words in said
    assert "\n" not in said
    assert "^" not in said


def test_a_missing_log_is_said(tmp_path: Path) -> None:
    assert last_words(tmp_path / "none.log") == "it left no log"
