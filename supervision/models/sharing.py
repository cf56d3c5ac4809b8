"""After the award: what a winner owes (U17–U19), what it did, and who looked at it."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from applications.models import Application
from awards.models import Award
from organizations.models import Claim, StoredFile, Unit, User


class SharingQuerySet(models.QuerySet["SharingRecord"]):
    def visible_to(self, user: User) -> SharingQuerySet:
        """The winner's own people, the scheme's office and supervisor, and the recommenders who watch it (U18).

        They watch the winners they recommended, and those of their own district.
        """
        units = Unit.objects.of_user(user)
        wide = units.filter(kind__in=("office", "supervisor"))
        near = units.of_kind("recommender")
        own = Claim.objects.filter(user=user, state=Claim.State.VERIFIED).values("organization")
        recommended = Application.objects.filter(recommender__in=near).exclude(number="").values("number")
        districts = near.exclude(district="")
        return self.filter(
            Q(award__organization__in=own)
            | Q(award__scheme__key__in=wide.values("scheme_key"))
            | Q(award__application_number__in=recommended)
            | Q(award__scheme__key__in=districts.values("scheme_key"), award__district__in=districts.values("district"))
        ).distinct()


class SharingRecord(models.Model):
    """One activity by which a winner shared its methods (U17); reviewed by the unit that supervises (U18)."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    award = models.ForeignKey(Award, models.PROTECT, related_name="+", verbose_name="获奖记录")
    duty = models.CharField("义务", max_length=60)
    held_on = models.DateField("日期")
    title = models.CharField("活动名称", max_length=120)
    content = models.TextField("内容与成效", max_length=2000)
    audience = models.PositiveIntegerField("参加人次", default=0)
    proof = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="证明材料"
    )
    filed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="填报人")
    filed_at = models.DateTimeField("填报时间")
    reviewed_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="核实人"
    )
    reviewed_at = models.DateTimeField("核实时间", null=True, blank=True)
    review_note = models.CharField("核实意见", max_length=500, blank=True)

    objects = SharingQuerySet.as_manager()

    class Meta:
        verbose_name = "推广交流记录"
        verbose_name_plural = "推广交流记录"
        ordering = ("-held_on", "-pk")
