from django.apps import AppConfig


class AwardsConfig(AppConfig):
    name = "awards"
    verbose_name = "奖项与规则"

    def ready(self) -> None:
        from . import admitting, desks, moments  # noqa: F401
