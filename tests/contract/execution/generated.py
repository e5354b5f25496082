"""Bodies made from the published OpenAPI document, of what it allows and of what it does not."""

import re
from typing import Any

from hypothesis import strategies as st

from tests.contract.execution.published import OPENAPI

Schema = dict[str, Any]
Known = dict[str, list[Any]]
ITEMS_MAX = 3
ODD: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.text(max_size=40),
    st.from_regex(r"-?[0-9]{0,20}(\.[0-9]{0,14})?", fullmatch=True),
    st.lists(st.text(max_size=3), max_size=2),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)


def body_schema(call: str) -> Schema:
    """What the document says of the body of a call."""
    told: Schema = OPENAPI["paths"][f"/{call}"]["post"]["requestBody"]
    schema: Schema = told["content"]["application/json"]["schema"]
    return schema


def allowed(schema: Schema, known: Known) -> st.SearchStrategy[Any]:
    """Values that the schema allows; of a member in `known` often one that is known here.

    Members that only go with others (`if`) are drawn freely: such a body may be refused.
    """
    if "$ref" in schema:
        return allowed(OPENAPI["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]], known)
    if "anyOf" in schema:
        return st.one_of(*(allowed(one, known) for one in schema["anyOf"]))
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    kind = schema.get("type")
    if kind == "object":
        return _object(schema, known)
    if kind == "array":
        items = allowed(schema["items"], known)
        most = min(ITEMS_MAX, schema.get("maxItems", ITEMS_MAX))
        return st.lists(items, min_size=schema.get("minItems", 0), max_size=most)
    if kind == "integer":
        return st.integers(schema.get("minimum"), schema.get("maximum"))
    if kind == "string":
        return _text(schema)
    return st.booleans() if kind == "boolean" else st.none()


def _object(schema: Schema, known: Known) -> st.SearchStrategy[dict[str, Any]]:
    told = schema.get("properties", {})
    if not told:
        extra = schema.get("additionalProperties", False)
        values = allowed(extra, known) if isinstance(extra, dict) else st.none()
        names = st.text("abcdefghij", min_size=1, max_size=8)
        return st.dictionaries(names, values, max_size=2 if extra else 0)
    members = {name: _member(name, one, known) for name, one in told.items()}
    needed = {name: members[name] for name in schema.get("required", ())}
    others = {name: one for name, one in members.items() if name not in needed}
    return st.fixed_dictionaries(needed, optional=others)


def _member(name: str, schema: Schema, known: Known) -> st.SearchStrategy[Any]:
    drawn = allowed(schema, known)
    if name not in known:
        return drawn
    return st.one_of(*[st.sampled_from(known[name])] * 3, drawn)


def _text(schema: Schema) -> st.SearchStrategy[str]:
    most = schema.get("maxLength")
    if "pattern" not in schema:
        return st.text(max_size=most if most is not None else 20)
    found = st.from_regex(re.compile(schema["pattern"], re.ASCII), fullmatch=True)
    return found if most is None else found.filter(lambda text: len(text) <= most)


@st.composite
def bent(draw: st.DrawFn, bodies: st.SearchStrategy[Any]) -> Any:
    """A body that is allowed, but for one place of it, or with a member that nobody knows."""
    body = draw(bodies)
    at = body
    while True:
        keys = list(at) if isinstance(at, dict) else list(range(len(at)))
        key = draw(st.sampled_from(keys)) if keys else "unknown"
        inner = at[key] if keys else None
        if not isinstance(inner, dict | list) or draw(st.booleans()):
            break
        at = inner
    if isinstance(at, dict):
        at[key if draw(st.booleans()) else "unknown"] = draw(ODD)
    elif keys:
        at[key] = draw(ODD)
    return body
