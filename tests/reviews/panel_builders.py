"""Small builders for the tests of the review: a round with applications at a stage, experts, a panel, full sheets."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from applications.models import Application, Dossier
from applications.pipeline import State
from award_portal.lib import clock
from award_portal.rehearsal.review_moves import conclude_opinion, hold_consensus
from awards.models import Round
from organizations.models import Unit, User
from reviews.models import (
    Assignment,
    Expert,
    ExpertEmployment,
    Invitation,
    Panel,
    Pledge,
    Session,
    SessionSlot,
    Visit,
)
from reviews.panel_places import panel_of
from reviews.panels import form_panel
from reviews.readers import assign_readers
from reviews.scoring import rubric_of, save_sheet, submit_sheet
from tests.factories import make_claim, make_organization, make_round, make_unit, make_user

WITNESS = "监督员甲（虚构）"


@dataclass
class Review:
    round: Round
    office: Unit
    officer: User
    recommender: Unit
    stage: str = State.DOCUMENT_REVIEW
    applications: list[Application] = field(default_factory=list)
    experts: list[Expert] = field(default_factory=list)

    def application(self, state: str = "", **given) -> Application:
        organization = make_organization(**given)
        applicant = make_claim(organization)
        at = clock.now()
        application = Application.objects.create(
            number=f"URUMQI-2026-{organization.pk:04d}", round=self.round, organization=organization,
            applicant_kind="legal_person", category="general", industry="制造业", district="天山区",
            recommender=self.recommender, created_by=applicant, created_at=at, submitted_at=at,
            state=state or self.stage,
        )  # fmt: skip
        content = {
            "sections": {
                "overview": {
                    "data": {"model": "核心工艺参数", "results": "提升"}, "is_secret": True, "secret_reason": "工艺",
                },
                "profile": {
                    "data": {"name": organization.name, "employees": 120}, "is_secret": False, "secret_reason": "",
                },
            },
            "attachments": [],
            "self_publicity": {},
        }  # fmt: skip
        Dossier.objects.create(
            application=application, version=1, content=content, sha256=f"{application.pk:064d}", frozen_at=at
        )
        self.applications.append(application)
        return application

    def expert(self, **given) -> Expert:
        values = {"field": "质量管理", "employer": "样例研究院（虚构）", "title": "研究员"} | given
        expert = Expert.objects.create(
            scheme_key=self.round.scheme.key, user=values.pop("user", None) or make_user(), added_at=clock.now(),
            added_by=self.officer, **values,
        )  # fmt: skip
        ExpertEmployment.objects.create(
            expert=expert, employer=expert.employer, employer_code=expert.employer_code, position=expert.title
        )
        self.experts.append(expert)
        return expert

    def panel(self, **given) -> Panel:
        """Formed, its members' invitations accepted and the round's pledge signed."""
        values = {"seed": "示例种子", "witness": WITNESS} | given
        panel = form_panel(self.round, stage=self.stage, by=self.officer, at=clock.now(), **values)
        accept_and_sign(panel)
        return panel

    def assigned(self, panel: Panel | None = None) -> list[Assignment]:
        return assign_readers(panel or self.panel(), by=self.officer, at=clock.now(), seed="分配种子")

    def readers(self, application: Application) -> list[Assignment]:
        return list(Assignment.objects.of_stage(application, self.stage).with_names().order_by("pk"))

    def hold(self, application: Application) -> None:
        """The stage's session is minuted, or its visit closed and acknowledged: rows as the day leaves them."""
        if application.rulebook.review(self.stage).session_minutes.value is None:
            return
        panel, at = panel_of(application, self.stage), clock.now()
        if self.stage == State.ONSITE_REVIEW:
            if not Visit.objects.filter(panel=panel, application=application).exists():
                Visit.objects.create(
                    panel=panel, application=application, leader=panel.chair, starts_on=at.date(), ends_on=at.date(),
                    address="厂区（虚构）", contact_name="联系人（虚构）", planned_at=at, planned_by=self.officer,
                    sent_at=at, confirmed_at=at, record="已通报核实情况。", closed_at=at, closed_by=panel.chair.user,
                    acknowledged_at=at, acknowledged_by=application.created_by,
                )  # fmt: skip
        elif not SessionSlot.objects.filter(session__panel=panel, application=application).exists():
            held = Session.objects.create(
                panel=panel, starts_at=at, ends_at=at, place="一号会议室", leader=panel.chair, minutes="程序符合规定。",
                minuted_at=at, scheduled_by=self.officer, scheduled_at=at,
            )  # fmt: skip
            SessionSlot.objects.create(session=held, application=application)

    def conclude(self, application: Application, *, share: str = "0.8", consensus: str = "经合议，维持各自评分。"):
        self.hold(application)
        for one in self.readers(application):
            if one.sheet.submitted_at is None:
                score(one, share)
        panel = panel_of(application, self.stage)
        hold_consensus(application, panel, by=self.officer, conclusion=consensus)
        return conclude_opinion(application, panel, by=self.officer, text="评审组认为该组织质量管理成效显著。")


def build_review(
    applications: int = 1, experts: int = 6, stage: str = State.DOCUMENT_REVIEW, edition_text: str = ""
) -> Review:
    office = make_unit("office")
    round = make_round(edition_text=edition_text)
    review = Review(round, round.office, make_user(office), make_unit("recommender"), stage=stage)
    for _ in range(applications):
        review.application()
    for _ in range(experts):
        review.expert()
    return review


def full_items(assignment: Assignment, share: str = "0.8", **other: str) -> dict[str, dict[str, str]]:
    """Every item at a share of its points, `other` by item key, all with words."""
    items = {}
    for one in rubric_of(assignment.application, assignment.panel.stage).items:
        points = Decimal(other.get(one.key, share)) * one.points
        halves = (points * 2).to_integral_value() / 2
        items[one.key] = {"score": str(halves), "strengths": f"{one.title}做法系统", "improvements": "补充对比数据"}
    for veto in rubric_of(assignment.application, assignment.panel.stage).vetoes:
        items[veto.key] = {"veto": "no"}
    return items


def accept_and_sign(panel: Panel) -> None:
    """Every member has accepted and signed, as rows: the acts themselves are in test_pledges."""
    at = clock.now()
    waiting = Invitation.objects.filter(member__panel=panel, state=Invitation.State.SENT)
    waiting.update(state=Invitation.State.ACCEPTED, answered_at=at)
    unsigned = Expert.objects.filter(memberships__panel=panel).exclude(pledges__round=panel.round)
    Pledge.objects.bulk_create(
        Pledge(expert=one, round=panel.round, text="样例", sha256="0" * 64, signed_name=str(one), signed_at=at)
        for one in unsigned.select_related("user")
    )


def score(assignment: Assignment, share: str = "0.8", **other: str) -> None:
    """The expert fills the sheet whole and submits it."""
    by = assignment.expert.user
    accept_and_sign(assignment.panel)  # whoever was drawn later has to as well
    save_sheet(assignment, items=full_items(assignment, share, **other), comments="总体良好", by=by, at=clock.now())
    submit_sheet(assignment, by=by, at=clock.now())
