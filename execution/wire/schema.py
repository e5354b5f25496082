"""The requests as JSON Schema, generated from the structs, for whoever writes an executor."""

import json
from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Struct

from execution.wire.bars import Bars
from execution.wire.deals import DELETED_KIND
from execution.wire.fields import text_schema
from execution.wire.reading import BODY_BYTES_MAX, TELLING_BYTES_MAX
from execution.wire.requests import (
    MEMBER_KINDS,
    REPORT_REF,
    SHEET_REF,
    ExecutionReport,
    Heartbeat,
    Hello,
    Poll,
    Reports,
    Wait,
)
from execution.wire.sheets import Sheet

REQUESTS = (Hello, Poll, Reports, Heartbeat, Wait, Bars)
# What a request holds unread, so that the structs do not lead to it.
READ_ONE_BY_ONE = (ExecutionReport, Sheet)
_RAW_REFS = {REPORT_REF: ExecutionReport, SHEET_REF: Sheet}
_REF = "#/$defs/{name}"


def message_parts(kinds: Sequence[type[Struct]], ref: str) -> dict[str, Any]:
    """Return the schema of each message and of what it holds; `ref` says how one names another."""
    _, found = msgspec.json.schema_components(kinds, schema_hook=text_schema, ref_template=ref)
    structs = {kind.__name__: kind for kind in Struct.__subclasses__() if kind.__name__ in found}
    parts = {name: _in_plain_words(found[name], ref) for name in sorted(found)}
    for name, part in parts.items():
        part["description"] = " ".join(part["description"].split())
        _defaults_add(structs[name], part)
    if ExecutionReport.__name__ in parts:
        parts[ExecutionReport.__name__] |= _members_go_with_their_kinds()
    return parts


def executor_schema() -> dict[str, Any]:
    """Return the schema of each request, under `$defs`."""
    parts = message_parts((*REQUESTS, *READ_ONE_BY_ONE), _REF)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "executor.v1.json",
        "title": "Executor API v1, requests",
        "description": (
            "Bodies that executors post, one `$defs` each. Beyond this schema a body has at most "
            f"{BODY_BYTES_MAX} bytes, that of hello and heartbeat {TELLING_BYTES_MAX}, and a whole "
            "number is written without a decimal point."
        ),
        "anyOf": [{"$ref": _REF.format(name=kind.__name__)} for kind in REQUESTS],
        "$defs": parts,
    }


def executor_schema_text() -> str:
    """Return the schema as the text of its file."""
    return json.dumps(executor_schema(), indent=1, ensure_ascii=False) + "\n"


def _in_plain_words(part: Any, ref: str) -> Any:
    r"""Write the end of a pattern as `$`: Python's `\Z` is unknown to JSON Schema; set `ref`."""
    if isinstance(part, dict):
        return {name: _plain_word(name, value, ref) for name, value in part.items()}
    return [_in_plain_words(one, ref) for one in part] if isinstance(part, list) else part


def _plain_word(name: str, value: Any, ref: str) -> Any:
    if name == "pattern" and isinstance(value, str) and value.endswith(r"\Z"):
        return value.removesuffix(r"\Z") + "$"
    if name == "$ref" and value in _RAW_REFS:
        return ref.format(name=_RAW_REFS[value].__name__)
    return _in_plain_words(value, ref)


def _defaults_add(kind: type[Struct], part: dict[str, Any]) -> None:
    """Our text classes have defaults that msgspec cannot write down."""
    for one in msgspec.structs.fields(kind):
        if one.default_factory is not msgspec.NODEFAULT:
            property_ = part["properties"][one.encode_name]
            property_.setdefault("default", _plain(one.default_factory()))


def _plain(value: object) -> object:
    return value if isinstance(value, list | dict) else str(value)


def _members_go_with_their_kinds() -> dict[str, Any]:
    return {"allOf": [_member_goes(name, kinds) for name, kinds in MEMBER_KINDS.items()]}


def _member_goes(name: str, kinds: Sequence[str]) -> dict[str, Any]:
    told: dict[str, Any] = {"required": [name], "properties": {name: {"not": {"type": "null"}}}}
    if name == "deal":
        kind_of_deal = {"properties": {"kind": {"not": {"const": DELETED_KIND}}}}
        told["properties"][name] = {"type": "object", **kind_of_deal}
    return {
        "if": {"properties": {"kind": {"enum": list(kinds)}}},
        "then": told,
        "else": {"properties": {name: {"type": "null"}}},
    }
