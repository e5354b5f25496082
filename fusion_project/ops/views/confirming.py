"""The page that asks before something is ended: what will happen, one button, and a way back."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

REASON_LENGTH_MAX = 200


@dataclass(frozen=True, slots=True)
class Question:
    """`facts` say what is meant, `warnings` what will happen; the form is sent to this address.

    `reason_label`: asks for a reason too, in a field `reason`. `choices` are boxes to tick, by
    name. `hidden` goes along, such as a hash of what was shown. `is_bad`: the button warns.
    """

    title: str
    place: str
    facts: Sequence[tuple[str, str]]
    warnings: Sequence[str]
    button: str
    back: str
    back_title: str
    reason_label: str = ""
    choices: Sequence[tuple[str, str]] = ()
    hidden: Sequence[tuple[str, str]] = ()
    is_bad: bool = True


def question_page(request: HttpRequest, question: Question) -> HttpResponse:
    own = {"title": question.title, "place": question.place, "question": question}
    own |= {"reason_length_max": REASON_LENGTH_MAX}
    return render(request, "ops/question.html", {**admin.site.each_context(request), **own})


def reason_of(request: HttpRequest) -> str:
    """What a person wrote into the field of `reason_label`."""
    return request.POST.get("reason", "").replace("\x00", "").strip()[:REASON_LENGTH_MAX]
