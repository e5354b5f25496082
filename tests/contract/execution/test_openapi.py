"""The published OpenAPI document: fresh, whole, and true of what the API says no with."""

import ast
import inspect

import pytest
from django.urls import reverse
from jsonschema import Draft202012Validator

from execution import api, authentication, errors, openapi, urls
from execution.management.commands import executor_schema as command
from execution.wire.answers import ErrorReply
from tests.contract.execution.published import OPENAPI, validator


def refs(part):
    if isinstance(part, dict):
        if "$ref" in part:
            yield part["$ref"]
        for one in part.values():
            yield from refs(one)
    elif isinstance(part, list):
        for one in part:
            yield from refs(one)


def test_the_document_is_what_the_structs_say():
    assert command.OPENAPI_FILE.read_text() == openapi.openapi_text(), "run make executor-schema"


def test_every_route_is_in_it_and_no_other():
    assert set(OPENAPI["paths"]) == {f"/{one.pattern}" for one in urls.urlpatterns}
    (server,) = OPENAPI["servers"]
    assert {server["url"] + path for path in OPENAPI["paths"]} == {
        reverse(f"executor:{one.name}") for one in urls.urlpatterns
    }


def test_the_scopes_told_are_those_asked_for():
    views = {one.name: one.callback.view_class for one in urls.urlpatterns}
    assert {one.name: one.scope for one in openapi.CALLS} == {
        name: view.scope for name, view in views.items()
    }


def test_every_schema_is_one_and_all_that_it_names_is_there():
    schemas = OPENAPI["components"]["schemas"]
    for schema in schemas.values():
        Draft202012Validator.check_schema(schema)
    known = {f"#/components/schemas/{name}" for name in schemas}
    assert set(refs(OPENAPI)) == known


def raised(module):
    """Names of the errors that a module's functions may raise."""
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            yield node.exc.func.id


def test_every_error_of_the_edge_is_told():
    codes = [openapi.error_codes(call) for call in openapi.CALLS]
    told = {code for by_status in codes for listed in by_status.values() for code in listed}
    domain = {getattr(errors, name).code for name in raised(api) if hasattr(errors, name)}
    assert domain
    assert domain | {authentication.SCOPE_MISSING, *authentication.KEY_REFUSALS} <= told


@pytest.mark.parametrize(
    "answer",
    [
        {"code": "no_such_code", "message": "x", "detail": {}},
        {"code": "instance_conflict", "detail": {}},
        {"message": "x", "detail": {}},
    ],
)
def test_an_answer_that_is_no_error_of_ours_is_not_valid(answer):
    told = OPENAPI["paths"]["/poll"]["post"]["responses"]["409"]
    schema = told["content"]["application/json"]["schema"]
    good = {"code": "instance_conflict", "message": "x", "detail": {}}
    assert validator(schema).is_valid(good)
    assert not validator(schema).is_valid(answer)
    assert ErrorReply.__name__ in schema["allOf"][0]["$ref"]
