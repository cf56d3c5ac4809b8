"""What the administrator may look at: editions, rounds and the calendar are changed by their own pages only."""

from django.contrib import admin

from .models import CalendarYear, Edition, Round, RoundParameter, Scheme


class ReadOnly(admin.ModelAdmin):
    """A look without a hand: nothing here is a second door to a round."""

    def has_view_permission(self, request, obj=None) -> bool:
        return request.user.is_active and request.user.is_staff

    def has_module_permission(self, request) -> bool:
        return self.has_view_permission(request)

    def has_add_permission(self, request) -> bool:
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        return False


@admin.register(Scheme)
class SchemeAdmin(admin.ModelAdmin):
    list_display = ("name", "key", "is_public")
    readonly_fields = ("key", "name", "short_name")

    def has_add_permission(self, request) -> bool:
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        return False


@admin.register(Edition)
class EditionAdmin(ReadOnly):
    list_display = ("scheme", "edition", "source_status", "effective_on", "expires_on", "sha256")


@admin.register(Round)
class RoundAdmin(ReadOnly):
    list_display = ("title", "scheme", "year", "published_at", "closes_at")


@admin.register(RoundParameter)
class RoundParameterAdmin(ReadOnly):
    list_display = ("round", "path", "value", "ground", "at")


@admin.register(CalendarYear)
class CalendarYearAdmin(ReadOnly):
    list_display = ("year", "is_rehearsal", "source", "version", "updated_at")
