"""The requests as JSON Schema, generated from the structs, for whoever writes an executor."""

import json
from typing import Any

import msgspec

from execution.wire.deals import ReportedDeal
from execution.wire.fields import text_schema
from execution.wire.reading import BODY_BYTES_MAX
from execution.wire.requests import (
    DEAL_REPORT_KINDS,
    ExecutionReport,
    Heartbeat,
    Hello,
    Poll,
    Reports,
    Sheet,
    Watermark,
)

REQUESTS = (Hello, Poll, Reports, Heartbeat)
_PARTS = (Sheet, ExecutionReport, ReportedDeal, Watermark)
_REF = "#/$defs/{name}"


def executor_schema() -> dict[str, Any]:
    """Return the schema of hello, poll, reports and heartbeat, each under `$defs`."""
    kinds = (*REQUESTS, *_PARTS)
    _, found = msgspec.json.schema_components(kinds, schema_hook=text_schema, ref_template=_REF)
    parts = {kind.__name__: _ends_as_in_javascript(found[kind.__name__]) for kind in kinds}
    for kind in kinds:
        part = parts[kind.__name__]
        part["description"] = " ".join(part["description"].split())
        _defaults_add(kind, part)
    parts[ExecutionReport.__name__] |= _deal_goes_with_its_kinds()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "executor.v1.json",
        "title": "Executor API v1, requests",
        "description": (
            "Bodies that executors post to hello, poll, reports and heartbeat, one `$defs` each. "
            f"Beyond this schema a body has at most {BODY_BYTES_MAX} bytes, and a whole number is "
            "written without a decimal point."
        ),
        "anyOf": [{"$ref": _REF.format(name=kind.__name__)} for kind in REQUESTS],
        "$defs": parts,
    }


def executor_schema_text() -> str:
    """Return the schema as the text of its file."""
    return json.dumps(executor_schema(), indent=1, ensure_ascii=False) + "\n"


def _ends_as_in_javascript(part: Any) -> Any:
    r"""Write the end of a pattern as `$`: Python's `\Z` is unknown to JSON Schema."""
    if isinstance(part, dict):
        return {
            name: value.removesuffix(r"\Z") + "$"
            if name == "pattern" and isinstance(value, str) and value.endswith(r"\Z")
            else _ends_as_in_javascript(value)
            for name, value in part.items()
        }
    return [_ends_as_in_javascript(one) for one in part] if isinstance(part, list) else part


def _defaults_add(kind: type[msgspec.Struct], part: dict[str, Any]) -> None:
    """Our text classes have defaults that msgspec cannot write down."""
    for one in msgspec.structs.fields(kind):
        if one.default_factory is not msgspec.NODEFAULT:
            property_ = part["properties"][one.encode_name]
            property_.setdefault("default", _plain(one.default_factory()))


def _plain(value: object) -> object:
    return value if isinstance(value, list | dict) else str(value)


def _deal_goes_with_its_kinds() -> dict[str, Any]:
    return {
        "if": {"properties": {"kind": {"enum": list(DEAL_REPORT_KINDS)}}},
        "then": {"required": ["deal"], "properties": {"deal": {"type": "object"}}},
        "else": {"properties": {"deal": {"type": "null"}}},
    }
