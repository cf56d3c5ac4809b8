"""The first half of a round as its people play it: call, applications, recommendation, qualification."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from applications import checking, checklists, consents, consulting, qualifying, recommending, self_publicity, settling
from applications.models import Application, ConsultationReply, Finding, LegConsent
from applications.pipeline import State
from applications.submitting import resubmit, submit, withdraw
from award_portal.lib import clock
from awards.calendars import current_calendar
from awards.criteria import office_made, record_approval
from awards.models import Round
from awards.parameters import confirm_all, rulebook_for
from awards.rounds import confirm_draft, prepare_round, propose_dates, set_dates
from awards.rulebook import Rulebook
from organizations.files import store_upload
from organizations.models import Unit, User
from publicity.call import publish_call
from publicity.opening import open_publicity

from . import made_up
from .travelling import travel
from .world import World, attach_everything


class RehearsalBroken(Exception):
    """Something the regulation forbids was possible, or something it asks for was not."""


@dataclass
class Player:
    """One round being played: its world, its clock, and who filled in what."""

    world: World
    round: Round
    to: Callable[[datetime], object]
    seed: int = 1
    applicants: dict[int, User] = field(default_factory=dict)  # application pk → user

    @property
    def round_book(self) -> Rulebook:
        return rulebook_for(self.round)

    @property
    def seats(self) -> int:
        """Places over all tiers."""
        return sum(tier.quota.value or 0 for tier in self.round_book.tiers)

    def quality(self, application: Application) -> float:
        """How good an application is in truth, 0.55…0.95, by the seed."""
        return Random(f"{self.seed}:quality:{application.number}").uniform(0.55, 0.95)

    def liking(self, application: Application, user: User) -> float:
        """What a member of the leading body makes of it: its quality and his own mind."""
        own = Random(f"{self.seed}:{user.username}:{application.number}").uniform(-0.08, 0.08)
        return self.quality(application) + own

    def now(self) -> datetime:
        return clock.now()

    def wait_until(self, moment: datetime) -> None:
        """Live on to a moment, every due moment between included; earlier ones pass by."""
        if moment > clock.now():
            travel(moment, to=self.to)

    def wait_working_days(self, days: int, *, hour: int = 10) -> None:
        """The morning `days` working days on."""
        last = current_calendar().add_working_days(clock.today(), days)
        self.wait_until(clock.at(last, hour))

    def wait_out(self, kind: str) -> None:
        """The morning after a publicity of this kind that began yesterday or today is over; at once where none is."""
        if not self.round_book.has_stage(kind):
            return
        rule = self.round_book.publicity(kind)
        if rule.day_kind.value == "working":
            self.wait_working_days(rule.days.value + 1)
        else:
            self.wait_until(clock.at(clock.today() + timedelta(days=rule.days.value + 1), 10))

    def in_state(self, state: str) -> list[Application]:
        return list(Application.objects.with_names().filter(round=self.round, state=state).order_by("pk"))


def open_round(world: World, *, year: int, ordinal: int, title: str) -> Round:
    """The officer prepares a round, confirms every assumed value, sets the proposed dates and publishes the call."""
    now, officer = clock.now(), world.officer
    round = prepare_round(
        world.edition, office=world.office, year=year, ordinal=ordinal, title=title, by=officer, at=now
    )
    if world.edition.source_status != "official":
        confirm_draft(round, by=officer, at=now)
    confirm_all(round, by=officer, at=now)
    if office_made(round):
        body = world.book.bodies.leading_body.short
        record_approval(round, meeting=f"{body}第1次会议（虚构）", approved_on=now.date(), by=officer, at=now)
    dates = propose_dates(world.book, current_calendar(), announced_on=now.date())
    set_dates(
        round,
        opens_at=now,
        closes_at=clock.day_start(dates["closes_on"] + timedelta(days=1)),
        recommendation_due_on=dates["recommendation_due_on"],
        by=officer,
        at=now,
    )
    publish_call(round, by=officer, at=now)
    return Round.objects.select_related("scheme", "edition", "office").get(pk=round.pk)


def make_ready(player: Player, application: Application) -> None:
    """Attach everything and, where the scheme asks for it, start the publicity inside the organisation."""
    user = player.applicants[application.pk]
    attach_everything(application, user, at=clock.now())
    if player.round_book.has_stage(State.SELF_PUBLICITY):
        self_publicity.start(application, place="办公楼公告栏和内部网站（虚构）", by=user, at=clock.now())


def hand_in(player: Player, application: Application) -> None:
    """Prove the publicity inside, where there was one, and submit."""
    user = player.applicants[application.pk]
    if application.state == State.SELF_PUBLICITY:
        self_publicity.prove(
            application,
            proof=made_up.made_up_upload("公示照片"),
            had_objections=False,
            settlement="",
            by=user,
            at=clock.now(),
        )
    submit(Application.objects.get(pk=application.pk), by=user, at=clock.now())


def withdraw_application(player: Player, application: Application) -> None:
    withdraw(application, ground="经营计划调整（虚构）", by=player.applicants[application.pk], at=clock.now())


def send_back(player: Player, application: Application, *, stage: str, by: User) -> None:
    """Return one application for correction of its figures, or of its first narrative where it has none."""
    kinds = {one.kind: one.key for one in reversed(player.round_book.sections_for(application.organization.subject))}
    recommending.return_for_correction(
        application,
        stage=stage,
        parts=[kinds.get("indicators") or kinds["narrative"]],
        reason="所填情况与证明材料不一致，请核对（虚构）",
        by=by,
        at=clock.now(),
    )


def answer_correction(player: Player, application: Application) -> None:
    resubmit(Application.objects.get(pk=application.pk), by=player.applicants[application.pk], at=clock.now())


def consult(player: Player, applications: list[Application], *, stage: str, sender: Unit, by: User) -> None:
    """One letter a department about all the names, where the stage asks departments; all but the last answer."""
    if not applications or player.round_book.consultation(stage) is None:
        return
    letters = consulting.send_letters(
        player.round,
        stage=stage,
        sender=sender,
        departments=player.world.departments,
        applications=applications,
        by=by,
        at=clock.now(),
    )
    for letter in letters[:-1]:
        answers = {row.application_id: ("clear", "") for row in letter.replies.all()}
        consulting.reply(letter, answers, by=player.world.staff_of(letter.department), at=clock.now())


def note_silence(player: Player, applications: Iterable[Application], *, stage: str, by: User) -> None:
    """Where silence is not clearance, going on without a reply takes a signed note (section 7)."""
    rule = player.round_book.consultation(stage)
    if rule is None or rule.silence_is_clearance.value:
        return
    rows = ConsultationReply.objects.filter(
        application__in=list(applications),
        consultation__stage=stage,
        answer=ConsultationReply.Answer.NONE,
        noted_at=None,
    )
    for row in rows.order_by("pk"):
        consulting.note_missing_reply(row, note="已催办未复，经查询公开信息未见异常（虚构）", by=by, at=clock.now())


def examine(player: Player, application: Application, *, stage: str, by: User) -> bool:
    """Run and settle the machine checks, fill in and sign the checklist; False when a finding stands as a stop."""
    findings = checking.check_by_machine(application, stage=stage, by=by, at=clock.now())
    if any(one.result == Finding.Result.STOP for one in findings):
        return False
    for one in findings:
        if one.result == Finding.Result.DOUBT:
            settling.settle_finding(
                one, settled_as="clear", note="已向登记机关核实，未见异常（虚构）", by=by, at=clock.now()
            )
    items = {
        item.key: {"verdict": "meets", "note": "经核对符合"} for item in application.rulebook.stage(stage).checklist
    }
    names = {"examiner": "样例审核人", "reviewer": "样例复核人", "approver": "样例分管领导"}
    noun = application.rulebook.noun_for(application.organization.subject)
    opinion = f"经审核，{noun}符合申报条件，程序符合规定，材料完整、真实、准确、合法。"
    checklists.save_checklist(application, stage=stage, items=items, opinion=opinion, by=by, at=clock.now(), **names)
    checklists.sign_checklist(application, stage=stage, opinion=opinion, by=by, at=clock.now(), **names)
    return True


def recommend_round(player: Player) -> None:
    """Every recommender reviews what it has, gets the consents its scheme asks, passes it on and publishes its list."""
    review_recommendations(player)
    give_consents(player)
    for unit in player.world.recommending:
        user = player.world.staff_of(unit)
        for one in _reviewed_by(player, unit):
            recommending.clear_review(one, by=user, at=clock.now())
        publish_list(player, State.RECOMMENDATION_PUBLICITY, issuer=unit, by=user)


def review_recommendations(player: Player) -> None:
    """First review: departments asked, checklists signed, consents sought; whoever does not qualify is declined."""
    stage, book = State.RECOMMENDATION_REVIEW, player.round_book
    for unit in player.world.recommending:
        consult(player, _reviewed_by(player, unit), stage=stage, sender=unit, by=player.world.staff_of(unit))
    player.wait_working_days(6)
    for unit in player.world.recommending:
        user, mine = player.world.staff_of(unit), _reviewed_by(player, unit)
        note_silence(player, mine, stage=stage, by=user)
        for one in mine:
            if examine(player, one, stage=stage, by=user):
                for leg in book.legs:
                    consents.seek_consent(one, leg.key, by=user, at=clock.now())
            else:
                recommending.decline(one, ground="机器核查发现不符合申报条件（虚构）", by=user, at=clock.now())


def _reviewed_by(player: Player, unit: Unit) -> list[Application]:
    return [one for one in player.in_state(State.RECOMMENDATION_REVIEW) if one.recommender_id == unit.pk]


def give_consents(player: Player) -> None:
    """Each unit that was asked consents and seals; where it has no desk the recommender enters its paper (Z17.3)."""
    asked = LegConsent.objects.standing().waiting().filter(application__round=player.round).with_names()
    for one in asked.order_by("pk"):
        recommender = one.application.recommender
        assert recommender is not None
        by = player.world.staff_of(one.unit or recommender)
        paper = store_upload(made_up.made_up_upload("盖章页"), purpose="leg_consent", by=by, at=clock.now())
        if one.unit is not None:
            consents.decide_consent(one, verdict="consents", paper=paper, by=by, at=clock.now())
        else:
            consents.enter_consent(
                one, verdict="consents", consenter="样例街道办事处（虚构）", decided_on=clock.today(), paper=paper,
                by=by, at=clock.now(),
            )  # fmt: skip


def write_opinions(player: Player) -> None:
    """One opinion a recommender for all its candidates; it tells of the publicity where there was one."""
    published = player.round_book.has_stage(State.RECOMMENDATION_PUBLICITY)
    told = "已按规定期限向社会公示，公示期满无异议。" if published else "材料经初审，未收到反映。"
    for unit in player.world.recommending:
        mine = [one for one in player.in_state(State.RECOMMENDATION) if one.recommender_id == unit.pk]
        if mine:
            recommending.issue_opinion(
                mine,
                opinion=f"经审核，所列{player.round_book.noun}符合申报条件，同意推荐。",
                publicity_result=told,
                by=player.world.staff_of(unit),
                at=clock.now(),
            )


def qualify_round(player: Player) -> None:
    """The office consults, examines and accepts; whoever it cannot accept is told why."""
    stage, officer = State.QUALIFICATION, player.world.officer
    consult(player, player.in_state(stage), stage=stage, sender=player.world.office, by=officer)
    player.wait_working_days(6)
    waiting = player.in_state(stage)
    note_silence(player, waiting, stage=stage, by=officer)
    for one in waiting:
        if examine(player, one, stage=stage, by=officer):
            qualifying.accept(one, by=officer, at=clock.now())
        else:
            qualifying.reject(one, ground="不符合申报条件（虚构）", cite="", by=officer, at=clock.now())
    publish_list(player, State.ACCEPTANCE_PUBLICITY, issuer=player.world.office, by=officer)


def publish_list(player: Player, kind: str, *, issuer: Unit, by: User) -> None:
    """Publish whoever waits for this publicity at this unit's desk; nobody does where the scheme has none."""
    ready = player.in_state(kind)
    if kind == State.RECOMMENDATION_PUBLICITY:
        ready = [one for one in ready if one.recommender_id == issuer.pk]
    if ready:
        open_publicity(player.round, kind=kind, applications=ready, issuer=issuer, by=by, at=clock.now())
