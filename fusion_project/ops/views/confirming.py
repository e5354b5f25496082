"""The page that asks before something is ended: what will happen, one button, and a way back."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


@dataclass(frozen=True, slots=True)
class Question:
    """`facts` say what is meant, `warnings` what will happen; the form is sent to this address."""

    title: str
    place: str
    facts: Sequence[tuple[str, str]]
    warnings: Sequence[str]
    button: str
    back: str
    back_title: str


def question_page(request: HttpRequest, question: Question) -> HttpResponse:
    own = {"title": question.title, "place": question.place, "question": question}
    return render(request, "ops/question.html", {**admin.site.each_context(request), **own})
