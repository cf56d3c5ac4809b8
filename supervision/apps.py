from django.apps import AppConfig


class SupervisionConfig(AppConfig):
    name = "supervision"
    verbose_name = "获奖后监督"

    def ready(self) -> None:
        from . import (  # noqa: F401  makers, sweepers, guards, readers, desks
            archiving,
            case_desks,
            case_escalating,
            case_papers,
            cases,
            desks,
            duties,
            duty_guard,
            erasing,
            plan_sharing,
        )
