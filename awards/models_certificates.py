"""Numbers of certificates that were replaced: the ledger carries the present one, the old ones lead to it."""

from __future__ import annotations

from django.db import models


class SupersededCertificate(models.Model):
    """A certificate that no longer holds because another was issued in its place (遗失补发, 更名换发)."""

    award = models.ForeignKey(
        "awards.Award", models.PROTECT, related_name="superseded_certificates", verbose_name="获奖记录"
    )
    number = models.CharField("原证书编号", max_length=40, unique=True)
    replaced_by = models.CharField("新证书编号", max_length=40)
    # the name the old certificate carries, where the winner has another one now
    name = models.CharField("原证书所载名称", max_length=120)
    reason = models.CharField("补换发原因", max_length=20)
    replaced_on = models.DateField("补换发日期")

    class Meta:
        verbose_name = "已补换发的证书"
        verbose_name_plural = "已补换发的证书"
        ordering = ("replaced_on", "pk")

    def __str__(self) -> str:
        return f"{self.number} → {self.replaced_by}"
