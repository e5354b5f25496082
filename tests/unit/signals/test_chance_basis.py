"""What a chance rests on is read from the decision's own record: the prior alone, or more."""

import json
from decimal import Decimal
from typing import Any

import pytest

from signals.lobes.basis import chance_basis, chance_facts


def _opinion(lobe: str, p: str | None, **fields: Any) -> dict[str, Any]:
    return {"lobe": lobe, "status": "awake", "p": p, "weight": "1", "evidence": "400", **fields}


def _record(*opinions: dict[str, Any], trades: int | None = 50, wins: int = 17) -> str:
    answers = [{"lobe": "base_rate", "response": '{"p":"0.58"}'}]
    if trades is not None:
        counts = json.dumps({"trades": trades, "wins": wins})
        answers.append({"lobe": "track_record", "response": counts})
    return json.dumps({"inputs": {"opinions": opinions}, "context": {"answers": answers}})


PRIOR = _opinion("base_rate", "0.58")
P = Decimal("0.58")


def _words(record: str | None) -> dict[str, str]:
    return {
        label: words.replace("\u202f", " ")
        for label, words in chance_facts(P, chance_basis(record))
    }


def test_a_prior_is_called_a_prior_with_the_observed_rate_beside_it() -> None:
    words = _words(_record(PRIOR))
    assert words["Chance of a win"].startswith("58.0 %, the prior that the strategy's policy")
    assert "(worth 400 trades); not measured" in words["Chance of a win"]
    assert words["Observed"].startswith("34.0 % (17 of its last 50 closed trades won")


@pytest.mark.parametrize(
    "silent",
    [
        _opinion("track_record", None, status="asleep"),
        _opinion("track_record", "0.34", status="late"),
        _opinion("track_record", "0.34", weight="0"),
    ],
)
def test_a_source_that_did_not_count_leaves_the_prior_alone(silent) -> None:
    basis = chance_basis(_record(PRIOR, silent))
    assert basis is not None
    assert basis.is_prior_alone


def test_a_fused_chance_names_the_prior_in_it_and_the_observed_rate() -> None:
    words = _words(_record(PRIOR, _opinion("track_record", "0.55")))
    told = words["Chance of a win"]
    assert "fused from the declared prior (58.0 %, worth 400 trades) and 1 other source" in told
    assert words["Observed"].startswith("34.0 %")


def test_without_a_count_nothing_is_observed() -> None:
    assert _words(_record(PRIOR, trades=0, wins=0))["Observed"] == (
        "— (no closed trade of the strategy yet)"
    )
    assert _words(_record(PRIOR, trades=None))["Observed"] == "— (nobody counted)"


@pytest.mark.parametrize("record", [None, "", "{}"])
def test_a_decision_that_no_engine_authored_tells_its_chance_alone(record) -> None:
    assert _words(record) == {"Chance of a win": "58.0 %"}
