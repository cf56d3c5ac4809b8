from django.apps import AppConfig


class ObjectionsConfig(AppConfig):
    name = "objections"
    verbose_name = "异议"

    def ready(self) -> None:
        from . import cancelling, desks, escalating, gates  # noqa: F401  aftermath, desks, sweeper, door
        from . import paper_access, public_ways, round_panel  # noqa: F401  who reads papers, what pages show
