from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "award_portal"
    verbose_name = "门户"

    def ready(self) -> None:
        from . import checks  # noqa: F401  registers the system checks
