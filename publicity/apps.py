from django.apps import AppConfig


class PublicityConfig(AppConfig):
    name = "publicity"
    verbose_name = "公示与公开"

    def ready(self) -> None:
        from . import closing, desks, opening  # noqa: F401  the sweeper, the desk and the gate
