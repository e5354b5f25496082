"""Reads the chains of bound tokens now, and says where each stands."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from fusion_project.text.formats import exact_number, exact_text
from tokens.models import ChainBinding
from tokens.selectors.chain import ChainRow, chain_rows
from tokens.services.watching import binding_watch


class Command(BaseCommand):
    help = (
        "Read the chain of every bound token now and print state, block, amounts and reason. Exit "
        "code 1 where one of them holds its book's payouts back."
    )

    def handle(self, **options: Any) -> None:
        for number in ChainBinding.objects.order_by("id").values_list("id", flat=True):
            binding_watch(binding_id=number, at_once=True)
        rows = chain_rows()
        for row in rows:
            self.stdout.write(_line(row))
        held = [row for row in rows if not row.is_ready]
        if not rows:
            self.stdout.write("No token is bound to a chain.")
        if held:
            raise CommandError(f"{len(held)} of {len(rows)} are not green", returncode=1)


def _line(row: ChainRow) -> str:
    where = "loopback server, no chain" if row.is_loopback else row.network
    parts = [
        f"{row.token}\t{row.book}\t{where}\t{row.state.upper()}",
        f"seen {exact_text(row.seen_at)}",
        f"block {row.block if row.block is not None else 'none'}",
        f"chain {exact_number(row.supply)} in all, {exact_number(row.balance)} ours",
        f"ledger {exact_number(row.ledger_supply)} and {exact_number(row.ledger_balance)}",
    ]
    return "\t".join(parts + ([row.reason] if row.reason else []))
