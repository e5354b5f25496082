"""Admin of the tokens, for reading: tokens, their versioned rules, and what positions earned."""

from django.contrib import admin
from django.utils.safestring import SafeString

from fusion_project.admin.read_only import ReadOnlyAdmin, headline
from tokens.models import PositionAward, RuleVersion, Token


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
