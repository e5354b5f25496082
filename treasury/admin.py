"""Admin of the ledger: the audit view. Entries with their lines, read-only for everybody."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString

from fusion_project.admin.read_only import ReadOnlyAdmin, ReadOnlyInline, headline
from fusion_project.text.formats import UNDEFINED, seconds_between, span
from treasury.models import (
    AccountCheck,
    Conversion,
    Currency,
    DealPosting,
    Distribution,
    Entry,
    Hold,
    LedgerAccount,
    Line,
    PeriodAdjustment,
    PeriodClose,
    PeriodFigure,
    PolicyBinding,
    PolicyVersion,
    PriceSnapshot,
    RevenueStream,
    Statement,
    StatementDifference,
    UnitSeries,
)
from treasury.selectors.periods import period_words


class LineInline(ReadOnlyInline):
    """The lines of an entry; they sum to zero in each currency."""

    model = Line
    fields = ("n", "account", "amount", "currency")
    ordering = ("n",)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("account", "currency")


@admin.register(Entry)
class EntryAdmin(ReadOnlyAdmin):
    list_display = ("entry", "event_at", "book", "life_line", "idem_key", "reverses")
    list_filter = ("book", "kind", ("reverses", admin.EmptyFieldListFilter))
    search_fields = ("=idem_key", "=source", "=trace_id")
    search_help_text = "A whole key, source or trace id."
    list_select_related = ("reverses",)
    ordering = ("-id",)
    inlines = (LineInline,)
    exclude = ("xid", "cluster")
    readonly_fields = ("life_line", "period")

    @admin.display(description="entry", ordering="id")
    def entry(self, row: Entry) -> SafeString:
        return headline(row.kind, row.pk)

    @admin.display(description="closed period")
    def period(self, row: Entry) -> str:
        return period_words(row) or UNDEFINED


@admin.register(LedgerAccount)
class LedgerAccountAdmin(ReadOnlyAdmin):
    list_display = ("code", "book", "kind", "currency", "floor", "tracked")
    list_filter = ("book", "kind", "currency")
    search_fields = ("code",)
    list_select_related = ("currency",)
    ordering = ("book", "code")


@admin.register(Line)
class LineAdmin(ReadOnlyAdmin):
    list_display = ("entry", "n", "account", "amount", "currency")
    list_filter = ("account__book", "currency")
    search_fields = ("=account__code",)
    search_help_text = "A whole account code: the statement of that account."
    list_select_related = ("entry", "account", "currency")
    ordering = ("-entry_id", "n")


@admin.register(Currency)
class CurrencyAdmin(ReadOnlyAdmin):
    list_display = ("code", "scale")
    ordering = ("code",)


@admin.register(DealPosting)
class DealPostingAdmin(ReadOnlyAdmin):
    list_display = ("deal", "state", "entry", "reason", "at")
    list_filter = ("state",)
    list_select_related = ("deal", "entry")
    ordering = ("-at",)


@admin.register(AccountCheck)
class AccountCheckAdmin(ReadOnlyAdmin):
    list_display = ("account", "kind", "state", "ours", "theirs", "difference", "checked_at")
    list_filter = ("state", "kind", "account__book")
    ordering = ("account", "kind")
    list_select_related = ("account",)


class StatementDifferenceInline(ReadOnlyInline):
    """What each ticket says otherwise."""

    model = StatementDifference
    fields = ("ticket", "column", "ours", "theirs")
    ordering = ("ticket", "column")


@admin.register(Statement)
class StatementAdmin(ReadOnlyAdmin):
    list_display = ("account", "name", "deals", "differing", "imported_at", "actor")
    list_filter = ("account__book",)
    ordering = ("-imported_at",)
    list_select_related = ("account",)
    inlines = (StatementDifferenceInline,)


@admin.register(Hold)
class HoldAdmin(ReadOnlyAdmin):
    list_display = ("account", "amount", "state", "entry_key", "expires_at", "made_by")
    list_filter = ("state", "account__book")
    search_fields = ("=entry_key", "=account__code")
    search_help_text = "The whole key of an entry, or a whole account code."
    list_select_related = ("account",)
    ordering = ("-id",)
    empty_words = "Nothing was held yet. `./manage.py hold make` sets an amount apart."


@admin.register(PolicyVersion)
class PolicyVersionAdmin(ReadOnlyAdmin):
    list_display = ("policy", "version", "bps", "valid_from", "valid_until", "recorded_by")
    list_filter = ("policy",)
    list_select_related = ("policy",)
    ordering = ("policy", "-version")


@admin.register(PolicyBinding)
class PolicyBindingAdmin(ReadOnlyAdmin):
    list_display = ("policy", "account", "stream", "valid_from", "valid_until", "recorded_by")
    list_filter = ("policy",)
    list_select_related = ("policy", "account", "stream")
    ordering = ("-id",)
    empty_words = "Nothing is bound: all accounts are under the policy house."


@admin.register(RevenueStream)
class RevenueStreamAdmin(ReadOnlyAdmin):
    list_display = ("name", "book", "currency", "created_at", "created_by")
    list_filter = ("book",)
    list_select_related = ("currency",)
    ordering = ("book", "name")
    empty_words = "No stream yet. `./manage.py revenue open` makes one."


@admin.register(UnitSeries)
class UnitSeriesAdmin(ReadOnlyAdmin):
    list_display = ("account", "number", "holder", "mark", "issued_at")
    list_select_related = ("account",)
    ordering = ("account", "number")
    empty_words = "No units yet. `./manage.py units issue` gives some for a deposit."


@admin.register(Distribution)
class DistributionAdmin(ReadOnlyAdmin):
    list_display = ("period", "book", "version", "entry", "cutoff", "made_at")
    list_filter = ("book", "version__policy")
    list_select_related = ("version", "version__policy", "entry", "cutoff")
    ordering = ("-id",)
    empty_words = "Nothing was distributed yet. `./manage.py distribution show` is a dry run."


@admin.register(PriceSnapshot)
class PriceSnapshotAdmin(ReadOnlyAdmin):
    list_display = ("base", "quote", "price", "priced_at", "age_told", "source", "book")
    list_filter = ("book", "base", "quote")
    list_select_related = ("base", "quote")
    ordering = ("-id",)
    readonly_fields = ("age_told",)
    empty_words = "No price is stored yet. `./manage.py price_import` takes a file of them."

    @admin.display(description="age when recorded")
    def age_told(self, row: PriceSnapshot) -> str:
        return span(seconds_between(row.priced_at, row.recorded_at))


@admin.register(Conversion)
class ConversionAdmin(ReadOnlyAdmin):
    list_display = ("source", "amount", "target", "received", "state", "waits_for", "asked_at")
    list_filter = ("state", "book")
    list_select_related = ("source", "target")
    ordering = ("-id",)
    empty_words = "Nothing was converted yet. `./manage.py conversion ask` asks for it."


class PeriodFigureInline(ReadOnlyInline):
    """What every account held; the closing figures of a currency sum to zero."""

    model = PeriodFigure
    fields = ("account", "opening", "debit", "credit", "adjusted", "closing")
    ordering = ("account__code",)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("account")


class PeriodAdjustmentInline(ReadOnlyInline):
    """What the period has booked for earlier ones."""

    model = PeriodAdjustment
    fk_name = "close"
    fields = ("entry", "belongs_to")
    ordering = ("entry_id",)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("entry", "belongs_to")


@admin.register(PeriodClose)
class PeriodCloseAdmin(ReadOnlyAdmin):
    list_display = ("period", "book", "ends_at", "cutoff", "sha256", "closed_at", "closed_by")
    list_filter = ("book",)
    list_select_related = ("cutoff",)
    ordering = ("-id",)
    inlines = (PeriodFigureInline, PeriodAdjustmentInline)
    empty_words = "No period is closed yet. `./manage.py period_close` closes one."
