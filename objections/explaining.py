"""Asking the applying organisation to explain (U14): it learns what it must answer, and never who objected."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from applications.rules import acts_for
from organizations.messages import send_message
from organizations.models import Claim, StoredFile, User

from .casework import HandlingRefused, record_act, take
from .filing import last_day_zh
from .investigating import take_up
from .models import Objection
from .pipeline import WITH_INVESTIGATOR


@transaction.atomic
def ask_applicant(objection: Objection, *, question: str, by: User, at: datetime) -> Objection:
    """The investigator asks, once, in its own words: the objection's text stays with those who handle it."""
    objection = take(objection, "report", by=by, office=False)
    if objection.asked_at is not None:
        raise HandlingRefused("已请其说明，不能重复发出。")
    if len(question.strip()) < 5:
        raise HandlingRefused("请写明需要说明的事项。")
    take_up(objection, at=at)
    objection.question, objection.asked_at = question.strip(), at
    objection.save()
    claims = Claim.objects.filter(organization=objection.application.organization_id, state=Claim.State.VERIFIED)
    send_message(
        [one.user for one in claims.select_related("user").order_by("pk")],
        subject="请就有关事项向调查单位作出说明",
        body=f"请在{last_day_zh(objection.due_at)}前提交说明。",
        url=objection.get_explain_url(),
        at=at,
    )
    record_act(objection, "ask", by=by, at=at)
    return objection


@transaction.atomic
def explain(objection: Objection, *, text: str, proof: StoredFile | None, by: User, at: datetime) -> Objection:
    """The applying organisation answers once, while the investigation runs (U14)."""
    objection = Objection.objects.select_for_update(of=("self",)).get(pk=objection.pk)
    if objection.asked_at is None or not acts_for(by, objection.application):
        raise HandlingRefused("没有请本组织说明的事项。")
    if objection.answered_at is not None:
        raise HandlingRefused("说明已经提交，不能更改；需要补充的，请联系调查单位。")
    if objection.state not in WITH_INVESTIGATOR:
        raise HandlingRefused("调查已经结束，不再接收说明；有关情况可以书面向办公室反映。")
    if len(text.strip()) < 5:
        raise HandlingRefused("请写明对有关事项的说明。")
    objection.answer, objection.answer_file, objection.answered_at = text.strip(), proof, at
    objection.save()
    record_act(objection, "explain", by=by, at=at)
    return objection
