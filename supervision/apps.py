from django.apps import AppConfig


class SupervisionConfig(AppConfig):
    name = "supervision"
    verbose_name = "获奖后监督"

    def ready(self) -> None:
        # the maker of archives, the desks, the sweeps of duties and of erasures
        from . import archiving, desks, duties, erasing  # noqa: F401
