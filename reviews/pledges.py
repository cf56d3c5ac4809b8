"""The integrity and secrecy pledge: before it is signed nothing of a dossier or a sheet opens (U22, U23).

`require_pledge` and `require_ready` are the doors; a grant to read stays shut by `opens_once_pledged`; pages foresee
both with `pledge_of`. The text is put together from the rulebook, kept as it was signed, and issued as a paper.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from django.db import transaction
from django.db.models import BooleanField, Case, Exists, OuterRef, Q, When

from applications.desk_rules import DeskRefused
from applications.models import Application
from applications.reading import grant_guard
from award_portal.lib import clock
from awards.models import Round
from awards.parameters import rulebook_for
from awards.rulebook import Rulebook
from documents.access import document_reader
from documents.models import IssuedDocument
from organizations import evidence
from organizations.models import User

from .models import Assignment, Expert, Invitation, PanelMember, Pledge
from .review_papers import issue_review_paper

KIND = "integrity_pledge"


def pledge_title(book: Rulebook) -> str:
    """The paper's name in the regulation's words, where it has one."""
    return book.instrument(KIND) if book.has_instrument(KIND) else "廉洁保密承诺书"


def pledge_of(expert: Expert, round: Round) -> Pledge | None:
    return Pledge.objects.filter(expert=expert, round=round).first()


def require_pledge(expert: Expert, round: Round) -> None:
    """The expert is in use and has signed this round's pledge, or DeskRefused with what to do (U22)."""
    book = rulebook_for(round)
    if not expert.is_in_use:
        raise DeskRefused.because("您已被暂停使用或者取消评审资格，不能办理评审事项。", book.discipline_ground)
    if not Pledge.objects.filter(expert=expert, round=round).exists():
        raise DeskRefused.because(
            f"请先在“我的评审”签署{pledge_title(book)}，签署后方可查阅材料和评分。", book.discipline_ground
        )


def require_ready(assignment: Assignment) -> None:
    """The same, and the invitation to the assignment's panel is accepted."""
    require_pledge(assignment.expert, assignment.panel.round)
    member = PanelMember.objects.filter(panel=assignment.panel, expert=assignment.expert)
    if Invitation.objects.filter(member__in=member).exclude(state=Invitation.State.ACCEPTED).exists():
        raise DeskRefused.because("请先在“我的评审”答复评审邀请，接受后方可查阅材料和评分。")


@grant_guard
def opens_once_pledged(application: Application, user: User) -> bool:
    """A reader of the panel opens the dossier only in use, with the invitation accepted and the pledge signed."""
    signed = Pledge.objects.filter(expert=OuterRef("expert"), round=OuterRef("panel__round"))
    unanswered = Invitation.objects.exclude(state=Invitation.State.ACCEPTED).filter(
        member__panel=OuterRef("panel"), member__expert=OuterRef("expert")
    )
    in_use = Q(expert__state=Expert.State.ACTIVE) | Q(expert__barred_until__lte=clock.today())
    reading = Assignment.objects.active().filter(application=application, expert__user=user)
    ready = reading.annotate(
        is_ready=Case(
            When(Exists(signed) & ~Exists(unanswered) & in_use, then=True), default=False, output_field=BooleanField()
        )
    )
    states = list(ready.values_list("is_ready", flat=True))
    return not states or any(states)


def pledge_clauses(round: Round) -> list[tuple[str, str]]:
    """What is pledged, clause by clause, each with the article it rests on."""
    book = rulebook_for(round)
    noun, office = book.noun, round.office.name
    ties = "；".join(one.text for one in book.recusal.grounds)
    rule = book.supervision.discipline
    watch = f"或者{book.bodies.supervisor.name}" if book.bodies.supervisor else ""
    return [
        (
            "遵守评审规则和评审纪律，按照评审标准独立、客观、公正评审，对本人的评分和意见负责，不受任何单位和个人的干预。",
            book.discipline_ground,
        ),
        (f"与{noun}有下列情形之一的，主动申报并申请回避，不隐瞒：{ties}。", book.recusal_ground),
        (
            f"对评审中知悉的{book.secret_label}以及未公开的评审材料、评分、评审意见、专家名单严格保密；不复制、不摄录、"
            "不留存、不外传；不在本系统以外的设备和网络上处理评审材料；评审结束后保密义务继续有效。",
            book.secret_ground,
        ),
        (
            f"不私下接触{noun}及其关系人，不收受礼品、礼金、有价证券和支付凭证，不接受宴请、旅游、娱乐安排，"
            f"不向{noun}收取费用、推销产品和服务或者提出其他要求，不借评审谋取利益。",
            book.discipline_ground,
        ),
        ("不将账号和密码交他人使用，不由他人代为评审；不在非涉密系统内处理国家秘密。", book.discipline_ground),
        (f"遇有说情、打招呼以及其他影响公正评审的情形，及时向{office}{watch}报告。", book.discipline_ground),
        (
            f"自愿接受监督。违反以上承诺的，接受取消评审专家资格等处理；涉嫌违法违纪的，移送有权机关处理。"
            f"{f'（{rule.text}。）' if rule and rule.text else ''}",
            book.discipline_ground,
        ),
    ]


def pledge_text(round: Round) -> str:
    """The whole text of the round's pledge, as it is shown, signed and kept."""
    book = rulebook_for(round)
    numbers = "一二三四五六七八九十"
    lines = [f"本人受{round.office.name}邀请，参加{round.title}评审工作，郑重承诺："]
    assumed: list[str] = []
    for number, (clause, ground) in zip(numbers, pledge_clauses(round), strict=False):
        if is_article := ground.startswith("《"):
            clause += f"依据：{ground}。"
        lines.append(f"{number}、{clause}")
        assumed += [] if is_article else [ground]
    if assumed:
        # said once: what the office set where the regulation is silent
        lines.append(f"未注明条款的各项，依据：{'；'.join(dict.fromkeys(assumed))}。")
    lines.append(f"本人已阅读并理解以上全部内容，自愿签署本{pledge_title(book)}。")
    return "\n".join(lines)


def text_digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@transaction.atomic
def sign_pledge(expert: Expert, round: Round, *, name: str, digest: str, by: User, at: datetime) -> Pledge:
    """Signed online by the expert, once a round: the name typed is their own, the text is the one they were shown.

    `digest` is that of the shown text; where the office has changed a value since, it is to be read again.
    """
    book = rulebook_for(round)
    ground = book.discipline_ground
    locked = Expert.objects.select_for_update(of=("self",)).get(pk=expert.pk)
    if locked.user_id != by.pk:
        raise DeskRefused.because("承诺书由专家本人签署。", ground)
    if not locked.is_in_use:
        raise DeskRefused.because("您已被暂停使用或者取消评审资格，不能签署。", ground)
    seats = PanelMember.objects.filter(panel__round=round, expert=locked, left_at=None)
    if not seats.exists():
        raise DeskRefused.because("您不是本届评审组成员，不需要签署。", ground)
    if Pledge.objects.filter(expert=locked, round=round).exists():
        raise DeskRefused.because("本届承诺书已经签署，无需重复签署。", ground)
    text = pledge_text(round)
    if digest != text_digest(text):
        raise DeskRefused.because("承诺书内容已更新，请重新阅读后签署。", ground)
    if "".join(name.split()) != "".join(str(by).split()):
        raise DeskRefused.because(f"签署姓名应为本人姓名“{by}”。", ground)
    pledge = Pledge(
        expert=locked, round=round, text=text, sha256=text_digest(text), signed_name=name.strip(), signed_at=at
    )
    pledge.document = _issue(pledge, book, by=by, at=at)
    pledge.save()
    evidence.record(
        "pledge.sign", chain=round.chain, by=by, subject=f"expert:{locked.public_id}", at=at,
        data={"text_sha256": pledge.sha256, "document": pledge.document.number},
    )  # fmt: skip
    return pledge


def _issue(pledge: Pledge, book: Rulebook, *, by: User, at: datetime) -> IssuedDocument:
    content = {
        "lines": pledge.text.splitlines(),
        "signed_name": pledge.signed_name,
        "signed_at": f"{at.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M}",
        "employer": pledge.expert.employer,
        "text_sha256": pledge.sha256,
    }
    title = f"{book.award_name}评审专家{pledge_title(book)}"
    subject = f"expert:{pledge.expert.public_id}"
    return issue_review_paper(KIND, pledge.round, content, title=title, subject=subject, by=by, at=at)


@document_reader
def signed_by_the_reader(user: User, document: IssuedDocument) -> bool:
    """An expert reads the pledges they signed."""
    return document.kind == KIND and Pledge.objects.filter(document=document, expert__user=user).exists()
