"""Template filters of all pages: the functions of `fusion_project.text.formats` by their names."""

from django import template

from fusion_project.text import formats

register = template.Library()
for _function in (
    formats.money,
    formats.tone,
    formats.whole,
    formats.plain_number,
    formats.exact_number,
    formats.signed_exact,
    formats.span,
    formats.seconds,
    formats.percent,
    formats.ratio,
    formats.places,
    formats.time_to,
    formats.chance,
    formats.state_word,
    formats.clock_text,
    formats.near_text,
    formats.price_text,
    formats.minute_text,
    formats.second_text,
    formats.exact_text,
    formats.iso,
):
    register.filter(_function.__name__, _function)
