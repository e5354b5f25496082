"""Public pages as a reader sees them: their text, and the numbers that stand on them."""

import html
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.cache import cache

_MOMENT = re.compile(r"as of (<span data-as-of>)?\d\d:\d\d:\d\d")
_NUMBER = r"([+−]?[\d\u202f]+(?:\.\d+)?)"


def page_text(client: Any, address: str) -> str:
    """The whole page as sent, read anew, without the moment that it names."""
    cache.clear()
    answer = client.get(address)
    return f"{answer.status_code} {_MOMENT.sub('as of', answer.content.decode())}"


def number_read(text: str) -> Decimal:
    """A printed number: thin spaces, a true minus, perhaps a plus."""
    return Decimal(text.replace("\u202f", "").replace("−", "-").removeprefix("+"))


@dataclass(frozen=True)
class Sums:
    """The numbers of an overview in one currency; None where the page prints a dash."""

    net: Decimal
    listed: list[Decimal]
    changes: list[Decimal]
    balances: list[Decimal]
    from_trades: Decimal
    from_others: Decimal
    accrual: Decimal | None
    shares: list[Decimal]
    lacking_in_line: Decimal
    lacking_in_accrual: Decimal


def sums_read(client: Any, address: str = "/") -> Sums:
    """Read them out of the page's text, as a reader with a pencil would."""
    text = html.unescape(page_text(client, address))
    line = re.search(r'id="balance-head-.*?</section>', text, re.DOTALL)[0]
    units = re.search(r'id="units-head".*?</section>', text, re.DOTALL)[0]
    accrual = re.search(rf"accrual</h3>\s*<strong class=\"\w*\">{_NUMBER}<", units)
    trades = re.search(r'id="trades-head".*?</section>', text, re.DOTALL)[0]
    points = re.findall(rf'<td class="num">{_NUMBER}</td><td class="num">{_NUMBER}</td>', line)
    said = re.search(rf": {_NUMBER} from \d+ closed trades?, {_NUMBER} paid", line)
    return Sums(
        net=number_read(re.search(rf"Net result</dt>.*?value[^>]*>{_NUMBER} ", text, re.DOTALL)[1]),
        listed=[number_read(one) for one in re.findall(rf'<td class="num \w*">{_NUMBER} ', trades)],
        changes=[number_read(change) for change, _ in points],
        balances=[number_read(balance) for _, balance in points],
        from_trades=number_read(said[1]),
        from_others=number_read(said[2]),
        accrual=number_read(accrual[1]) if accrual else None,
        shares=[
            number_read(one) for one in re.findall(rf"(?:burn|reward|retained) {_NUMBER}", units)
        ],
        lacking_in_line=_lacking(line),
        lacking_in_accrual=_lacking(units),
    )


def _lacking(text: str) -> Decimal:
    found = re.search(rf"Not posted yet: {_NUMBER} ", text)
    return number_read(found[1]) if found else Decimal(0)
