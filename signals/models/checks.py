"""Conditions of the tables that every alert is written to."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import BooleanField, F, Func, Value
from django.utils.deconstruct import deconstructible


@deconstructible
class OneOf(Func):
    """`column = ANY ('{a,b}')`: true where the column holds one of these plain words.

    Postgres reads the checks of a table anew for each INSERT, and an `IN` list word by word;
    here it is one constant.
    """

    template = "%(expressions)s)"
    arg_joiner = " = ANY ("
    output_field = BooleanField()

    def __init__(self, field: str, words: Sequence[str]) -> None:
        if not all(word.replace("_", "").isalnum() for word in words):
            raise ValueError("words of letters, digits and underscores only")
        super().__init__(F(field), Value("{" + ",".join(words) + "}"))
