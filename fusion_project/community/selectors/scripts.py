"""The Pine scripts with their example charts and messages, read from the files of `pine/`."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from django.conf import settings

import signals
from fusion_project.community.presenting.alert_words import EVENT_WORDS, events_of
from fusion_project.community.presenting.message_fields import (
    Field,
    fields_common,
    fields_own,
    fields_unused,
)
from fusion_project.community.presenting.pine_source import Source, source_parse
from fusion_project.community.selectors.script_charts import Chart, chart_read
from fusion_project.text.formats import state_word

_SCHEMA: Final = Path(signals.__file__).parent / "schemas" / "df.signal.v1.json"
_ASKING_NOTHING: Final = frozenset({"test", "bar"})
# In the order in which a learner meets them.
KINDS: Final = {"strategy": "Strategy", "indicator": "Indicator", "service": "Service script"}


@dataclass(frozen=True, slots=True)
class Example:
    """One message as the script really sent it, member by member."""

    event: str
    title: str
    meaning: str
    raw: str
    pretty: str
    fields: list[Field]
    unused: list[str]


@dataclass(frozen=True, slots=True)
class Script:
    """Everything that the pages show of one script. `chart` is None where it is not there yet."""

    slug: str
    kind: str
    text: str
    source: Source
    events: tuple[str, ...]
    common: list[Field]
    examples: list[Example]
    chart: Chart | None

    @property
    def kind_title(self) -> str:
        return KINDS[self.kind]


def script_names() -> list[str]:
    """The scripts there are; no other name leads to a file."""
    return sorted(path.stem for path in _folder().glob("df-*.pine"))


def script_list() -> list[Script]:
    """All of them, strategies first and the shortest source first: it is the easiest to read."""
    order = list(KINDS)
    found = [_script(name) for name in script_names()]
    return sorted(found, key=lambda one: (order.index(one.kind), one.source.line_count))


def script_get(slug: str) -> Script | None:
    return _script(slug) if slug in script_names() else None


def _folder() -> Path:
    return Path(settings.BASE_DIR) / "pine"


def _script(slug: str) -> Script:
    golden = _folder() / "golden"
    paths = (
        _folder() / f"{slug}.pine",
        golden / f"{slug}.jsonl",
        golden / "charts" / f"{slug}.json",
        _SCHEMA,
    )
    return _read(slug, tuple((path, _stamp(path)) for path in paths))


def _stamp(path: Path) -> int:
    """When the file changed last; 0 where there is none."""
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


# Keyed by the files and their times, so that a changed file is read anew and no other one is.
@lru_cache(maxsize=32)
def _read(slug: str, files: tuple[tuple[Path, int], ...]) -> Script:
    text, lines, chart, schema = (
        path.read_text(encoding="utf-8") if stamp else "" for path, stamp in files
    )
    source = source_parse(text)
    firsts = _first_of_each_event(lines)
    events = events_of([message for message, _ in firsts.values()])
    rules = json.loads(schema)
    return Script(
        slug=slug,
        kind=_kind(source, events),
        text=text,
        source=source,
        events=tuple(state_word(event) for event in events),
        common=fields_common(rules, firsts[events[0]][0]) if events else [],
        examples=[_example(rules, *firsts[event]) for event in events],
        chart=chart_read(chart),
    )


def _first_of_each_event(lines: str) -> dict[str, tuple[Mapping[str, Any], str]]:
    found: dict[str, tuple[Mapping[str, Any], str]] = {}
    for raw in lines.splitlines():
        message = json.loads(raw)
        found.setdefault(message["event"], (message, raw))
    return found


def _kind(source: Source, events: tuple[str, ...]) -> str:
    if source.is_strategy:
        return "strategy"
    return "service" if events and _ASKING_NOTHING.issuperset(events) else "indicator"


def _example(rules: Mapping[str, Any], message: Mapping[str, Any], raw: str) -> Example:
    event = message["event"]
    return Example(
        event=event,
        title=state_word(event).capitalize(),
        meaning=EVENT_WORDS.get(event, ""),
        raw=raw,
        pretty=json.dumps(message, indent=2, ensure_ascii=False),
        fields=fields_own(rules, message),
        unused=fields_unused(rules, message),
    )
