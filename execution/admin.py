"""Admin of execution, for reading: accounts, keys, orders, reports, deals and positions.

Lists of decisions tell what became of their orders, so their class is made anew here.
"""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from execution.models import (
    BrokerAccount,
    CloseRequest,
    Deal,
    ExecutorKey,
    Order,
    Position,
    Report,
    Subscription,
    Switch,
    SymbolMap,
    Terminal,
    Twin,
)
from execution.selectors.outcomes import outcomes_of
from fusion_project.admin.read_only import ReadOnlyAdmin, headline
from fusion_project.text.formats import UNDEFINED, plain_number, state_word
from signals.admin.decisions import DecisionAdmin
from signals.models import Decision

admin.site.unregister(Decision)


@admin.register(Decision)
class DecisionWithOrdersAdmin(DecisionAdmin):
    """The class of signals, with a column for what became of the orders."""

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        # A desk is no wider; the chance stands on the decision's page.
        chance = self._readable("p_final", "f-num")
        shown = [one for one in super().get_list_display(request) if one is not chance]
        shown.insert(shown.index("state") + 1, "became")
        return shown

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return ["became", *super().get_readonly_fields(request, obj)]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("orders", "strategy__tradable")

    @admin.display(description="orders")
    def became(self, row: Decision) -> str:
        return outcomes_of([row])[row.pk] or UNDEFINED


@admin.register(BrokerAccount)
class BrokerAccountAdmin(ReadOnlyAdmin):
    list_display = (
        "name",
        "book",
        "server",
        "login",
        "balance",
        "equity",
        "currency",
        "last_seen_at",
    )
    list_filter = ("book",)
    search_fields = ("name", "=login")
    ordering = ("name",)


@admin.register(Terminal)
class TerminalAdmin(ReadOnlyAdmin):
    """What each executor's heartbeat said last; its long lists stay in the table."""

    list_display = (
        "account",
        "heard_at",
        "instance",
        "blocked",
        "latch",
        "ping_ms",
        "skew_ms",
        "outbox_depth",
    )
    list_select_related = ("account",)
    ordering = ("account__name",)
    exclude = ("positions", "pendings", "content_sha256")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).defer("positions", "pendings")

    @admin.display(description="no entry is sent because of")
    def blocked(self, row: Terminal) -> str:
        return ", ".join(row.entries_blocked)


@admin.register(ExecutorKey)
class ExecutorKeyAdmin(ReadOnlyAdmin):
    """The hash stays in the table: nobody needs to read it."""

    list_display = ("prefix", "account", "label", "expires_at", "revoked_at", "last_used_at")
    list_select_related = ("account",)
    exclude = ("sha256",)


@admin.register(Subscription)
class SubscriptionAdmin(ReadOnlyAdmin):
    list_display = ("strategy", "account", "lots_default", "is_active")
    ordering = ("strategy__slug", "account__name")
    list_filter = ("is_active",)
    list_select_related = ("strategy", "account")


@admin.register(Twin)
class TwinAdmin(ReadOnlyAdmin):
    """Which paper account was whose twin, and when; how they fare is on the page “Twins”."""

    list_display = ("account", "live", "began_at", "actor", "ended_at", "ended_by")
    list_select_related = ("account", "live")
    ordering = ("-id",)


@admin.register(Switch)
class SwitchAdmin(ReadOnlyAdmin):
    """Every turn; how they stand, and the forms that turn them, are on the page “Switches”."""

    list_display = ("switch", "state", "version", "at", "actor", "reason")
    list_filter = ("scope", "state")
    search_fields = ("=key",)
    empty_words = "No switch was ever turned: entries are allowed everywhere."

    @admin.display(description="switch", ordering="id")
    def switch(self, row: Switch) -> SafeString:
        return headline(f"{row.scope} {row.key}".strip(), row.pk)


@admin.register(CloseRequest)
class CloseRequestAdmin(ReadOnlyAdmin):
    list_display = ("close", "at", "account", "with_foreign", "actor", "reason", "life_line")
    list_filter = ("scope",)
    list_select_related = ("account",)
    readonly_fields = ("life_line",)
    empty_words = "Nobody has closed anything by hand yet."

    @admin.display(description="request", ordering="id")
    def close(self, row: CloseRequest) -> SafeString:
        return headline(f"close {row.scope} {row.position_ticket or ''}".strip(), row.pk)


@admin.register(SymbolMap)
class SymbolMapAdmin(ReadOnlyAdmin):
    list_display = ("instrument", "broker_symbol", "account", "confirmation", "sheet_at")
    ordering = ("account__name", "instrument")
    list_filter = ("account",)
    list_select_related = ("account", "confirmation")
    search_fields = ("=instrument", "=broker_symbol")


@admin.register(Order)
class OrderAdmin(ReadOnlyAdmin):
    list_display = (
        "order",
        "staged_at",
        "state",
        "life_line",
        "account",
        "reason",
        "fence",
    )
    list_filter = ("state", "verb", "account")
    search_fields = ("=id", "=trace_id", "=instrument")
    search_help_text = "An order number (magic), a whole trace id or an instrument."
    list_select_related = ("account",)
    ordering = ("-id",)
    readonly_fields = ("life_line",)

    @admin.display(description="order", ordering="id")
    def order(self, row: Order) -> SafeString:
        """One that was refused where it was to be staged has asked for no lots."""
        lots = f" {plain_number(row.volume_lots)}" if row.volume_lots else ""
        return headline(f"{state_word(row.verb)} {row.side}{lots} {row.instrument}", row.pk)


@admin.register(Report)
class ReportAdmin(ReadOnlyAdmin):
    list_display = (
        "report",
        "received_at",
        "account",
        "order_id",
        "fence",
        "fence_was_current",
        "retcode",
        "message",
        "life_line",
    )
    list_filter = ("kind", "account")
    search_fields = ("=report_id", "=trace_id")
    list_select_related = ("account",)
    ordering = ("-id",)
    readonly_fields = ("life_line",)

    @admin.display(description="report", ordering="id")
    def report(self, row: Report) -> SafeString:
        return headline(row.kind, row.pk)


@admin.register(Deal)
class DealAdmin(ReadOnlyAdmin):
    list_display = (
        "deal",
        "revision",
        "at",
        "price",
        "profit",
        "life_line",
        "account",
    )
    list_filter = ("kind", "entry", "account")
    search_fields = ("=ticket", "=position_ticket", "=trace_id")
    search_help_text = "A deal ticket, a position ticket or a whole trace id."
    list_select_related = ("account",)
    ordering = ("-id",)
    readonly_fields = ("life_line",)

    @admin.display(description="deal", ordering="id")
    def deal(self, row: Deal) -> SafeString:
        traded = f"{row.entry} {plain_number(row.volume_lots)} {row.symbol}" if row.symbol else ""
        return headline(f"{row.kind} {traded}".strip(), row.ticket)


@admin.register(Position)
class PositionAdmin(ReadOnlyAdmin):
    list_display = (
        "position",
        "volume_open_lots",
        "volume_closed_lots",
        "opened_at",
        "closed_at",
        "net",
        "life_line",
        "account",
    )
    list_filter = (("closed_at", admin.EmptyFieldListFilter), "account", "side")
    search_fields = ("=position_ticket", "=trace_id", "=instrument")
    list_select_related = ("account",)
    ordering = ("-id",)
    readonly_fields = ("life_line",)

    @admin.display(description="position", ordering="id")
    def position(self, row: Position) -> SafeString:
        return headline(f"{row.side} {row.instrument}", row.position_ticket)
