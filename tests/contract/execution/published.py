"""The published OpenAPI document, against which every answer that a test gets is held."""

import json
from pathlib import Path
from typing import Any

from django.http import HttpResponse
from jsonschema import Draft202012Validator

OPENAPI = json.loads(
    (Path(__file__).resolve().parents[3] / "docs/executor.openapi.json").read_text()
)


def answer_checked(call: str, answer: HttpResponse) -> HttpResponse:
    """Return the answer, which the document allows for this call."""
    told = OPENAPI["paths"][f"/{call}"]["post"]["responses"][str(answer.status_code)]
    schema = told["content"]["application/json"]["schema"]
    validator(schema).validate(json.loads(answer.content))
    for name in told.get("headers", {}):
        assert name in answer.headers
    return answer


def validator(schema: dict[str, Any]) -> Draft202012Validator:
    """A schema of the document, with what it refers to."""
    return Draft202012Validator({**schema, "components": OPENAPI["components"]})
