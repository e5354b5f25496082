"""The file as a whole: bytes, directives, what a program must have."""

import re
from typing import Final

from mql5.host.lint.rule import Found, rule
from mql5.host.program import DEFINE, INCLUDE, Program, Source

_PROPERTIES: Final = frozenset(
    [
        *("copyright", "link", "version", "description", "strict", "icon", "stacksize"),
        "script_show_inputs",
    ]
)
_GUARD: Final = re.compile(r"#\s*ifndef\s+(\w+)\s*\n\s*#\s*define\s+(\w+)\s*\n")


@rule("bytes", "ASCII, or UTF-8 with a byte order mark")
def _bytes(program: Program, source: Source) -> Found:
    marked = source.raw.startswith(b"\xef\xbb\xbf")
    for number, line in enumerate(source.raw.split(b"\n"), 1):
        rest = line.removeprefix(b"\xef\xbb\xbf")
        if not rest.isascii() and not marked:
            yield number, "other than ASCII letters: MetaEditor would take them for the machine's"
        if b"\0" in rest:
            yield number, "a zero byte: save the file as UTF-8, not as UTF-16"
    try:
        source.raw.decode("utf-8")
    except UnicodeDecodeError:
        yield 1, "no UTF-8"


def _word(text: str) -> tuple[str, str]:
    found = re.match(r"#\s*(\w*)\s*(.*)", text, re.DOTALL)
    return (found[1], found[2].split("//")[0].strip()) if found else ("", "")


@rule("directive", "only #property, #include, #define and include guards")
def _directives(program: Program, source: Source) -> Found:
    for token in source.stream:
        if token.kind != "directive":
            continue
        word, rest = _word(token.text)
        if fault := _directive_fault(word, rest, token.text):
            yield token.line, fault


def _directive_fault(word: str, rest: str, text: str) -> str:
    if word in ("import", "resource"):
        return f"#{word}: no DLLs and no resources, also for safety"
    if word == "property" and rest.split(" ")[0] not in _PROPERTIES:
        return f"#property {rest.split(' ')[0]} is not for an Expert Advisor of this kind"
    if word == "include" and not INCLUDE.fullmatch(text.strip()):
        return '#include "File.mqh" or <Folder/File.mqh>'
    if word == "ifdef" and rest != "__MQL5__":
        return "#ifdef: one source for the terminal and for the host, without branches"
    if word not in ("property", "include", "define", "ifdef", "ifndef", "endif"):
        return f"#{word}: not in the plain subset"
    return ""


@rule("macro", "a macro is a constant")
def _macros(program: Program, source: Source) -> Found:
    for token in source.stream:
        define = DEFINE.match(token.text) if token.kind == "directive" else None
        if define and define[2]:
            yield token.line, f"{define[1]}(…): write a function"
        elif define and "##" in define[3]:
            yield token.line, f"{define[1]}: no pasted names; write the name"
        elif define and re.search(r"#\s*\w", define[3].split('"')[0]):
            yield token.line, f"{define[1]}: no text made of names; write the text"


@rule("include-path", "includes stay inside the folder")
def _paths(program: Program, source: Source) -> Found:
    for token in source.stream:
        found = INCLUDE.fullmatch(token.text.strip()) if token.kind == "directive" else None
        name = (found[1] or found[2]) if found else ""
        if ".." in name.split("/") or "\\" in name or name.startswith("/"):
            yield token.line, f"{name}: beside the file, or <Folder/File.mqh>, with /"
        elif name and not name.endswith(".mqh"):
            yield token.line, f"{name}: an included file ends in .mqh"


@rule("guard", "an included file has an include guard")
def _guards(program: Program, source: Source) -> Found:
    if source is program.main:
        return
    text = re.sub(r"//[^\n]*|/\*.*?\*/", "", source.text, flags=re.DOTALL).lstrip("\ufeff \r\n")
    found = _GUARD.match(text.replace("\r", ""))
    if found is None or found[1] != found[2]:
        yield 1, "begin with #ifndef NAME_MQH and #define NAME_MQH, end with #endif"


@rule("program", "a program has a handler, and only Expert Advisors and scripts are run")
def _program(program: Program, source: Source) -> Found:
    if source is not program.main:
        return
    if source.path.suffix != ".mq5":
        yield 1, "a program ends in .mq5"
    if "OnCalculate" in program.functions:
        yield 1, "indicators are not run"
    if "OnStart" in program.functions and len(program.handlers()) > 1:
        yield 1, "a script has OnStart alone"
    if not program.handlers():
        yield 1, "no handler: the terminal would call nothing"


@rule("input-place", "inputs stand in the program's own file, each with a value and a label")
def _inputs(program: Program, source: Source) -> Found:
    stream, lines = source.stream, source.text.splitlines()
    for at, token in enumerate(stream):
        if stream.text(at) != "input" or stream.text(at + 1) == "group":
            continue
        if source is not program.main:
            yield token.line, "put it into the .mq5 file, where the trader sees it"
        if stream.text(at + 3) != "=":
            yield token.line, "an input has a value: input int Name = 1; // label"
        elif "//" not in lines[token.line - 1]:
            yield token.line, "say after // what the trader sets here"
