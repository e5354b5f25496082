"""What the dialect tests share: the adapters in order, and one message judged by all of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from signals.dialects import (
    generic_json,
    key_value,
    octobot,
    openalgo,
    pineconnector,
    threecommas,
    traderspost,
    tradesgnl,
    tv_sentence,
)
from signals.dialects.base import Dialect, Reading, StrategyDefaults
from signals.dialects.df_signal import DfSignal
from signals.dialects.registry import read_alert
from signals.dialects.settled import settled_of
from signals.intake.parsing import Unreadable, read_content
from signals.intake.reasons import UNREADABLE
from signals.intake.refusals import DIALECT_REASONS
from signals.intents.summary import summary_of

FOLDER = Path(__file__).parents[4] / "docs" / "examples"


class Example(NamedTuple):
    """One message and either its summary (see `summary_of`) or the code it is refused with."""

    body: str
    expected: str


def _examples(dialect: str) -> Iterator[Example]:
    for line in (FOLDER / f"{dialect}.jsonl").read_text(encoding="utf-8").splitlines():
        yield Example(**json.loads(line))


FOREIGN: tuple[Dialect, ...] = (
    threecommas.ThreeCommas(),
    openalgo.OpenAlgo(),
    traderspost.TradersPost(),
    tv_sentence.TvSentence(),
    octobot.OctoBot(),
    pineconnector.PineConnector(),
    tradesgnl.TradeSgnl(),
    key_value.KeyValue(),
    generic_json.GenericJson(),
)
ALL: tuple[Dialect, ...] = (DfSignal(), *FOREIGN)
EXAMPLES: dict[str, tuple[Example, ...]] = {
    dialect.name: tuple(_examples(dialect.name)) for dialect in FOREIGN
}
CODES = frozenset(UNREADABLE) | frozenset(DIALECT_REASONS)


def read(
    body: str | bytes,
    defaults: Mapping[str, Any] | None = None,
    settled: Mapping[str, Any] | None = None,
) -> Reading:
    """Return the reading by the first dialect that claims the body, or raise `Unreadable`."""
    content = read_content(body.encode() if isinstance(body, str) else body)
    return read_alert(content, StrategyDefaults("trend", defaults or {}, settled_of(settled or {})))


def asked(
    body: str | bytes,
    defaults: Mapping[str, Any] | None = None,
    settled: Mapping[str, Any] | None = None,
) -> str:
    """Return the summary of what the body asks for, or the code it is refused with."""
    try:
        return summary_of(read(body, defaults, settled).intent)
    except Unreadable as error:
        return error.code
