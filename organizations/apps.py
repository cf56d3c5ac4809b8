from django.apps import AppConfig


class OrganizationsConfig(AppConfig):
    name = "organizations"
    verbose_name = "单位与账号"

    def ready(self) -> None:
        from . import account_desks  # noqa: F401  the account room's desks
