"""Admin of the tokens, for reading: tokens, their versioned rules, and what positions earned."""

from django.contrib import admin
from django.utils.safestring import SafeString

from fusion_project.admin.read_only import ReadOnlyAdmin, headline
from tokens.models import (
    ChainBinding,
    ChainIntent,
    ChainObservation,
    ChainTransaction,
    PositionAward,
    ReserveSnapshot,
    RuleVersion,
    SupplyPlanItem,
    Token,
)


@admin.register(Token)
class TokenAdmin(ReadOnlyAdmin):
    list_display = ("code", "name", "kind", "decimals", "cap")
    ordering = ("code",)


@admin.register(RuleVersion)
class RuleVersionAdmin(ReadOnlyAdmin):
    list_display = ("token", "version", "valid_from", "parameters", "recorded_by")
    list_filter = ("token",)
    list_select_related = ("token",)


@admin.register(PositionAward)
class PositionAwardAdmin(ReadOnlyAdmin):
    list_display = ("award", "at", "position", "fold_revision", "amount", "entry", "reason")
    list_filter = ("token",)
    list_select_related = ("position", "token", "entry")
    ordering = ("-id",)

    @admin.display(description="award", ordering="id")
    def award(self, row: PositionAward) -> SafeString:
        return headline(row.token.code, row.pk)


@admin.register(ChainBinding)
class ChainBindingAdmin(ReadOnlyAdmin):
    list_display = ("binding", "book", "network", "state", "since", "reason", "master", "owner")
    list_select_related = ("token",)
    ordering = ("book", "token__code")

    @admin.display(description="binding", ordering="id")
    def binding(self, row: ChainBinding) -> SafeString:
        return headline(row.token.code, row.pk)


@admin.register(ChainObservation)
class ChainObservationAdmin(ReadOnlyAdmin):
    list_display = (
        "observation",
        "at",
        "state",
        "seqno",
        "supply",
        "ledger_supply",
        "balance",
        "ledger_balance",
        "reason",
    )
    list_filter = ("state",)
    list_select_related = ("binding__token",)
    ordering = ("-id",)

    @admin.display(description="observation", ordering="id")
    def observation(self, row: ChainObservation) -> SafeString:
        return headline(row.binding.token.code, row.pk)


@admin.register(ChainIntent)
class ChainIntentAdmin(ReadOnlyAdmin):
    list_display = ("intent", "state", "units", "other", "opened_at", "deadline", "transaction")
    list_filter = ("state", "kind")
    list_select_related = ("transaction",)
    ordering = ("-id",)

    @admin.display(description="intent", ordering="id")
    def intent(self, row: ChainIntent) -> SafeString:
        return headline(row.kind, row.pk)


@admin.register(ChainTransaction)
class ChainTransactionAdmin(ReadOnlyAdmin):
    list_display = ("sha256", "at", "way", "units", "other", "seen_at")
    ordering = ("-id",)


@admin.register(SupplyPlanItem)
class SupplyPlanItemAdmin(ReadOnlyAdmin):
    list_display = ("name", "token", "amount", "vesting")
    list_select_related = ("token",)
    ordering = ("token__code", "-amount")


@admin.register(ReserveSnapshot)
class ReserveSnapshotAdmin(ReadOnlyAdmin):
    list_display = ("snapshot", "at", "sha256", "public_key")
    list_filter = ("book",)
    ordering = ("-id",)

    @admin.display(description="snapshot", ordering="id")
    def snapshot(self, row: ReserveSnapshot) -> SafeString:
        return headline(f"{row.book} {row.epoch}", row.pk)
