"""Admin of the tokens, for reading: tokens, their versioned rules, and what positions earned."""

from django.contrib import admin

from fusion_project.admin.read_only import ReadOnlyAdmin
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
    ordering = ("token", "-version")


@admin.register(PositionAward)
class PositionAwardAdmin(ReadOnlyAdmin):
    list_display = ("id", "at", "position", "fold_revision", "token", "amount", "entry", "reason")
    list_filter = ("token",)
    list_select_related = ("position", "token", "entry")
    ordering = ("-id",)
