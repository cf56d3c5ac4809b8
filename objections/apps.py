from django.apps import AppConfig


class ObjectionsConfig(AppConfig):
    name = "objections"
    verbose_name = "异议"

    def ready(self) -> None:
        from . import desks, escalating, gates, paper_access, public_ways  # noqa: F401  who reads, what the public sees
