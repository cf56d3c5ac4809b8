"""Which personal data the portal holds, what for, and when the matter it served is over (PIPL 19, 47).

Each holding is one sealed column, or the sealed files of one purpose. `due` are the rows whose round was closed before
a day and that nothing speaks for keeping any longer; what stands in them is known by `sealed`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from applications.models import Answer, Application, Dossier
from award_portal.lib.sealed import ERASED
from awards.models import Award, Ban
from awards.workdays import date_zh
from objections.models import Objection
from objections.models.files import ObjectionFile
from objections.models.situations import SituationReport
from objections.pipeline import ENDED
from organizations.models import Claim, Organization, StoredFile
from reviews.models import Tie
from reviews.models.visits import IntegrityFeedback, Visit

from .models import BonusPayment, Case


@dataclass(frozen=True)
class Holding:
    """A kind of personal data; `due(scheme_key, before)` are the rows to be erased, `subject` names the matter."""

    key: str
    label: str
    purpose: str
    years: int
    reason: str
    field: str  # the sealed column, or "" for files
    due: Callable[[str, datetime], QuerySet[Any]]
    subject: Callable[[Any], str]
    since: str = "届次结束"  # what the years count from


def _closed(scheme_key: str, before: datetime, path: str) -> Q:
    """Rows of rounds of the scheme that were closed before the instant."""
    return Q(**{f"{path}scheme__key": scheme_key, f"{path}closed_at__lt": before})


def _sealed(rows: QuerySet[Any], field: str) -> QuerySet[Any]:
    return rows.exclude(**{f"{field}__in": ("", ERASED)}).order_by("pk")


def _standing_award(application: str) -> Exists:
    """A winner is reached as long as its honour stands."""
    return Exists(
        Award.objects.filter(
            scheme=OuterRef(f"{application}round__scheme"), organization=OuterRef(f"{application}organization"),
            state=Award.State.GRANTED,
        )
    )  # fmt: skip


def _contacts(model: type[Model]) -> Callable[[str, datetime], QuerySet[Any]]:
    def due(scheme_key: str, before: datetime) -> QuerySet[Any]:
        rows = model._default_manager.filter(
            _closed(scheme_key, before, "application__round__"), ~_standing_award("application__")
        )
        return _sealed(rows.select_related("application"), "personal_sealed")

    return due


def _objectors(scheme_key: str, before: datetime) -> QuerySet[Objection]:
    rows = Objection.objects.filter(_closed(scheme_key, before, "application__round__"), state__in=ENDED)
    return _sealed(rows, "identity")


def _people(scheme_key: str, before: datetime) -> QuerySet[Organization]:
    """People none of whose rounds is open or recent anywhere, with no honour standing and no ban to be enforced."""
    own = Application.objects.filter(organization=OuterRef("pk"))
    recent = own.filter(Q(round__closed_at=None) | Q(round__closed_at__gte=before))
    rows = Organization.objects.filter(
        Exists(own.filter(round__scheme__key=scheme_key)), ~Exists(recent),
        ~Exists(Award.objects.filter(organization=OuterRef("pk"), state=Award.State.GRANTED)),
        ~Exists(Ban.objects.filter(code=OuterRef("code"), ends_on__gte=before)), subject="individual",
    )  # fmt: skip
    return _sealed(rows, "identity_sealed")


def _files_of(owners: Callable[[str, datetime], Q]) -> Callable[[str, datetime], QuerySet[StoredFile]]:
    def due(scheme_key: str, before: datetime) -> QuerySet[StoredFile]:
        return StoredFile.objects.filter(owners(scheme_key, before), erased_at=None).order_by("pk")

    return due


def _identity_papers(scheme_key: str, before: datetime) -> Q:
    ended = Objection.objects.filter(_closed(scheme_key, before, "application__round__"), state__in=ENDED)
    papers = ObjectionFile.objects.filter(objection__in=ended, tells_identity=True)
    return Q(pk__in=papers.values("file"))


def _cards(scheme_key: str, before: datetime) -> Q:
    gone = Q(identity_sealed=ERASED) | Q(pk__in=_people(scheme_key, before).order_by().values("pk"))
    people = Organization.objects.filter(gone, subject="individual")
    return Q(pk__in=Claim.objects.filter(organization__in=people, scheme_key=scheme_key).values("letter"))


HOLDINGS = (
    Holding(
        "objector", "异议人信息", "核实异议、书面答复异议人", 5, "行政诉讼的最长起诉期限为五年", "identity",
        _objectors, lambda one: f"异议 {one.number}",
    ),
    Holding(
        "objector_papers", "异议人身份证明和签名材料", "核实异议人身份", 5, "与异议人信息相同", "",
        _files_of(_identity_papers), lambda one: f"文件 {one.public_id}",
    ),
    Holding(
        "situation", "情况反映人的联系方式", "核实所反映的情况", 5, "与异议人信息相同", "contact",
        lambda key, before: _sealed(
            SituationReport.objects.filter(_closed(key, before, "application__round__")), "contact"
        ),
        lambda one: f"情况反映 {one.number}",
    ),
    Holding(
        "reporter", "获奖后问题反映人的联系方式", "核实所反映的问题、告知处理结果", 5, "与异议人信息相同",
        "contact_sealed",
        lambda key, before: _sealed(Case.objects.filter(scheme__key=key, closed_at__lt=before), "contact_sealed"),
        lambda one: f"案件 {one.number}", "办结",
    ),
    Holding(
        "account", "奖金收款账号", "拨付和核对奖金", 5, "拨付凭证由财政部门按会计档案保管", "account_sealed",
        lambda key, before: _sealed(
            BonusPayment.objects.filter(award__scheme__key=key, recorded_at__lt=before).select_related("award"),
            "account_sealed",
        ),
        lambda one: f"奖金拨付 {one.award.listed_name} {date_zh(one.paid_on)}", "登记拨付",
    ),
    Holding(
        "contacts", "未获奖申报的联系人信息（填报内容）", "联系申报办理", 3, "届次结束后用于答复查询和申诉",
        "personal_sealed", _contacts(Answer), lambda one: f"申报 {one.application.number or one.application.public_id}",
    ),
    Holding(
        "dossier_contacts", "未获奖申报的联系人信息（冻结材料）", "联系申报办理", 3, "与填报内容相同",
        "personal_sealed", _contacts(Dossier), lambda one: f"申报 {one.application.number} 第{one.version}版材料",
    ),
    Holding(
        "identity", "个人申报者身份证号", "确认申报者身份、执行不予受理期限", 5, "没有有效奖励和不予受理期限时清除",
        "identity_sealed", _people, lambda one: f"申报者 {one.public_id}",
    ),
    Holding(
        "identity_cards", "个人申报者身份证件影像", "核验申报者身份", 5, "与身份证号一并清除", "",
        _files_of(_cards), lambda one: f"文件 {one.public_id}",
    ),
    Holding(
        "visit_contact", "现场评审联系电话", "安排现场评审", 1, "现场评审结束即不再需要，保留一年备查",
        "contact_sealed", lambda key, before: _sealed(
            Visit.objects.filter(_closed(key, before, "application__round__")).select_related("application"),
            "contact_sealed",
        ),
        lambda one: f"现场评审 申报{one.application.number or one.public_id}",
    ),
    Holding(
        "integrity", "廉洁反馈内容", "纪检监察机构核查", 5, "与违纪问题线索的核查期限衔接", "answers_sealed",
        lambda key, before: _sealed(
            IntegrityFeedback.objects.filter(_closed(key, before, "application__round__"))
            .select_related("application"), "answers_sealed",
        ),
        lambda one: f"廉洁反馈 申报{one.application.number or one.public_id}",
    ),
    Holding(
        "kin", "回避申报中的亲属姓名", "核实回避情形", 5, "利害关系回溯期满后不再需要", "kin_sealed",
        lambda key, before: _sealed(Tie.objects.filter(scheme_key=key, declared_at__lt=before), "kin_sealed"),
        lambda one: f"利害关系 {one.public_id}", "申报",
    ),
)  # fmt: skip
BY_KEY = {one.key: one for one in HOLDINGS}
