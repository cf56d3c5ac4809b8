from django.apps import AppConfig


class PublicityConfig(AppConfig):
    name = "publicity"
    verbose_name = "公示与公开"

    def ready(self) -> None:
        from . import closing, desks, opening, striking  # noqa: F401  the sweeper, the desk, the gate, the strike
