"""Looking up applications: read-only, an allowlist of what is no secret. Nothing here is a second door."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from .models import Application


@admin.register(Application)
class ApplicationAdmin(admin.ModelAdmin):
    """Where an application stands; its answers, dossiers, findings and replies are read at the desks alone."""

    list_display = ("number", "organization", "round", "recommender", "state", "submitted_at")
    list_filter = ("round", "state")
    list_select_related = ("organization", "round", "recommender")
    search_fields = ("number", "organization__name", "organization__code")
    fields = (
        "number", "round", "organization", "category", "industry", "district", "recommender", "state", "return_to",
        "created_at", "submitted_at",
    )  # fmt: skip
    readonly_fields = fields

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # the desks' people are no staff; whoever is may look up where something stands
        return request.user.is_active and request.user.is_staff

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)
