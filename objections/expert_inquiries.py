"""Experts asked to look into an objection: ordered by the office, free of interest in both sides (O3, U14).

Whether an expert is tied to the objector a machine finds out from the sealed particulars; it answers yes or no, and
neither the office's list nor a refusal says which side the tie is to.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction

from applications.rules import works_in
from award_portal.lib import clock
from awards.names import plain_name
from organizations.messages import people_of, send_message
from organizations.models import StoredFile, User
from reviews.conflicts import conflicts_between, is_free_of
from reviews.models import Expert

from .casework import HandlingRefused, record_act, take
from .evidence_register import enter_opinion
from .identity import handled_together, particulars, quotes_objector
from .models import ExpertInquiry, Objection

SHOWN = 30


def free_experts(objection: Objection) -> list[Expert]:
    """The experts of the scheme's pool who may be asked: in use, and tied to neither side."""
    pool = Expert.objects.of_scheme(objection.application.round.scheme.key).active().select_related("user")
    experts = list(pool.order_by("field", "pk"))
    tied = {expert for expert, _ in conflicts_between(experts, [objection.application])}
    asked = set(objection.expert_inquiries.filter(left_at=None).values_list("expert_id", flat=True))
    free = [one for one in experts if one.pk not in tied | asked]
    return [one for one in free if _is_free_of_objector(one, objection)][:SHOWN]


@transaction.atomic
def order_inquiry(
    objection: Objection, *, expert: Expert, task: str, due_on: date, by: User, at: datetime
) -> ExpertInquiry:
    """The office asks an expert, free of interest in objector and objected-to alike (U14)."""
    objection = take(objection, "report", "decide", by=by, office=True)
    book = objection.application.rulebook
    ground = book.ground(book.objections.experts_allowed)
    if not book.objections.experts_allowed.value:
        raise HandlingRefused(f"本办法未规定由专家调查（{ground}）。")
    if objection.handler_id:
        raise HandlingRefused(f"专家调查由{book.role('office')}组织（{ground}）。")
    if len(task.strip()) < 5:
        raise HandlingRefused("请写明请专家查明的事项。")
    if quotes_objector(objection, task):
        raise HandlingRefused("请专家查明的事项中含有可能识别异议人的信息，请修改。")
    due = clock.day_start(due_on + timedelta(days=1))
    if due <= at:
        raise HandlingRefused("期限不能早于今天。")
    if objection.expert_inquiries.filter(expert=expert, left_at=None).exists():
        raise HandlingRefused("该专家已经选派。")
    require_free(expert, objection)
    inquiry = ExpertInquiry.objects.create(
        objection=objection, expert=expert, task=task.strip()[:1000], ordered_at=at, ordered_by=by, due_at=due
    )
    send_message(
        [expert.user], subject="请您就有关事项提出专家意见", body=f"请先签署承诺，并在{due_on:%Y年%-m月%-d日}前提出。",
        url=inquiry.get_absolute_url(), at=at,
    )  # fmt: skip
    record_act(objection, "expert_order", by=by, at=at, inquiry=str(inquiry.public_id))
    return inquiry


def require_free(expert: Expert, objection: Objection) -> None:
    """In use and tied to neither side, whenever that came to light; the refusal tells no side (U14)."""
    application = objection.application
    book = application.rulebook
    if expert.scheme_key != application.round.scheme.key or not expert.is_in_use:
        raise HandlingRefused("该专家不在本奖项的专家库或者已停止使用。")
    if conflicts_between([expert], [application]) or not _is_free_of_objector(expert, objection):
        ground = book.ground(book.objections.experts_allowed)
        raise HandlingRefused(f"该专家与本件异议的有关方存在利害关系，不能参加调查（{ground}）。")


def pledge_words(inquiry: ExpertInquiry) -> str:
    """What the expert signs before anything of the case opens."""
    application = inquiry.objection.application
    book = application.rulebook
    return (
        f"本人受{inquiry.objection.handled_by.name}委托，就{application.round.title}一件异议的有关事项提出专家意见。"
        f"本人与该{application.noun}以及异议有关方不存在利害关系（{book.ground(book.objections.experts_allowed)}）；"
        f"遇有应当回避的情形，立即说明并退出（{book.recusal_ground}）；对知悉的情况和材料保密，不打听、不猜测、不传播"
        "异议人的信息；独立、客观提出意见，对意见负责。"
    )


@transaction.atomic
def pledge_inquiry(inquiry: ExpertInquiry, *, signed_name: str, by: User, at: datetime) -> ExpertInquiry:
    """The expert signs in its own name; the words signed are kept."""
    inquiry = _own(inquiry, by)
    if inquiry.pledged_at is not None:
        raise HandlingRefused("承诺已经签署。")
    if "".join(signed_name.split()) != "".join(str(by).split()):
        raise HandlingRefused("签署的姓名与本人姓名不一致。")
    require_free(inquiry.expert, inquiry.objection)
    inquiry.pledge_text, inquiry.signed_name, inquiry.pledged_at = pledge_words(inquiry), signed_name.strip(), at
    inquiry.save(update_fields=["pledge_text", "signed_name", "pledged_at"])
    record_act(inquiry.objection, "expert_pledge", by=by, at=at, inquiry=str(inquiry.public_id))
    return inquiry


@transaction.atomic
def give_opinion(
    inquiry: ExpertInquiry, *, text: str, file: StoredFile | None, by: User, at: datetime
) -> ExpertInquiry:
    """The expert's written opinion, once; it enters the register and stands in the report (U14)."""
    inquiry = _own(inquiry, by)
    if inquiry.pledged_at is None:
        raise HandlingRefused("请先签署承诺。")
    if inquiry.opinion_at is not None:
        raise HandlingRefused("意见已经提出，不能更改。")
    if len(text.strip()) < 10:
        raise HandlingRefused("请写明查明的情况、依据和意见。")
    require_free(inquiry.expert, inquiry.objection)
    inquiry.opinion, inquiry.opinion_file, inquiry.opinion_at = text.strip()[:3000], file, at
    inquiry.save(update_fields=["opinion", "opinion_file", "opinion_at"])
    objection = inquiry.objection
    if file is not None:
        enter_opinion(inquiry, file, at=at)
    told = people_of(objection.handled_by) + (people_of(objection.investigator) if objection.investigator else [])
    send_message(told, subject=f"已收到专家意见：{objection.number}", url=objection.get_absolute_url(), at=at)
    record_act(objection, "expert_opinion", by=by, at=at, inquiry=str(inquiry.public_id))
    return inquiry


@transaction.atomic
def leave_inquiry(inquiry: ExpertInquiry, *, because: str, by: User, at: datetime) -> ExpertInquiry:
    """The expert steps aside, or the office takes the expert off; what was opened is shut at once (U23)."""
    locked = ExpertInquiry.objects.select_for_update(of=("self",)).get(pk=inquiry.pk)
    if locked.expert.user_id != by.pk and not works_in(by, locked.objection.handled_by):
        raise HandlingRefused("该事项不由您办理。")
    if locked.left_at is not None or locked.opinion_at is not None:
        raise HandlingRefused("该专家已经退出或者已提出意见。")
    if len(because.strip()) < 2:
        raise HandlingRefused("请写明退出的理由。")
    locked.left_at, locked.left_because = at, because.strip()[:300]
    locked.save(update_fields=["left_at", "left_because"])
    objection = locked.objection
    send_message(
        people_of(objection.handled_by), subject=f"专家退出调查：{objection.number}",
        body="如有需要，请另行选派。", url=objection.get_absolute_url(), at=at,
    )  # fmt: skip
    record_act(objection, "expert_leave", by=by, at=at, inquiry=str(locked.public_id))
    return locked


def _own(inquiry: ExpertInquiry, by: User) -> ExpertInquiry:
    locked = ExpertInquiry.objects.select_for_update(of=("self",)).get(pk=inquiry.pk)
    if locked.expert.user_id != by.pk or locked.left_at is not None:
        raise HandlingRefused("该事项不由您办理。")
    if locked.objection.decided_at is not None or locked.objection.state in ("withdrawn", "told"):
        raise HandlingRefused("该异议已经办结，不再需要提出意见。")
    return locked


def _is_free_of_objector(expert: Expert, objection: Objection) -> bool:
    """A machine's answer: the expert is no objector of the case, nor tied to a body of an objector's name (U14)."""
    known = [particulars(one) for one in handled_together(objection)]
    named = [(one["name"].strip(), one.get("code", "")) for one in known if one.get("name", "").strip()]
    own = (plain_name(str(expert.user)), plain_name(expert.employer))
    if any(plain_name(name) in own for name, _ in named):
        return False
    return not named or is_free_of(expert, named, book=objection.application.rulebook)
