"""Finds the commands in Markdown: fenced and indented ones, and whole ones between backticks."""

import re
from functools import cache
from pathlib import Path

from tests.architecture.source import tracked

KEY_LENGTH = 80
SHELLS = {"", "sh", "bash", "shell", "console"}
_FENCE = re.compile(r"^ *```(?P<language>[\w-]*)[^\n]*\n(?P<text>.*?)^ *```", re.M | re.S)
_PROGRAM = re.compile(
    r"(?:[A-Z][A-Z_]*=\S+ )*(?:(?:\./)?manage\.py|make|node|npm|pip|python3?|git|curl|printf|psql"
    r"|docker|\.venv/bin/\S+) \S.*"
)
_INDENTED = re.compile(r"^ {4,}(\S[^\n]*)$", re.M)
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=(?:'[^']*'|\"[^\"]*\"|(?:\$\([^)]*\)|\S)*)")
_INLINE = re.compile(r"(?<!`)`([^`]+)`(?!`)")


def pages() -> list[Path]:
    """Every page of the repository: README, change log, docs, those beside code."""
    return tracked("*.md")


def commands_of(text: str) -> list[str]:
    """The commands of one page; a fenced block that sets variables is one command."""
    fenced = [command for block in _FENCE.finditer(text) for command in _of_fence(block)]
    prose = _FENCE.sub("", text)
    indented = [line.strip() for line in _INDENTED.findall(prose)]
    spoken = [" ".join(one.split()) for one in _INLINE.findall(_INDENTED.sub("", prose))]
    return [*fenced, *(one for one in [*indented, *spoken] if _PROGRAM.fullmatch(one))]


def key_of(command: str) -> str:
    """A command's name in the list: its first line, cut where it is long."""
    first, *others = command.splitlines()
    name = re.sub(r"(?<![./\w])manage\.py ", "./manage.py ", first)
    return f"{name[:KEY_LENGTH]} …" if others or len(name) > KEY_LENGTH else name


@cache
def documented() -> dict[str, str]:
    """Every command by its key."""
    return {key_of(one): one for page in pages() for one in commands_of(page.read_text())}


def _of_fence(block: re.Match[str]) -> list[str]:
    if block["language"] not in SHELLS:
        return []
    text = re.sub(r"\\\n\s*", "", block["text"])
    lines = [line.strip() for line in text.splitlines()]
    lines = [line for line in lines if line and not line.startswith("#")]
    return ["\n".join(lines)] if any(_ASSIGNMENT.fullmatch(line) for line in lines) else lines
