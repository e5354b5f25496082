"""How sure we are who sent an alert: what held, and the grade A to D made from it. Pure.

| sender shown by                                             | fresh | not fresh |
| header signature, or secret together with client certificate |   A   |     C     |
| secret, sent from a listed address                           |   B   |     C     |
| secret alone                                                 |   C   |     D     |

Fresh: the message says when it was sent, and that is within the strategy's `stale_seconds` and at
most 30 s ahead. Only the database knows the time, so it chooses between the two grades.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import Final

SECRET: Final = "secret"  # noqa: S105
PEER: Final = "peer"
CERTIFICATE: Final = "certificate"
SIGNATURE: Final = "signature"
FRESH: Final = "fresh"
FACTORS: Final = (SECRET, PEER, CERTIFICATE, SIGNATURE, FRESH)
GRADES: Final = ("A", "B", "C", "D")

# The subject of the certificate that TradingView presents. The common name differs between the
# published copies of its help page, so both are good; the proxy has checked the chain.
_ORGANIZATION: Final = "TradingView, Inc."
_COMMON_NAMES: Final = frozenset({"TradingView Webhooks", "webhook-server@tradingview.com"})
_VERIFIED: Final = "SUCCESS"
_SUBJECT_LENGTH_MAX: Final = 1_000
# One attribute of a subject: `O=TradingView\, Inc.` or `O="TradingView, Inc."`.
_ATTRIBUTE: Final = re.compile(r'\s*([A-Za-z0-9.]{1,32})\s*=\s*("[^"]*"|(?:\\.|[^,+;\\"])*)\s*')


def grade_of(factors: Collection[str]) -> str:
    """Return the grade of what held."""
    is_fresh = FRESH in factors
    if SIGNATURE in factors or {SECRET, CERTIFICATE} <= set(factors):
        return "A" if is_fresh else "C"
    if {SECRET, PEER} <= set(factors):
        return "B" if is_fresh else "C"
    return "C" if SECRET in factors and is_fresh else "D"


def grade_reaches(grade: str, minimum: str) -> bool:
    """Return whether `grade` is at least `minimum`; what is no grade reaches nothing."""
    return grade in GRADES and minimum in GRADES and grade <= minimum


def provenance_text(factors: Iterable[str]) -> str:
    """Return what held, in one order, as it is stored: `secret peer fresh`."""
    held = set(factors)
    return " ".join(name for name in FACTORS if name in held)


def certificate_holds(subject: str, verified: str) -> bool:
    """Return whether the proxy verified a certificate whose subject is TradingView's.

    `subject` is an RFC 2253 name as nginx's `$ssl_client_s_dn` gives it.
    """
    if verified != _VERIFIED:
        return False
    attributes = _attributes(subject)
    organizations = [value for name, value in attributes if name == "O"]
    names = [value for name, value in attributes if name == "CN"]
    return organizations == [_ORGANIZATION] and len(names) == 1 and names[0] in _COMMON_NAMES


def _attributes(subject: str) -> list[tuple[str, str]]:
    """Return the attributes of a whole, well-formed subject, else nothing."""
    found: list[tuple[str, str]] = []
    at = 0
    if len(subject) > _SUBJECT_LENGTH_MAX:
        return []
    while match := _ATTRIBUTE.match(subject, at):
        value = match[2]
        plain = value[1:-1] if value.startswith('"') else re.sub(r"\\(.)", r"\1", value).strip()
        found.append((match[1].upper(), plain))
        at = match.end()
        if at == len(subject):
            return found
        if subject[at] not in ",+":
            break
        at += 1
    return []
