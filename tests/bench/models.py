"""A real open model's recorded answers in a planted world: what the mixture makes of them.

    python -m tests.bench.models --url http://127.0.0.1:PORT/v1

records them anew, from the model that `make run LOBES=llm` starts.
"""

import argparse
import asyncio
import json
import math
import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from fusion_project.local.servers.llm import MODEL
from signals.fusion.mixing import binary, sharing
from signals.fusion.numbers import sigmoid
from signals.lobes.bar_features import BarFeaturesLobe
from signals.lobes.base import Features, MarketSeen, Question
from signals.lobes.outside.endpoint import Endpoint
from signals.lobes.outside.lobe import ModelLobe, average
from signals.market.features import BarFeatures

ANSWERS = Path(__file__).with_name("model_answers.jsonl")
QUESTIONS, KNOWN_AFTER, EPS, MODEL_EPS = 130, 100, 0.01, 0.05
_WORTH = 0.5


@dataclass(frozen=True)
class Told:
    """One question's answers: of each method what was said to both framings, and their average."""

    wins: float
    fails: float
    yes_to_wins: float
    yes_to_fails: float

    @property
    def chance(self) -> float:
        return average(self.wins, self.fails)

    @property
    def yes_no(self) -> float:
        return average(self.yes_to_wins, self.yes_to_fails)


def question_of(number: int) -> Question:
    """An entry of the planted world."""
    source = random.Random(f"entry {number}")
    market = MarketSeen(
        feed="csv:planted",
        symbol="PLANTED",
        timeframe_seconds=60,
        bars=60,
        first_bar_id=1,
        last_bar_id=60,
        features=BarFeatures(
            trend=_drawn(source, 0, 2),
            momentum=_drawn(source, 0, 1),
            volatility=abs(_drawn(source, 1, 0.3)),
            room_up=abs(_drawn(source, 4, 2)),
            room_down=abs(_drawn(source, 4, 2)),
        ),
    )
    side = source.choice(("buy", "sell"))
    sign = 1 if side == "buy" else -1
    return Question(
        strategy_id=1,
        alert_id=number,
        leg_no=0,
        instrument="PLANTED",
        side=side,
        order_type=source.choice(("market", "limit", "stop")),
        timeframe=source.choice(("5", "15", "60")),
        entry_price=Decimal(100),
        stop_price=Decimal(100) - sign * Decimal(source.choice(("0.2", "0.5", "1"))),
        target_price=Decimal(100) + sign * Decimal(source.choice(("0.5", "1", "2"))),
        prior_p=Decimal("0.5"),
        prior_strength=Decimal(50),
        known_until=datetime(2026, 3, 2, tzinfo=UTC) + timedelta(minutes=37 * number),
        features=Features(trades=0, wins=0, market=market),
    )


def won(number: int) -> bool:
    """How it ends: better than even where the trend is with the trade."""
    question = question_of(number)
    market = question.features.market
    assert market is not None
    assert market.features is not None
    trend = float(market.features.for_side(question.side)[0])
    return random.Random(f"outcome {number}").random() < sigmoid(_WORTH * trend)


def answers_read() -> list[Told]:
    """The recorded answers, in order of the questions."""
    lines = ANSWERS.read_text(encoding="utf-8").splitlines()
    return [Told(**json.loads(line)) for line in lines]


def framing_share(answers: Sequence[Told]) -> float:
    """The weight of one framing's answer as it was given, after a hundred labels."""
    rows = [[*_others(number), told.wins] for number, told in enumerate(answers)]
    return _run(rows[:KNOWN_AFTER])[1][2]


def left_out_nats(answers: Sequence[Told]) -> float:
    """Nats a label by which the mixture changes where the model, in both versions, is left out."""
    without = [_others(number) for number in range(len(answers))]
    every = [[*row, told.chance, told.yes_no] for row, told in zip(without, answers, strict=True)]
    return abs(_run(every)[0] - _run(without)[0]) / len(answers)


def same_to_both(answers: Sequence[Told]) -> float:
    """How often the model wrote the same to both framings."""
    return sum(one.wins == one.fails for one in answers) / len(answers)


def _others(number: int) -> list[float]:
    """The declared chance, and what the bars say."""
    told = BarFeaturesLobe().answer(question_of(number)).p
    assert told is not None
    return [0.5, float(told)]


def _run(rows: Sequence[Sequence[float]]) -> tuple[float, list[float]]:
    """Nats lost over all rows, and the shares of the raw variants at the end."""
    count, lost = len(rows[0]), []
    state = binary.state_start(count)
    for number, row in enumerate(rows):
        clips = [EPS, EPS, *[MODEL_EPS] * (count - 2)]
        clipped = [min(max(p, eps), 1 - eps) for p, eps in zip(row, clips, strict=True)]
        told = binary.forecast(state, clipped, EPS)
        outcome = won(number)
        lost.append(binary.log_loss(told.p, won=outcome))
        state = binary.learned(state, told, won=outcome)
    shares = sharing.shares(state.weights, [True] * 2 * count)
    return math.fsum(lost), list(shares)


def _drawn(source: random.Random, mean: float, spread: float) -> Decimal:
    return Decimal(f"{source.gauss(mean, spread):.3f}")


async def _record(url: str) -> list[dict[str, float]]:
    endpoint = Endpoint(name="local_llm", url=url, model=MODEL)
    lobes = [ModelLobe(endpoint, method) for method in ("chance", "yes_no")]
    made = []
    for number in range(QUESTIONS):
        said: list[float] = []
        for lobe in lobes:
            answer = await lobe.call(question_of(number))
            assert answer.status == "awake", answer
            said += [float(one["chance"]) for one in json.loads(answer.response)["framings"]]
        names = ("wins", "fails", "yes_to_wins", "yes_to_fails")
        made.append(dict(zip(names, said, strict=True)))
        print(f"{number + 1} of {QUESTIONS}: {said}", flush=True)
    return made


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", required=True)
    made: Any = asyncio.run(_record(parser.parse_args().url))
    text = "".join(f"{json.dumps(one)}\n" for one in made)
    ANSWERS.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
