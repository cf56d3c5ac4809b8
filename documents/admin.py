"""Looking up papers: read-only. What they say is read at the desks; nothing here is a second door."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from .models import IssuedDocument


@admin.register(IssuedDocument)
class IssuedDocumentAdmin(admin.ModelAdmin):
    """Number, title and whether it is rendered and sealed."""

    list_display = ("number", "title", "issuer", "issued_at", "official_number", "pages", "is_public")
    list_filter = ("scheme_key", "kind", "is_public")
    list_select_related = ("issuer",)
    search_fields = ("number", "title", "official_number")
    fields = (
        "number", "title", "kind", "issuer", "issued_at", "is_public", "content_sha256", "sha256", "pages", "size",
        "official_number", "official_on",
    )  # fmt: skip
    readonly_fields = fields

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
