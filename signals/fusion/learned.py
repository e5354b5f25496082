"""All that one family of strategies has learned for one horizon, as one value with a text. Pure.

An expert is a lobe in a version. Floats are kept to 12 significant digits and travel as text, so
that what is read back is the same to the last bit.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

from fusion_project.text.canonical import canonical_json
from signals.fusion.mixing import binary
from signals.fusion.mixing.abstention import Conformal, conformal_learned, conformal_start
from signals.fusion.mixing.binary import POOLS, BinaryForecast, BinaryState
from signals.fusion.mixing.calibration import Calibrator, calibrator_start
from signals.fusion.mixing.joining import joined
from signals.fusion.mixing.sharing import Weights, even
from signals.fusion.mixing.sizing import Band, band_learned

Expert = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Told:
    """What was told of one entry: the variants and pools, the mixture's chance, what decided.

    `deciding`: the lobes that the chance `deciding_p` was made of. `open_labels`: how many
    outcomes of the family were still open then.
    """

    experts: tuple[Expert, ...]
    forecast: BinaryForecast
    deciding: tuple[str, ...]
    deciding_p: float
    open_labels: int

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "experts": [list(one) for one in self.experts],
            "variants": _texts(self.forecast.variants),
            "pooled": _texts(self.forecast.pooled),
            "p": repr(self.forecast.p),
            "deciding": list(self.deciding),
            "deciding_p": repr(self.deciding_p),
            "open_labels": self.open_labels,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read the JSON form back."""
        told = BinaryForecast(
            tuple(None if one is None else float(one) for one in data["variants"]),
            _floats(data["pooled"]),
            float(data["p"]),
        )
        experts = tuple((lobe, version) for lobe, version in data["experts"])
        deciding_p = float(data["deciding_p"])
        return cls(experts, told, tuple(data["deciding"]), deciding_p, data["open_labels"])


@dataclass(frozen=True, slots=True)
class Learned:
    """The mixture over its experts, the sets and the band of what decided, and how many labels.

    `open_max`: the most outcomes that were open at once when something was told; the bounds of the
    mixture are those of outcomes that are known at once.
    """

    experts: tuple[Expert, ...]
    mixture: BinaryState
    conformal: Conformal
    band: Band
    labels: int
    open_max: int

    def among(self, experts: Sequence[Expert]) -> Learned:
        """Return the same with these experts too; those that are new join at the end."""
        new = tuple(one for one in dict.fromkeys(experts) if one not in self.experts)
        if not new:
            return self
        mixture = joined(self.mixture, len(new))
        return replace(self, experts=(*self.experts, *new), mixture=mixture)

    def after(self, told: Told, *, won: bool, miss_max: float) -> Learned:
        """Return what is known after the outcome of what was told, perhaps many outcomes ago.

        The chances are those that stood then; the weights that they move are those of now.
        """
        known = self.among(told.experts)
        variants = tuple(variants_of(told, known.experts))
        forecast = replace(told.forecast, variants=variants)
        conformal = known.conformal if known.conformal.aim == miss_max else _sets(miss_max)
        if miss_max > 0:
            conformal = conformal_learned(conformal, told.deciding_p, won=won)
        return Learned(
            experts=known.experts,
            mixture=binary.learned(known.mixture, forecast, won=won),
            conformal=conformal,
            band=band_learned(known.band, told.deciding_p, won=won),
            labels=known.labels + 1,
            open_max=max(known.open_max, told.open_labels),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        mixture = self.mixture
        return {
            "experts": [list(one) for one in self.experts],
            "weights": _weights_dict(mixture.weights),
            "calibrators": [_calibrator_dict(one) for one in mixture.calibrators],
            "bend": _calibrator_dict(mixture.bend),
            "top": _weights_dict(mixture.top),
            "leads": _texts(mixture.leads),
            "conformal": {
                "aim": repr(self.conformal.aim),
                "level": repr(self.conformal.level),
                "scores": _texts(self.conformal.scores),
            },
            "band": _texts((self.band.count, self.band.over, self.band.variance)),
            "labels": self.labels,
            "open_max": self.open_max,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Learned:
        """Read the JSON form back."""
        sets = data["conformal"]
        return cls(
            experts=tuple((lobe, version) for lobe, version in data["experts"]),
            mixture=BinaryState(
                weights=_weights(data["weights"]),
                calibrators=tuple(_calibrator(one) for one in data["calibrators"]),
                bend=_calibrator(data["bend"]),
                top=_weights(data["top"]),
                leads=_floats(data["leads"]),
            ),
            conformal=Conformal(float(sets["aim"]), float(sets["level"]), _floats(sets["scores"])),
            band=Band(*_floats(data["band"])),
            labels=data["labels"],
            open_max=data["open_max"],
        )


def learned_start() -> Learned:
    """Nothing learned, and no expert known yet."""
    empty = BinaryState(Weights(()), (), calibrator_start(2), even(len(POOLS)), ())
    return Learned((), empty, _sets(0.0), Band(), 0, 0)


def state_after(value: str | None, record: Mapping[str, Any], *, won: bool) -> str:
    """Return the canonical text of the state after an outcome; None: nothing was learned before."""
    known = learned_start() if value is None else Learned.from_dict(json.loads(value))
    told = Told.from_dict(record["outcome"]["told"])
    miss_max = float(record["inputs"]["rules"]["miss_max"])
    return canonical_json(known.after(told, won=won, miss_max=miss_max).to_dict())


def _sets(miss_max: float) -> Conformal:
    return conformal_start(miss_max)


def variants_of(told: Told, experts: Sequence[Expert]) -> list[float | None]:
    """What each variant told, in the order of all experts; one that was not there then slept."""
    count = len(told.experts)
    raw = dict(zip(told.experts, told.forecast.variants[:count], strict=True))
    curved = dict(zip(told.experts, told.forecast.variants[count:], strict=True))
    return [source.get(one) for source in (raw, curved) for one in experts]


def _texts(values: Sequence[float | None]) -> list[str | None]:
    return [None if one is None else repr(one) for one in values]


def _floats(texts: Sequence[str]) -> tuple[float, ...]:
    return tuple(float(one) for one in texts)


def _weights_dict(weights: Weights) -> dict[str, Any]:
    return {"logs": _texts(weights.logs), "rounds": weights.rounds}


def _weights(data: Mapping[str, Any]) -> Weights:
    return Weights(_floats(data["logs"]), data["rounds"])


def _calibrator_dict(one: Calibrator) -> dict[str, Any]:
    return {"values": _texts(one.values), "variances": [_texts(row) for row in one.variances]}


def _calibrator(data: Mapping[str, Any]) -> Calibrator:
    rows = tuple(_floats(row) for row in data["variances"])
    return Calibrator(_floats(data["values"]), rows)
