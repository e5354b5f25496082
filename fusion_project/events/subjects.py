"""Subjects: `app.model:key`, the row that a fact is about. Written and read here alone.

A part of a row follows a slash: `signals.strategy:3/EURUSD` is one symbol of a strategy. SQL
functions write the same text; a test holds them against the models.
"""

from dataclasses import dataclass
from functools import cache

from django.apps import apps
from django.db.models import Model


@dataclass(frozen=True, slots=True)
class Subject:
    """A subject taken apart; `label` is the model's, `key` the row's, `part` may be empty."""

    label: str
    key: str
    part: str = ""

    @property
    def id(self) -> int:
        """The row's number. Raises ValueError where the key is none."""
        return int(self.key)


def label_of(model: type[Model]) -> str:
    """Return the model's label, or the word that it declares for itself (`subject_label`)."""
    declared: str = getattr(model, "subject_label", model._meta.label_lower)
    return declared


def subject_of(model: type[Model], key: int, part: str = "") -> str:
    """Return the subject of a row, or of one part of it."""
    whole = f"{subject_prefix(model)}{key}"
    return f"{whole}/{part}" if part else whole


def subject_prefix(model: type[Model]) -> str:
    """Return what the subjects of all rows of a model begin with."""
    return f"{label_of(model)}:"


def subject_parse(text: str) -> Subject:
    """Take a subject apart. What is none has no key."""
    label, _, rest = text.partition(":")
    key, _, part = rest.partition("/")
    return Subject(label, key, part)


def subject_model(label: str) -> type[Model] | None:
    """Return the model that facts name so, or None."""
    return _models().get(label)


@cache
def _models() -> dict[str, type[Model]]:
    return {label_of(model): model for model in apps.get_models()}
