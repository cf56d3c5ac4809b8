from django.apps import AppConfig


class ApplicationsConfig(AppConfig):
    name = "applications"
    verbose_name = "申报"

    def ready(self) -> None:
        from . import applicant_gates, consulting, desk_gates, desks, moments, paper_access, self_publicity  # noqa: F401
