"""The administrator's units, users and roles. An allowlist: nothing here is a second door to a round."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin

from .models import Membership, Unit, User

admin.site.site_header = "系统管理"
admin.site.site_title = "系统管理"
admin.site.index_title = "单位、用户与日历"


class MembershipInline(admin.TabularInline):
    model = Membership
    fk_name = "user"
    extra = 0
    fields = ("unit", "is_head", "started_at", "ended_at")


@admin.register(User)
class UserAdmin(DjangoUserAdmin):
    list_display = ("username", "display_name", "is_active", "is_staff", "last_login")
    list_filter = ("is_active", "is_staff")
    search_fields = ("username", "display_name")
    ordering = ("username",)
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        ("人员", {"fields": ("display_name",)}),
        ("权限", {"fields": ("is_active", "is_staff", "is_superuser")}),
    )
    add_fieldsets = ((None, {"classes": ("wide",), "fields": ("username", "display_name", "password1", "password2")}),)
    filter_horizontal = ()
    inlines = (MembershipInline,)

    def has_delete_permission(self, request, obj=None) -> bool:
        # a person's steps stay on record: accounts are closed, not deleted
        return False


@admin.register(Unit)
class UnitAdmin(admin.ModelAdmin):
    list_display = ("name", "kind", "scheme_key", "district", "is_active")
    list_filter = ("scheme_key", "kind", "is_active")
    search_fields = ("name", "short_name")
    readonly_fields = ("public_id",)

    def has_delete_permission(self, request, obj=None) -> bool:
        return False
