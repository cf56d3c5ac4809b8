"""The leading body's meetings: called and prepared by the office, read by the people called to them."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from applications.forms.desks import add_refusals
from applications.models import Application, DossierGrant
from applications.moves import StepRefused
from applications.pipeline import State
from applications.rules import works_in
from award_portal.lib import clock
from awards.models import Round
from awards.parameters import rulebook_for
from documents.registers import register_response
from organizations.models import Unit, User
from organizations.once import once_only

from ..deciding import carry_decision
from ..decision_registers import meeting_register
from ..forms.meetings import AttendanceForm, ConveneForm, RecuseMemberForm
from ..forms.proceedings import VacancyForm
from ..meetings import convene_meeting, convening_refusals, electorate_of, mark_attendance, recuse_member
from ..member_conflicts import unrecused_in
from ..minutes import WORDS, lines_of, paper_of
from ..models import (
    Ballot,
    Deputy,
    Meeting,
    MeetingMember,
    MemberRecusal,
    PaperBallot,
    ReviewReport,
    Voter,
)
from ..paper_ballots import allows_paper
from ..proceedings import attendance_of, counted_ballots, list_rules, proposed_decision, steps_of, tier_rows
from ..report_words import PARTS
from ..tiers import BALLOT_MODES, mode_of, unfinished_tiers
from ..vacancies import vacancies_of
from .desk import office_round


def visible_meeting(request: HttpRequest, meeting_id: uuid.UUID) -> Meeting:
    """A meeting of the person's office, one they were called to, or one they supervise; else 404."""
    user: Any = request.user
    return get_object_or_404(Meeting.objects.visible_to(user).with_round(), public_id=meeting_id)


def office_meeting(request: HttpRequest, meeting_id: uuid.UUID) -> Meeting:
    """A meeting of the person's own office, or 404: whoever votes does not run the ballot."""
    meeting = visible_meeting(request, meeting_id)
    if not works_in(request.user, meeting.round.office):  # type: ignore[arg-type]
        raise Http404
    return meeting


def waiting_ballots(user: User) -> QuerySet[Ballot]:
    """The ballots this person can vote in at his desk, and has not yet."""
    seats = MeetingMember.objects.held_by(user)
    running = Ballot.objects.filter(state=Ballot.State.OPEN, is_on_paper=False)
    return running.filter(voters__in=Voter.objects.filter(member__in=seats, has_voted=False))


def recusal_ground(round: Round) -> str:
    """The article that makes a member with an interest step back."""
    return rulebook_for(round).recusal_ground


@login_required
@never_cache
@require_GET
def meetings(request: HttpRequest) -> HttpResponse:
    """The meetings the person prepares, was called to or supervises; the office calls new ones from here."""
    user: Any = request.user
    rounds = (
        Round.objects.visible_to(user)
        .published()
        .order_by("-pk")
        .annotate(
            has_report=Exists(ReviewReport.objects.issued().filter(round=OuterRef("pk"))),
            has_names=Exists(Application.objects.filter(round=OuterRef("pk"), state=State.DELIBERATION)),
            is_called=Exists(Meeting.objects.filter(round=OuterRef("pk")).exclude(state=Meeting.State.DECIDED)),
        )
    )
    found = list(Meeting.objects.visible_to(user).with_round().order_by("-held_on", "-pk"))
    units = Unit.objects.of_user(user)
    if not found and not units.filter(kind__in=("office", "leading_body", "supervisor")).exists():
        raise Http404
    if request.GET.get("format"):
        return register_response(meeting_register(found), request.GET["format"], at=clock.now())
    waiting = set(waiting_ballots(user).values_list("meeting", flat=True))
    context = {"rounds": list(rounds), "meetings": found, "waiting": waiting}
    return render(request, "reviews/meetings/meetings.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def convene(request: HttpRequest, round_id: uuid.UUID) -> HttpResponse:
    """Call a meeting: the page says beforehand why none can be called, and who will be."""
    round = office_round(request, round_id)
    user: Any = request.user
    initial = {"title": f"{round.title}{rulebook_for(round).label(State.DELIBERATION)}会议"}
    book = rulebook_for(round)
    by_ballot, called = book.decision.mode.value in BALLOT_MODES, electorate_of(round)
    form = ConveneForm(request.POST or None, initial=initial, by_ballot=by_ballot, called=called)
    if request.method == "POST" and form.is_valid():
        try:
            meeting = convene_meeting(round, **form.cleaned_data, by=user, at=clock.now())
            messages.success(request, "会议已建立，会议通知已发给应到成员。")
            return redirect("reviews:meeting", meeting.public_id)
        except StepRefused as refused:
            add_refusals(form, refused)
    context = {
        "round": round, "form": form, "blockers": convening_refusals(round, by=user), "called": called,
        "quorum": book.decision.quorum.value, "quorum_ground": book.ground(book.decision.quorum),
        "ground": book.ground(book.stage(State.DELIBERATION)), "body": book.bodies.leading_body.name,
        "submit_label": "召集会议", "word": WORDS[book.decision.mode.value],
    }  # fmt: skip
    return render(request, "reviews/meetings/convene.html", context)


@login_required
@never_cache
@require_GET
def meeting(request: HttpRequest, meeting_id: uuid.UUID) -> HttpResponse:
    """The office runs the meeting here; a member reads and votes; the supervising department reads the counts."""
    one = visible_meeting(request, meeting_id)
    user: Any = request.user
    book, tiers, sheet = rulebook_for(one.round), tier_rows(one), attendance_of(one)
    report = ReviewReport.objects.issued().filter(round=one.round).select_related("document").first()
    written = report.sections if report else {}
    context = {
        "meeting": one, "tiers": tiers, "attendance": sheet, "book": book,
        "steps": steps_of(one, tiers), "results": counted_ballots(one, tiers),
        "report": report, "report_parts": [(title, written[key]) for key, title in PARTS.items() if written.get(key)],
        "mode_ground": book.ground(book.decision.mode), "majority_ground": book.ground(book.decision.majority),
        "tie_ground": book.ground(book.decision.tie), "mode": mode_of(one), "lines": lines_of(one, book),
        "minutes_label": book.instrument(paper_of(book)), "places": list_rules(one), "word": WORDS[mode_of(one)],
        "stages": [book.label(state) for state in book.review_states],
    }  # fmt: skip
    own = one.members.held_by(user).with_people().first()
    context |= {"versions": list(one.versions.select_related("document")), "vacancies": list(one.vacancies.all())}
    context["agenda"] = list(one.agenda.all())
    if works_in(user, one.round.office):
        return render(request, "reviews/meetings/meeting.html", context | _for_office(one, own))
    return render(request, "reviews/meetings/attend.html", context | _for_member(one, own, user))


def _for_office(meeting: Meeting, own: MeetingMember | None) -> dict[str, Any]:
    recusals = MemberRecusal.objects.filter(member__meeting=meeting).select_related("application__organization")
    return {
        "recusals": list(recusals.order_by("pk")), "unfinished": unfinished_tiers(meeting), "own": own,
        "mandates_waiting": Deputy.objects.filter(member__meeting=meeting, state=Deputy.State.SUBMITTED).count(),
        "on_paper": allows_paper(rulebook_for(meeting.round)),
        "tied": unrecused_in(meeting) if meeting.state != Meeting.State.DECIDED else [],
    }  # fmt: skip


def _for_member(meeting: Meeting, own: MeetingMember | None, user: User) -> dict[str, Any]:
    """A member's own recusals and papers still to cast; what of the dossiers was granted to this person.

    Who presides sees beside it how many have come and how many papers are in; who counts, the way to his sheet.
    """
    running = meeting.ballots.filter(state=Ballot.State.OPEN)
    shown: dict[str, Any] = {
        "own": own,
        "stood_for": meeting.members.filter(user=user, mandate__isnull=False).with_people().first(),
        "counting": PaperBallot.objects.counted_by(user).filter(ballot__in=running).select_related("ballot").first(),
        "presides": meeting.chair_id == user.pk,
        "may_mandate": meeting.members.filter(user=user).exists() and meeting.state != Meeting.State.DECIDED,
    }
    if own is None:
        return shown
    grants = DossierGrant.objects.in_force(clock.now()).filter(user=user, application__round=meeting.round_id)
    sealed = running.filter(is_on_paper=False)
    return shown | {
        "may_sign_in": not own.signed_in_at and meeting.held_on == clock.today() and not running.exists()
        and meeting.state != Meeting.State.DECIDED,
        "recusal_ground": recusal_ground(meeting.round),
        "own_recusals": list(own.recusals.select_related("application__organization").order_by("pk")),
        "readable": {str(key) for key in grants.values_list("application__public_id", flat=True)},
        "to_cast": sealed.filter(voters__member=own, voters__has_voted=False).first(),
        "voted": sealed.filter(voters__member=own, voters__has_voted=True).first(),
        "paper_now": running.filter(voters__member=own, is_on_paper=True).first(),
    }  # fmt: skip


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def attendance(request: HttpRequest, meeting_id: uuid.UUID) -> HttpResponse:
    """The attendance sheet: a tick for each member in the room."""
    one = office_meeting(request, meeting_id)
    user: Any = request.user
    sheet = attendance_of(one)
    initial = {"present": [str(member.user.public_id) for member in sheet.members if member.is_present]}
    form = AttendanceForm(request.POST or None, members=sheet.members, initial=initial)
    if request.method == "POST":
        form = AttendanceForm(request.POST, members=sheet.members)
        if form.is_valid():
            try:
                mark_attendance(one, present=form.keys, reasons=form.reasons, by=user, at=clock.now())
                messages.success(request, f"到会情况已登记：应到{sheet.called}人，实到{len(form.keys)}人。")
                return redirect("reviews:meeting", meeting_id)
            except StepRefused as refused:
                add_refusals(form, refused)
    return render(
        request,
        "reviews/meetings/attendance.html",
        {"meeting": one, "form": form, "attendance": sheet, "word": WORDS[mode_of(one)]},
    )


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def member_recusal(request: HttpRequest, meeting_id: uuid.UUID) -> HttpResponse:
    """A member takes no part in one name, on a ground of the rulebook (U23)."""
    one = office_meeting(request, meeting_id)
    user: Any = request.user
    book = rulebook_for(one.round)
    names = Application.objects.with_names().filter(round=one.round, state=State.DELIBERATION).order_by("number", "pk")
    members = one.members.select_related("user", "meeting__round__office").order_by("pk")
    form = RecuseMemberForm(request.POST or None, members=members, names=names, book=book)
    if request.method == "POST" and form.is_valid():
        running = one.ballots.filter(state=Ballot.State.OPEN).exists()
        try:
            recuse_member(**form.chosen, by=user, at=clock.now())
            messages.success(request, "回避已登记。")
            if running and not one.ballots.filter(state=Ballot.State.OPEN).exists():
                messages.warning(request, "正在进行的表决包括该名单，已作废，请重新开始投票。")
            return redirect("reviews:meeting", meeting_id)
        except StepRefused as refused:
            add_refusals(form, refused)
    context = {
        "meeting": one, "form": form, "ground": recusal_ground(one.round), "submit_label": "登记回避",
        "noun": book.noun, "is_running": one.ballots.filter(state=Ballot.State.OPEN).exists(),
    }  # fmt: skip
    return render(request, "reviews/meetings/member_recusal.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def decision(request: HttpRequest, meeting_id: uuid.UUID) -> HttpResponse:
    """Carry the decision: the page lists who goes on the list and who does not before it is carried."""
    one = office_meeting(request, meeting_id)
    user: Any = request.user
    refusals, book = unfinished_tiers(one), rulebook_for(one.round)
    # a decision that is carried has its vacancies on record already
    decided = one.state == Meeting.State.DECIDED
    form = VacancyForm(
        request.POST if request.method == "POST" else None, vacant=[] if decided or refusals else vacancies_of(one)
    )
    if request.method == "POST" and form.is_valid():
        try:
            carry_decision(one, vacancy_reasons=form.reasons, by=user, at=clock.now())
            paper = book.instrument(paper_of(book))
            messages.success(request, f"决定已形成，{paper}已签发，结果已转入下一环节。")
            return redirect("reviews:meeting", meeting_id)
        except StepRefused as refused:
            refusals = refused.blockers
    listed, passed_over = proposed_decision(one)
    context = {
        "meeting": one, "blockers": refusals, "listed": listed, "passed_over": passed_over, "form": form,
        "ground": book.ground(book.stage(State.DELIBERATION)),
        "next_label": book.label(book.next_stage(State.DELIBERATION)),
        "passed_label": book.label(State.NOT_SELECTED), "minutes": book.instrument(paper_of(book)),
        "submit_label": "形成决定", "noun": book.noun, "word": WORDS[book.decision.mode.value],
    }  # fmt: skip
    return render(request, "reviews/meetings/decision.html", context)
