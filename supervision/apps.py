from django.apps import AppConfig


class SupervisionConfig(AppConfig):
    name = "supervision"
    verbose_name = "获奖后监督"

    def ready(self) -> None:
        from . import archiving, desks, duties  # noqa: F401  the maker of archives, the desks, the sweep of duties
