from django.apps import AppConfig


class ObjectionsConfig(AppConfig):
    name = "objections"
    verbose_name = "异议"

    def ready(self) -> None:
        from . import desks, escalating, gates, paper_access, public_ways, round_panel  # noqa: F401  who sees what
