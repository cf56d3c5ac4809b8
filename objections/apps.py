from django.apps import AppConfig


class ObjectionsConfig(AppConfig):
    name = "objections"
    verbose_name = "异议"

    def ready(self) -> None:
        from . import desks, escalating, paper_access  # noqa: F401  the desks, the sweeper, who reads the papers
