from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class OrganizationsConfig(AppConfig):
    name = "organizations"
    verbose_name = "单位与账号"

    def ready(self) -> None:
        from . import account_desks, digests, outbox  # noqa: F401  desks and sweepers

        # Not a domain effect: a rebuilt table must get its triggers back before anybody writes.
        post_migrate.connect(_guard_evidence, sender=self, dispatch_uid="evidence triggers")


def _guard_evidence(*, using: str, **kwargs: Any) -> None:
    from .triggers import install_triggers

    install_triggers(using)
