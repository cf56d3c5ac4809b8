"""廉洁反馈表: from the applicant straight to the supervising unit; no office and no panel reads it (section 8)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.urls import reverse

from applications.desk_rules import DeskRefused
from applications.models import Application
from applications.rules import acts_for, works_for
from award_portal.lib.sealed import seal, unseal
from organizations import evidence
from organizations.messages import people_of, send_message
from organizations.models import Unit, UnitKind, User

from .models import IntegrityFeedback, Session, Visit

# what every such form asks; "no" is the clean answer to each
QUESTIONS = {
    "gifts": "是否收受或者索要礼品、礼金、有价证券等",
    "meals": "是否接受宴请或者安排的娱乐、旅游活动",
    "fees": "是否收取或者变相收取评审费、咨询费、赞助费等费用",
    "favours": "是否推销产品、介绍咨询或者提出其他与评审无关的要求",
    "secrets": "是否泄露评审信息或者打探与评审无关的商业秘密",
    "recusal": "是否存在应当回避而未回避的情形",
}
LIMIT = 3000


@transaction.atomic
def file_feedback(
    application: Application, *, stage: str, answers: Mapping[str, bool], text: str, by: User, at: datetime
) -> IntegrityFeedback:
    """Filed once a stage, after the experts came; a "yes" is explained. Sealed; only the supervising unit opens it."""
    cite = application.rulebook.discipline_ground
    if not acts_for(by, application):
        raise DeskRefused.because(f"廉洁反馈表由{application.noun}填写。", cite)
    if not may_be_filed(application, stage, at):
        raise DeskRefused.because("本环节尚无答辩或者现场评审，暂不填写廉洁反馈表。", cite)
    if IntegrityFeedback.objects.filter(application=application, stage=stage).exists():
        raise DeskRefused.because("本环节的廉洁反馈表已经提交。有新情况的，请直接向纪检监察机构反映。", cite)
    if set(answers) != set(QUESTIONS):
        raise DeskRefused.because("请逐项作答。已填内容已保留。", cite)
    text = text.strip()
    if any(answers.values()) and not text:
        raise DeskRefused.because("选择“是”的，请写明时间、人员和事实。已填内容已保留。", cite)
    feedback = IntegrityFeedback(application=application, stage=stage, filed_at=at, filed_by=by)
    told = json.dumps({"answers": dict(answers), "text": text[:LIMIT]}, ensure_ascii=False)
    seal(feedback, "answers_sealed", told)
    feedback.save()
    evidence.record(
        "integrity.file", chain=application.round.chain, by=by, subject=f"integrity:{feedback.public_id}", at=at,
        data={"stage": stage},
    )  # fmt: skip
    for unit in Unit.objects.filter(kind=UnitKind.SUPERVISOR, scheme_key=application.round.scheme.key):
        send_message(people_of(unit), subject="收到廉洁反馈表", url=reverse("reviews:integrity_list"), at=at)
    return feedback


def may_be_filed(application: Application, stage: str, at: datetime) -> bool:
    """From the hour the session began or the day the visit opened."""
    if Session.objects.standing().filter(
        panel__stage=stage, slots__application=application, starts_at__lte=at
    ).exists():  # fmt: skip
        return True
    return Visit.objects.standing().filter(
        panel__stage=stage, application=application, signatures__isnull=False
    ).exists()  # fmt: skip


@transaction.atomic
def read_feedback(feedback: IntegrityFeedback, *, by: User, at: datetime) -> dict:
    """Its answers and words, for the people of the scheme's supervising unit; the first opening is on record."""
    round = feedback.application.round
    if not works_for(by, round.scheme.key, UnitKind.SUPERVISOR):
        raise DeskRefused.because("廉洁反馈表只由纪检监察机构阅看。", feedback.application.rulebook.discipline_ground)
    locked = IntegrityFeedback.objects.select_for_update(of=("self",)).get(pk=feedback.pk)
    if locked.read_at is None:
        locked.read_at, locked.read_by = at, by
        locked.save()
        evidence.record(
            "integrity.read", chain=round.chain, by=by, subject=f"integrity:{locked.public_id}", at=at, data={}
        )
    return opened(locked)


def opened(feedback: IntegrityFeedback) -> dict:
    """Answers in the order of the form, as {"rows": [(question, bool)], "text": str}; asked who reads before."""
    told = json.loads(unseal(feedback, "answers_sealed"))
    rows = [(words, bool(told["answers"].get(key))) for key, words in QUESTIONS.items()]
    return {"rows": rows, "text": told["text"], "any": any(yes for _, yes in rows)}
