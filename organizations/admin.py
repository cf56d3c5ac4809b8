"""A look at units and accounts: both are kept at their own pages, where every change goes on record.

An allowlist: groups have no meaning here, and nothing in the admin is a second door to a round.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.models import Group
from django.http import HttpRequest

from .models import Membership, Unit, User

admin.site.site_header = "系统管理"
admin.site.site_title = "系统管理"
admin.site.index_title = "查询"
admin.site.unregister(Group)


class LookOnly:
    """For administrators to read; adding, changing and deleting are refused whatever their permissions say."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_active and request.user.is_staff)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class MembershipInline(LookOnly, admin.TabularInline):
    model = Membership
    fk_name = "user"
    extra = 0
    fields = ("unit", "is_head", "started_at", "ended_at")


@admin.register(User)
class UserAdmin(LookOnly, admin.ModelAdmin):
    list_display = ("username", "display_name", "is_active", "is_staff", "last_login")
    list_filter = ("is_active", "is_staff")
    search_fields = ("username", "display_name")
    ordering = ("username",)
    fields = ("username", "display_name", "is_active", "is_staff", "is_superuser", "last_login")
    inlines = (MembershipInline,)


@admin.register(Unit)
class UnitAdmin(LookOnly, admin.ModelAdmin):
    list_display = ("name", "kind", "scheme_key", "district", "is_active")
    list_filter = ("scheme_key", "kind", "is_active")
    search_fields = ("name", "short_name")
