from django.apps import AppConfig


class ObjectionsConfig(AppConfig):
    name = "objections"
    verbose_name = "异议"

    def ready(self) -> None:
        # what it does after a step, its desks, its clock, its doors, who reads its papers, what public and office see
        from . import (  # noqa: F401
            cancelling,
            desks,
            escalating,
            gates,
            paper_access,
            public_ways,
            round_panel,
        )
