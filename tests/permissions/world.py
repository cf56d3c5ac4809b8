"""One made-up world for the whole matrix: every role, and one object of every kind an address can name."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction

from applications.checking import check_by_machine
from applications.consulting import send_letters
from applications.models import Application, LegConsent
from applications.pipeline import State
from applications.self_publicity import start
from applications.settling import record_credit_check
from award_portal.lib import clock
from award_portal.rehearsal.made_up import valid_identity
from awards.editions import keep_draft, next_edition_text
from awards.models import Award, RegisterImport, Round
from documents.issuing import issue_document
from objections import explaining, handling
from objections.models import ExpertInquiry, Outcome
from objections.situations import report_situation
from organizations.files import store_upload
from organizations.identity import register_person
from organizations.models import Claim, Membership, Organization, Unit, User
from publicity.closing import close_due
from publicity.opening import open_publicity
from reviews.criteria import begin_version, submit_version
from reviews.deciding import carry_decision
from reviews.hearing import hand_in_material
from reviews.integrity import QUESTIONS, file_feedback
from reviews.models import Approval, BodyDecision, Expert, ExpertImport, FeedbackReport, Recusal
from reviews.recusal import ask_recusal, recuse_oneself
from reviews.reopening import ask_reopening
from reviews.reporting import issue_report
from reviews.sessions import schedule_session
from reviews.visiting import close_visit, item_titles, note_finding, sign_meeting
from reviews.visits import confirm_plan, plan_visit, send_plan
from supervision.advising import file_advice
from supervision.case_inquiry import ask_party
from supervision.cases import accept_case, report_award
from supervision.clawing_back import demand_clawback
from supervision.discipline import report_person
from supervision.models import BonusInspection, Erasure, Recovery, ReportAttachment, RoundArchive, YearlyReport
from supervision.plan_sharing import plan_activity
from supervision.reissuing import ask_reissue
from supervision.sharing import file_sharing
from supervision.spending import begin_use, file_use
from supervision.spot_checking import draw_spot_check
from tests.applications.desk_builders import Desks, build_desks, freeze
from tests.changed_schemes import bonus_paid, changed, public_comment, township_consents
from tests.factories import (
    fill_application,
    made_up_upload,
    make_claim,
    make_draft,
    make_organization,
    make_round,
    make_unit,
    make_user,
)
from tests.objections.builders import Case, make_case
from tests.publicity.builders import make_lists
from tests.reviews.meeting_builders import Deliberation, build_deliberation
from tests.reviews.panel_builders import Review, build_review, score
from tests.reviews.visit_builders import made_up_picture
from tests.supervision.money_builders import establish, pay, spend

ROLES = (
    "anonymous", "visitor", "applicant", "other_applicant", "recommender", "other_recommender", "department",
    "other_department", "office", "other_office", "expert", "recused_expert", "leader", "government", "supervisor",
    "administrator", "consenter",
)  # fmt: skip


@dataclass
class World:
    """`users` by role (the anonymous one is None); `args` of each address by the name the table gives its object."""

    users: dict[str, User | None] = field(default_factory=dict)
    args: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    submitted: Application | None = None
    under_review: Application | None = None

    def join(self, role: str, *units: Unit) -> None:
        for unit in units:
            if not Membership.objects.current().filter(user=self.users[role], unit=unit).exists():
                Membership.objects.create(user=self.users[role], unit=unit, started_at=clock.now())

    def claim(self, *organizations: Organization) -> None:
        for one in organizations:
            make_claim(one, user=self.users["applicant"])


def build_world(stood: clock.Frozen) -> World:
    """Everybody and everything, on the day a list of names before the government has come out of its publicity."""
    world = World()
    approved = build_deliberation(applications=4, members=3)
    world.users = {
        "anonymous": None, "visitor": make_user(), "applicant": make_user(), "other_applicant": make_user(),
        "office": approved.officer, "leader": approved.members[0], "government": approved.clerk,
        "other_office": make_user(other_office()), "supervisor": make_user(make_unit("supervisor")),
        "administrator": make_user(),
    }  # fmt: skip
    User.objects.filter(pk=world.users["administrator"].pk).update(is_staff=True, is_superuser=True)
    world.users["administrator"] = User.objects.get(pk=world.users["administrator"].pk)
    make_claim(make_organization(), user=world.users["other_applicant"])
    add_names_before_the_government(world, approved, stood)
    # the builders count their applications each from one
    Application.objects.filter(number="URUMQI-2026-0001").update(number="URUMQI-2026-9001")
    desks = build_desks()
    desks.count = 50
    world.users |= {
        "recommender": desks.examiner, "other_recommender": desks.stranger, "department": desks.tax_clerk,
        "other_department": desks.safety_clerk,
    }  # fmt: skip
    world.join("office", desks.office)
    add_desks(world, desks)
    add_own_applications(world)
    add_other_orders(world)
    add_review(world)
    add_visit(world)
    add_meeting(world, approved)
    add_objection(world)
    add_honour(world)
    add_money(world)
    add_rounds(world, approved)
    add_people(world)
    return world


def other_office() -> Unit:
    """The office of another award."""
    return Unit.objects.create(
        scheme_key="bayannur", kind="office", name="样例别处办公室（虚构）", phone="0", address="无"
    )


def add_names_before_the_government(world: World, approved: Deliberation, stood: clock.Frozen) -> None:
    meeting = approved.meeting()
    approved.elect(meeting, "main", 3, 3, 3, 0)
    approved.elect(meeting, "nominee", 0)
    minutes = carry_decision(meeting, by=approved.officer, at=clock.now())
    names = list(Application.objects.filter(round=approved.round, state=State.AWARD_PUBLICITY))
    notice = open_publicity(
        approved.round, kind="award_publicity", applications=names, issuer=approved.office, by=approved.officer,
        at=clock.now(),
    )  # fmt: skip
    stood.travel_to(notice.close_due_at + timedelta(minutes=1))
    close_due(clock.now())
    approval = Approval.objects.create(
        round=approved.round, meeting_number="第1次会议（样例）", document_number="样政发〔2026〕1号",
        decided_on=clock.today(), recorded_at=clock.now(), recorded_by=approved.clerk,
    )  # fmt: skip
    world.args |= {
        "round_papers": (approved.round.public_id, "review_report"),
        "approval_round": (approved.round.public_id,), "approval": (approval.public_id,),
        "minutes": (minutes.public_id,),
    }  # fmt: skip


def add_desks(world: World, desks: Desks) -> None:
    own, at_office = desks.application(), desks.application(State.QUALIFICATION)
    world.claim(own.organization, at_office.organization)
    world.submitted = own
    check = record_credit_check(
        own, stage=State.RECOMMENDATION_REVIEW, site="信用中国", looked_at=clock.now(), is_clear=True, result="未见",
        screenshot=store_upload(made_up_upload("截图"), purpose="credit", by=desks.examiner, at=clock.now()),
        by=desks.examiner, at=clock.now(),
    )  # fmt: skip
    finding = check_by_machine(own, stage=State.RECOMMENDATION_REVIEW, by=desks.examiner, at=clock.now())[0]
    letter = send_letters(
        desks.round, stage=State.RECOMMENDATION_REVIEW, sender=desks.recommender, departments=[desks.tax],
        applications=[own], by=desks.examiner, at=clock.now(),
    )[0]  # fmt: skip
    file_id = own.dossiers.get().content["attachments"][0]["file"]
    world.args |= {
        "letter_round": (desks.round.public_id, State.RECOMMENDATION_REVIEW.value),
        "submitted": (own.public_id,), "at_office": (at_office.public_id,), "letter": (letter.public_id,),
        "letter_name": (letter.public_id, own.public_id), "credit": (own.public_id, check.public_id),
        "finding": (own.public_id, finding.check_name), "dossier_part": (own.public_id, "overview"),
        "dossier_file": (own.public_id, file_id), "paper": (letter.document.public_id,),
    }  # fmt: skip


def add_own_applications(world: World) -> None:
    applicant = world.users["applicant"]
    round = make_round()
    organization = make_organization()
    make_claim(organization, user=applicant)
    draft = make_draft(round, organization=organization, by=applicant)
    fill_application(draft)
    attachment = draft.attachments.first()
    published = make_organization()
    make_claim(published, user=applicant)
    running = make_draft(make_round(), organization=published, by=applicant)
    fill_application(running)
    start(running, place="公告栏（虚构）", by=applicant, at=clock.now())
    world.args |= {
        "draft": (draft.public_id,), "section": (draft.public_id, "overview"),
        "attachment_key": (draft.public_id, attachment.key), "attachment": (draft.public_id, attachment.public_id),
        "running": (running.public_id,), "open_round": (round.public_id,),
    }  # fmt: skip


def add_other_orders(world: World) -> None:
    """A round of another regulation: a consent is asked of a township, and a list asks the public for comments."""
    lists = make_lists(changed(township_consents, public_comment))
    lists.count = 800
    world.join("office", lists.office)
    world.join("recommender", lists.recommender)
    township = make_unit("consenter", recommender_key="township", district="天山区")
    world.users["consenter"] = make_user(township)
    application = lists.name("recommendation_review")
    freeze(application)
    consent = LegConsent.objects.create(
        application=application, leg="township_consent", unit=township, dossier_version=1, asked_at=clock.now(),
        asked_by=lists.clerk,
    )  # fmt: skip
    notice = lists.publish(lists.name("public_comment"), kind="public_comment", at=clock.now())
    world.args |= {
        "consent": (consent.public_id,), "leg": (application.public_id, consent.leg),
        "asking_notice": (notice.public_id,), "asking_round": (lists.round.public_id,),
    }  # fmt: skip


def add_review(world: World) -> None:
    review = build_review(applications=2, experts=9)
    review.officer = world.users["office"]
    world.join("office", review.round.office)
    world.join("recommender", review.recommender)
    one, two = review.applications
    world.under_review = one
    world.claim(one.organization, two.organization)
    panel = review.panel()
    review.assigned(panel)
    recused = next(row for row in review.readers(one) if row.expert_id != panel.chair_id)
    recuse_oneself(recused, ground="kinship", reason="亲属（虚构）", by=recused.expert.user, at=clock.now())
    reading = next(row for row in review.readers(one) if row.expert_id != panel.chair_id)
    world.users |= {"expert": reading.expert.user, "recused_expert": recused.expert.user}
    session = schedule_session(
        panel, applications=[one], starts_at=clock.now() + timedelta(days=3), place="样例会议室（虚构）",
        by=review.officer, at=clock.now(),
    )  # fmt: skip
    material = hand_in_material(
        session.slots.get(), upload=made_up_upload("陈述"), by=world.users["applicant"], at=clock.now()
    )
    asked = ask_recusal(
        one, named="样例专家（虚构）", ground="kinship", reason="亲属（虚构）",
        proof=store_upload(made_up_upload("证明"), purpose="proof", by=world.users["applicant"], at=clock.now()),
        by=world.users["applicant"], at=clock.now(),
    )  # fmt: skip
    add_feedback(world, review, released=one, draft=two)
    listed = ExpertImport.objects.create(
        scheme_key=review.round.scheme.key, file_name="名册.xlsx", sha256="0" * 64, read_at=clock.now(),
        read_by=review.officer, faults=[[2, "用户名", "未填写"]],
    )  # fmt: skip
    other = next(row for row in review.readers(one) if row.pk != reading.pk)
    score(other)
    reopening = ask_reopening(other, reason="漏评一项（虚构）", by=other.expert.user, at=clock.now())
    world.args |= {
        "expert_import": (listed.public_id,),
        "assignment": (reading.public_id,), "pool_expert": (reading.expert.public_id,), "panel": (panel.public_id,),
        "new_panel": (review.round.public_id, "document_review"), "recusal": (asked.public_id,),
        "reopening": (reopening.public_id,),
        "draw": (panel.public_id, panel.draws.first().public_id),
        "panel_member": (panel.public_id, panel.chair.public_id),
        "review_round": (review.round.public_id,), "session": (session.public_id,), "material": (material.public_id,),
        "panel_name": (panel.public_id, one.public_id), "reviewed": (one.public_id,),
        "invitation": (panel.members.get(expert=reading.expert).invitation.public_id,),
    }  # fmt: skip


def add_visit(world: World) -> None:
    """A visit that is over, with a photograph and a form to the supervising unit; one member stepped back in time."""
    review = build_review(applications=1, experts=3, stage=State.ONSITE_REVIEW)
    review.officer = world.users["office"]
    world.join("office", review.round.office)
    one, at = review.applications[0], clock.now()
    world.claim(one.organization)
    known = [Expert.objects.get(user=world.users[role]) for role in ("expert", "recused_expert")]
    panel = review.panel(experts=[*review.experts, *known], chair=review.experts[0])
    visit = plan_visit(
        panel, one, starts_on=at.date(), ends_on=at.date(), address="样例路（虚构）", contact_name="样例联系人（虚构）",
        contact_phone="0000-1234567", team=[review.experts[0], *known], by=review.officer, at=at,
    )  # fmt: skip
    Recusal.objects.create(
        application=one, expert=known[1], source=Recusal.Source.SELF, ground="kinship", reason="亲属（虚构）",
        asked_at=at, asked_by=known[1].user, state=Recusal.State.GRANTED, decided_at=at, decided_by=known[1].user,
    )  # fmt: skip
    send_plan(visit, by=review.officer, at=at)
    confirm_plan(visit, by=world.users["applicant"], at=at)
    leader = visit.leader.user
    for meeting in ("opening", "closing"):
        sign_meeting(visit, meeting=meeting, expert=visit.leader, by=leader, at=at)
        sign_meeting(visit, meeting=meeting, name="样例负责人（虚构）", post="总经理", by=leader, at=at)
    finding = note_finding(
        visit, item=item_titles(visit)[0], verdict="meets", text="情况属实（虚构）。", by=leader, at=at,
        photos=[made_up_picture()],
    )  # fmt: skip
    close_visit(visit, text="已通报（虚构）。", by=leader, at=at)
    answers = dict.fromkeys(QUESTIONS, False)
    feedback = file_feedback(one, stage=panel.stage, answers=answers, text="", by=world.users["applicant"], at=at)
    world.args |= {
        "visit": (visit.public_id,), "visit_panel": (panel.public_id,), "visited": (one.public_id,),
        "visit_finding": (finding.public_id,), "photo": (finding.photos.get().public_id,),
        "feedback": (feedback.public_id,), "feedback_form": (one.public_id, panel.stage),
    }  # fmt: skip


def add_feedback(world: World, review: Review, *, released: Application, draft: Application) -> None:
    """One applicant's feedback is out, another's is being written."""
    at, by = clock.now(), review.officer
    with transaction.atomic():
        paper = issue_document(
            "review_feedback", title="评审反馈报告（样例）", template="review_feedback.html", content={"parts": []},
            scheme_key=review.round.scheme.key, by=by, at=at,
        )  # fmt: skip
    out = {"confirmed_at": at, "released_at": at, "document": paper}
    FeedbackReport.objects.create(application=released, drafted_at=at, saved_at=at, saved_by=by, **out)
    written = FeedbackReport.objects.create(application=draft, drafted_at=at, saved_at=at, saved_by=by)
    world.args["written_feedback"] = (written.public_id,)


def add_meeting(world: World, before: Deliberation) -> None:
    """A meeting that sits: its ballot on the first tier is open."""
    review = build_review(applications=2, experts=0, stage=State.DELIBERATION)
    review.officer = world.users["office"]
    sitting = Deliberation(**vars(review), leading_body=before.leading_body, members=before.members, clerk=before.clerk)
    issue_report(review.round, narrative="本届评审情况（虚构）。", by=review.officer, at=clock.now())
    meeting = sitting.meeting()
    ballot, _ = sitting.open(meeting)
    world.args |= {
        "deliberation_round": (review.round.public_id,), "ballot": (ballot.public_id,),
        "meeting": (meeting.public_id,), "meeting_tier": (meeting.public_id, "nominee"),
        "meeting_register": (meeting.public_id, "attendance"),
        "no_freed_place": (review.round.public_id, review.applications[0].public_id),
    }  # fmt: skip
    decided = BodyDecision.objects.create(
        round=review.round, application=review.applications[0], kind="cancel", form="meeting", name="样例会议",
        held_on=clock.today(), electorate=1, present=1, votes_for=1, is_carried=True, ground="样例", cite="样例",
        proof=sitting.upload("会议记录"), recorded_at=clock.now(), recorded_by=review.officer,
    )  # fmt: skip
    world.args["body_decision"] = (decided.public_id,)
    add_paper_ballot(world, before)


def add_paper_ballot(world: World, before: Deliberation) -> None:
    """A meeting that votes on paper, one member of it by a deputy; the member counts, the supervisor watches."""
    review = build_review(applications=2, experts=0, stage=State.DELIBERATION)
    review.officer = world.users["office"]
    sitting = Deliberation(**vars(review), leading_body=before.leading_body, members=before.members, clerk=before.clerk)
    issue_report(review.round, narrative="本届评审情况（虚构）。", by=review.officer, at=clock.now())
    mandate = sitting.mandate(sitting.convene(), before.members.index(world.users["leader"]))
    meeting = sitting.attend(mandate.member.meeting)
    paper = sitting.open_paper(meeting, teller=world.users["supervisor"], counter=world.users["leader"])
    sitting.scan(paper)
    world.args |= {"mandate": (mandate.public_id,), "paper_ballot": (paper.ballot.public_id,)}


def add_objection(world: World) -> None:
    case: Case = make_case()
    world.join("office", case.office)
    world.join("recommender", case.recommender)
    world.claim(case.application.organization)
    objection, secret = case.object_with_receipt()
    objection = handling.forward(objection, by=world.users["office"], at=clock.now())
    question = explaining.ask_applicant(
        objection, question="请说明情况（虚构）。", by=case.clerk, at=clock.now(),
        files=[store_upload(made_up_upload("附件"), purpose="question", by=case.clerk, at=clock.now())],
    )  # fmt: skip
    inquiry = ExpertInquiry.objects.create(
        objection=objection, expert=Expert.objects.get(user=world.users["expert"]), task="查明（虚构）。",
        ordered_at=clock.now(), ordered_by=world.users["office"], due_at=clock.now(),
    )  # fmt: skip
    outcome = Outcome.objects.create(
        objection=objection, kind=Outcome.Kind.CANCELLATION, cite="样例", opened_at=clock.now()
    )
    file_id = objection.files.first().public_id
    letter = objection.letters.filter(audience="objector").first()
    named = Application.objects.filter(pk=case.application.pk)
    named.update(state="withdrawn")
    tip, tip_secret = report_situation(
        named.get(), text="样例情况（虚构）。", contact={"phone": "0991-5550000"},
        files=[made_up_upload("证明")], at=clock.now(),
    )  # fmt: skip
    named.update(state="acceptance_publicity")
    world.args |= {
        "notice": (case.notice.public_id,), "receipt": (secret,), "case": (objection.public_id,),
        "receipt_letter": (secret, letter.public_id), "situation": (tip.public_id,),
        "situation_receipt": (tip_secret,), "situation_file": (tip.public_id, tip.files.get().public_id),
        "case_file": (objection.public_id, file_id), "case_step": (objection.public_id, "report"),
        "question": (question.public_id,), "question_file": (question.files.get().public_id,),
        "evidence": (objection.evidence_items.first().public_id,), "inquiry": (inquiry.public_id,),
        "outcome": (outcome.public_id,),
        "list": (case.round.public_id, "acceptance_publicity", case.office.public_id),
    }  # fmt: skip


def add_honour(world: World) -> None:
    round, organization = make_round(), make_organization()
    world.claim(organization)
    world.join("recommender", make_unit("recommender", district="天山区"))
    world.join("other_recommender", make_unit("recommender", district="米东区"))
    award = Award.objects.create(
        scheme=round.scheme, round=round, organization=organization, name=organization.name, code=organization.code,
        tier="main", tier_name="质量奖", year=2026, awarded_on=clock.today(), certificate_number="样质0001",
        district="天山区",
    )  # fmt: skip
    record = file_sharing(
        award, duty="promote", held_on=clock.today(), title="开放日（虚构）", content="介绍。", audience=80,
        proof=store_upload(made_up_upload("照片"), purpose="sharing", by=world.users["applicant"], at=clock.now()),
        by=world.users["applicant"], at=clock.now(),
    )  # fmt: skip
    add_year_of(award, world)
    add_plan(award, world)
    archive = RoundArchive.objects.create(
        round=round, is_final=False, retention={}, ordered_at=clock.now(), ordered_by=world.users["office"],
        made_at=clock.now(), sha256="0" * 64,
    )  # fmt: skip
    archive.file.save("archive.zip", ContentFile(b"PK"))
    erasure = Erasure.objects.create(
        scheme_key=round.scheme.key, office=round.office, sha256="0" * 64, proposed_at=clock.now(),
        proposed_by=world.users["office"],
    )  # fmt: skip
    world.args |= {
        "erasure": (erasure.public_id,), "retention_term": (round.office.public_id, "objector"),
        "award": (award.public_id,), "record": (record.public_id,), "certificate": ("样质0001",),
        "archive": (archive.public_id,),
    }  # fmt: skip
    add_case(world, award)


def add_case(world: World, award: Award) -> None:
    """Somebody reported the winner; the office asked it a question."""
    office, at = world.users["office"], clock.now()
    proof = store_upload(made_up_upload("照片"), purpose="case", by=None, at=at)
    case, secret = report_award(
        award, kind="misuse", text="包装上使用标志。（虚构）", happened_on=None, contact={"phone": "13800001234"},
        file=proof, at=at,
    )  # fmt: skip
    accept_case(case, kind="misuse", by=office, at=at)
    ask_party(case, text="请说明使用情况。", by=office, at=at)
    recovery = Recovery.objects.create(case=case, item="certificate", label="证书", demanded_at=at)
    world.args |= {
        "case_receipt": (secret,), "new_case": ("award", award.public_id), "watched_case": (case.public_id,),
        "watched_case_step": (case.public_id, "dismiss"), "own_case_step": (case.public_id, "answer"),
        "case_evidence": (case.public_id, case.evidence.get().public_id), "recovery": (recovery.public_id,),
    }  # fmt: skip
    add_oversight(world, award)


def add_oversight(world: World, award: Award) -> None:
    """Somebody of the office is reported, an application is drawn for a spot check, the office is advised."""
    supervisor, at, scheme = world.users["supervisor"], clock.now(), award.scheme
    person = make_user(award.round.office)
    reported = report_person(
        scheme, person=person, role="office", source="report", text="收受礼品。（虚构）",
        file=store_upload(made_up_upload("材料"), purpose="discipline", by=supervisor, at=at), by=supervisor, at=at,
    )  # fmt: skip
    judged = world.submitted.round
    check = draw_spot_check(judged, count=1, purpose="资格审查", by=supervisor, at=at)
    advice = file_advice(scheme, round=None, facts="两人未签承诺书。（虚构）", advice="补签。", by=supervisor, at=at)
    world.args |= {
        "discipline": (reported.public_id,), "discipline_step": (reported.public_id, "inquire"),
        "watched_round": (judged.public_id, "steps"), "log_export": (judged.public_id, "excel"),
        "spot_check": (check.public_id,), "advice": (advice.public_id,),
    }  # fmt: skip


def add_year_of(award: Award, world: World) -> None:
    """A year's report still to be written, with a file beside it."""
    now = clock.now()
    report = YearlyReport.objects.create(
        award=award, duty="promote", year=2026, is_filed_duty=True, opens_at=now, remind_at=now, due_at=now,
    )  # fmt: skip
    file = store_upload(made_up_upload("附件"), purpose="yearly_report", by=world.users["applicant"], at=now)
    attached = ReportAttachment.objects.create(report=report, label="附件", file=file, attached_at=now)
    world.args |= {
        "yearly": (report.public_id,), "yearly_file": (report.public_id, attached.public_id),
    }  # fmt: skip


def add_plan(award: Award, world: World) -> None:
    """An activity the unit near by asks the winner to."""
    unit = Unit.objects.of_user(world.users["recommender"]).get(district="天山区", kind="recommender")
    plan = plan_activity(
        unit=unit, title="交流活动（虚构）", held_on=clock.today() + timedelta(days=30), place="样例", about="",
        awards=[award], by=world.users["recommender"], at=clock.now(),
    )  # fmt: skip
    world.args |= {"plan": (plan.public_id,)}


def add_money(world: World) -> None:
    """An award that is paid: its facts, payment, inspection, use and a demand."""
    office, applicant, now = world.users["office"], world.users["applicant"], clock.now()
    round, organization = make_round(edition_text=changed(bonus_paid)), make_organization()
    world.claim(organization)
    award = Award.objects.create(
        scheme=round.scheme, round=round, organization=organization, name=organization.name, code=organization.code,
        tier="main", tier_name="质量奖", year=2026, awarded_on=clock.today(), certificate_number="样质0002",
    )  # fmt: skip
    establish(award, "fully_funded", by=office, holds=False)
    payment = pay(award, by=office, paid_on=clock.today())
    use = begin_use(award, kind="report", by=applicant, at=now)
    line = spend(use, by=applicant, spent_on=clock.today())
    file_use(use, summary="", by=applicant, at=now)
    inspection = BonusInspection.objects.create(
        award=award, inspected_on=clock.today(), inspectors="样例", finding="样例", is_proper=False,
        recorded_by=office, recorded_at=now,
    )  # fmt: skip
    demand = demand_clawback(award, ground="样例", by=office, at=now)
    assert demand is not None
    reissue = ask_reissue(award, kind="lost", ground="样例", new_name="", proof=payment.receipt, by=applicant, at=now)
    world.args |= {
        "reissue": (reissue.public_id,),
        "paid_award": (award.public_id,), "payment": (payment.public_id,), "bonus_use": (use.public_id,),
        "use_line": (use.public_id, line.public_id), "inspection": (inspection.public_id,),
        "clawback": (demand.public_id,), "receipt_file": (award.public_id, payment.receipt.public_id),
    }  # fmt: skip


def add_rounds(world: World, approved: Deliberation) -> None:
    unannounced = make_round()
    Round.objects.filter(pk=unannounced.pk).update(published_at=None)
    text = next_edition_text(unannounced.edition, name="2027")
    draft = keep_draft(text, by=world.users["office"], at=clock.now())
    register = RegisterImport.objects.create(
        scheme=unannounced.scheme, file_name="名录.xlsx", sha256="0" * 64, read_at=clock.now(),
        read_by=world.users["office"],
    )  # fmt: skip
    drawn_up = begin_version(unannounced, "quality_2025", by=world.users["office"], at=clock.now())
    submit_version(drawn_up, by=world.users["office"], at=clock.now())
    world.args |= {
        "criteria_round": (unannounced.public_id,), "criteria_version": (drawn_up.public_id,),
        "unannounced": (unannounced.public_id,), "edition": (unannounced.scheme.key, unannounced.edition.edition),
        "round": (approved.round.public_id,), "year": (2026,), "city": ("urumqi",), "edition_draft": (draft.public_id,),
        "register": (register.public_id,), "scheme": (unannounced.scheme.key,),
    }  # fmt: skip


def add_people(world: World) -> None:
    pending = make_claim(make_organization(), user=world.users["applicant"], state="pending")
    claim = Claim.objects.get(user=pending, state="pending")
    person = register_person(valid_identity(1), name="样例个人", at=clock.now())
    card = Claim.objects.get(user=make_claim(person, state="pending"), organization=person)
    newcomer = make_user()
    message = world.users["applicant"].inbox.create(subject="样例消息", body="虚构", sent_at=clock.now())
    place = world.users["recommender"].memberships.first()
    world.args |= {
        "none": (), "claim": (claim.public_id,), "card": (card.public_id,), "message": (message.public_id,),
        "unit": (place.unit.public_id,), "place": (place.unit.public_id, world.users["recommender"].public_id),
        "person": (newcomer.public_id,), "password": (newcomer.public_id, "no-such-token"),
    }  # fmt: skip
