"""What sessions and visits offer the applicant beside its papers: its own hearing, its own visit, the 廉洁反馈表."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse

from applications.applicant_links import ApplicantLink, applicant_links
from applications.models import Application
from award_portal.lib import clock

from .hearing import own_slot
from .integrity import may_be_filed
from .models import IntegrityFeedback, Visit
from .sessions import told
from .visits import days_zh


@applicant_links
def hearing_links(application: Application) -> Iterable[ApplicantLink]:
    """From the hour the session or visit was told of; nothing before."""
    stages, book = [], application.rulebook
    slot = own_slot(application)
    if slot is not None:
        stages.append(slot.session.panel.stage)
        label = f"{book.label(stages[-1])}：参加人员和材料"
        note = f"{told(slot.session.starts_at)}，{slot.session.place}"
        yield ApplicantLink(label, reverse("reviews:own_session", args=[application.public_id]), note)
    sent = Visit.objects.standing().filter(application=application, sent_at__isnull=False)
    visit = sent.select_related("panel__round").order_by("-pk").first()
    if visit is not None:
        stages.append(visit.panel.stage)
        label = f"{book.label(visit.panel.stage)}：日程和记录"
        url = reverse("reviews:own_visit", args=[application.public_id])
        yield ApplicantLink(label, url, f"{days_zh(visit)}，{visit.status}")
    for stage in stages:
        if may_be_filed(application, stage, clock.now()):
            filed = IntegrityFeedback.objects.filter(application=application, stage=stage).exists()
            url = reverse("reviews:integrity_form", args=[application.public_id, stage])
            yield ApplicantLink(f"{book.label(stage)}廉洁反馈表", url, "已提交纪检监察机构" if filed else "待填写")
