"""Calls, names and handlers: everything used is declared by the program or stands in the table."""

from typing import Final

from mql5.host.api_table import Function, table
from mql5.host.lint.rule import Found, rule
from mql5.host.lint.shape import KEYWORDS
from mql5.host.lint.words import BANNED
from mql5.host.program import DEFINE, Program, Source
from mql5.host.tokens import Stream, Token, tokens_of

_PREDEFINED: Final = frozenset(["__MQL5__"])


def _streams(source: Source) -> list[Stream]:
    """The file and the bodies of its macros."""
    found = [source.stream]
    for token in source.stream:
        define = DEFINE.match(token.text) if token.kind == "directive" else None
        if define:
            found.append(Stream(list(tokens_of(define[3].replace("\\\n", " "), token.line))))
    return found


def _is_call(stream: Stream, at: int) -> bool:
    return stream.at(at).kind == "name" and stream.text(at + 1) == "("


def _free(stream: Stream, at: int) -> bool:
    return stream.text(at - 1) not in (".", "::", "->")


@rule("unknown-call", "a function is the program's own or stands in the API table")
def _unknown_calls(program: Program, source: Source) -> Found:
    own = frozenset(program.functions) | program.types | program.methods
    variables = {one.name for each in program.sources for one in program.declared(each)}
    for stream in _streams(source):
        for at, token in enumerate(stream):
            if not _is_call(stream, at) or not _free(stream, at) or token.text in KEYWORDS:
                continue
            known = token.text in own or token.text in table().functions or token.text in variables
            if not known and token.text not in BANNED and token.text not in program.macros:
                yield token.line, f"{token.text} is neither the program's nor in mql5/host/api"


@rule("unknown-method", "a method is declared by a type of the program")
def _unknown_methods(program: Program, source: Source) -> Found:
    stream = source.stream
    for at, token in enumerate(stream):
        if (
            _is_call(stream, at)
            and stream.text(at - 1) == "."
            and token.text not in program.methods
        ):
            yield token.line, f"no type of the program has a method {token.text}"


def _members() -> set[str]:
    texts = table().structs.values()
    return {word for text in texts for part in text.split(";") for word in part.split()[1:]}


@rule("unknown-name", "a name is declared by the program or stands in the API table")
def _unknown_names(program: Program, source: Source) -> Found:
    known = program.names | frozenset(program.functions) | program.methods | program.types
    known |= table().values | frozenset(table().functions) | frozenset(program.macros)
    known |= KEYWORDS | frozenset(BANNED) | _PREDEFINED | _members()
    known |= {one for all_of in program.enums.values() for one in all_of}
    known |= _further(program)
    for stream in _streams(source):
        for at, token in enumerate(stream):
            if token.kind == "name" and token.text not in known and not _is_call(stream, at):
                typed = stream.at(at + 1).kind == "name"  # told by the rule of types
                if not typed:
                    yield token.line, f"{token.text} is declared nowhere"


def _further(program: Program) -> set[str]:
    """The second and later names of `int a, b;`, of which the first is known."""
    found = set()
    for source in program.sources:
        stream = source.stream
        for one in program.declared(source):
            at = one.name_at + 1
            if one.depth == "parameters" or one.follows == "(":
                continue
            while at < len(stream) and stream.text(at) not in (";", ")", "{", "}"):
                if stream.text(at) == "," and stream.at(at + 1).kind == "name":
                    found.add(stream.text(at + 1))
                at = stream.partner.get(at, at) + 1
    return found


def _declares(program: Program, stream: Stream, at: int) -> bool:
    return stream.text(at - 1) in program.types or stream.text(at - 2) in program.types


@rule("arguments", "a function gets as many values as it takes")
def _arguments(program: Program, source: Source) -> Found:
    for stream in _streams(source):
        for at, token in enumerate(stream):
            if not _is_call(stream, at) or not _free(stream, at) or at + 1 not in stream.partner:
                continue
            given = len(stream.arguments(at + 1))
            api = table().functions.get(token.text)
            own = program.functions.get(token.text)
            if api and not any(one.takes(given) for one in api):
                yield token.line, f"{token.text} does not take {given} values: {_signature(api[0])}"
            elif own and not _declares(program, stream, at) and not _fits(own, given):
                yield token.line, f"{token.text} does not take {given} values"


def _fits(counts: list[tuple[int, int]], given: int) -> bool:
    return any(least <= given <= most for least, most in counts)


def _signature(one: Function) -> str:
    words = [
        f"{part.type} {'&' * part.by_reference}{part.name}{'[]' * part.array}"
        for part in one.parameters
    ]
    return f"{one.name}({', '.join([*words, *['...'] * one.any_number])})"


@rule("handler", "a handler has the signature that the terminal calls")
def _handlers(program: Program, source: Source) -> Found:
    stream = source.stream
    for one in program.declared(source):
        wanted = table().handlers.get(one.name)
        if wanted is None or one.depth != "file" or one.follows != "(" or one.owner:
            continue
        given = [
            [stream.at(i) for i in range(start, end)]
            for start, end in stream.arguments(one.name_at + 1)
        ]
        given = [] if [[token.text for token in part] for part in given] == [["void"]] else given
        if one.type != wanted.gives or not _same(given, wanted):
            line = stream.at(one.at).line
            yield line, f"the terminal calls {wanted.gives} {_signature(wanted)}"


def _same(given: list[list[Token]], wanted: Function) -> bool:
    if len(given) != len(wanted.parameters):
        return False
    for words, part in zip(given, wanted.parameters, strict=True):
        texts = [token.text for token in words if token.text != "const"]
        if texts[:1] != [part.type] or ("&" in texts) != part.by_reference:
            return False
    return True


@rule("unknown-handler", "On… is a handler")
def _unknown_handlers(program: Program, source: Source) -> Found:
    for one in program.declared(source):
        event = one.name.startswith("On") and one.name[2:3].isupper() and one.follows == "("
        if event and one.depth == "file" and not one.owner and one.name not in table().handlers:
            line = source.stream.at(one.at).line
            yield line, f"{one.name}: the terminal calls no such handler of an Expert Advisor"


@rule("utf8", "text becomes bytes as UTF-8")
def _utf8(program: Program, source: Source) -> Found:
    stream = source.stream
    for at, token in enumerate(stream):
        if not _is_call(stream, at) or at + 1 not in stream.partner:
            continue
        inside = [stream.text(one) for one in range(at + 2, stream.partner[at + 1])]
        text_file = token.text == "FileOpen" and "FILE_TXT" in inside
        if (text_file or token.text in ("StringToCharArray", "CharArrayToString")) and (
            "CP_UTF8" not in inside
        ):
            yield token.line, f"{token.text}: write CP_UTF8, else each machine writes other bytes"


@rule("file-mode", "files are FILE_BIN, or FILE_TXT with FILE_ANSI")
def _file_mode(program: Program, source: Source) -> Found:
    stream = source.stream
    for at, token in enumerate(stream):
        if _is_call(stream, at) and token.text == "FileOpen" and at + 1 in stream.partner:
            inside = {stream.text(one) for one in range(at + 2, stream.partner[at + 1])}
            if inside & {"FILE_CSV", "FILE_UNICODE"} or (
                "FILE_TXT" in inside and "FILE_ANSI" not in inside
            ):
                yield token.line, "write FILE_BIN, or FILE_TXT | FILE_ANSI with CP_UTF8"


@rule("math-types", "MathMax and MathMin compare values of one type")
def _literal_mixes(program: Program, source: Source) -> Found:
    stream = source.stream
    for at, token in enumerate(stream):
        if token.text in ("MathMax", "MathMin") and at + 1 in stream.partner:
            kinds = set()
            for start, end in stream.arguments(at + 1):
                if end - start == 1 and stream.at(start).kind == "number":
                    kinds.add("." in stream.at(start).text)
            if len(kinds) == 2:
                yield token.line, "one is a whole number and one is not; cast one of them"
