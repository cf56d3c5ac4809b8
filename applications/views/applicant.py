"""The applicant's pages around the form: rounds to apply in, following an application, publicity, handing in."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from award_portal.lib import clock
from awards.faces import show_as
from awards.models import Round
from awards.parameters import rulebook_for
from awards.rulebook import Rulebook
from awards.workdays import CalendarMissing
from organizations.files import UploadRefused, serve_file
from organizations.models import Claim, Organization
from organizations.once import once_only

from .. import filling, self_publicity, submitting
from ..applicant_links import links_for
from ..desk_papers import last_day_of
from ..filling import FillingRefused
from ..form_answers import problems_of
from ..form_spec import STATE_SECRETS, citation
from ..forms.applicant import ApplyForm, ProofForm, StartPublicityForm, WithdrawForm
from ..gates import Blocker
from ..holding import held_in_neutral_words
from ..machine_checks import Result, barred_among, check_draft, cutoff_of, qualifying_among
from ..models import Application
from ..moves import StepRefused, blockers
from ..pipeline import State
from ..progress import closing_time, documents_for, next_thing, steps_for, tasks_for, timeline_for, working_days_left
from ..rules import works_in


def own_application(request: HttpRequest, public_id: uuid.UUID) -> Application:
    """The person's own application, or 404; its pages wear its award's name."""
    found = Application.objects.of_applicant(request.user).with_names()  # type: ignore[arg-type]
    application = get_object_or_404(found, public_id=public_id)
    show_as(request, application.round.scheme)
    return application


@login_required
@never_cache
@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    """The person's applications, organisations and letters, and the rounds that are open."""
    user: Any = request.user
    own = Application.objects.of_applicant(user).with_names().order_by("-created_at", "-pk")
    rounds = Round.objects.open_for_applications(clock.now()).select_related("scheme", "edition", "office")
    offers = [offer(one) for one in rounds.order_by("closes_at", "pk")]
    claims = Claim.objects.filter(user=user).select_related("organization").order_by("-requested_at", "-pk")
    return render(request, "applications/applicant/mine.html", {"own": own, "offers": offers, "claims": claims})


def brief(found: list[Blocker], application: Application) -> list[Any]:
    """Blockers for a page: what the form lacks in one line, the rest each with its article in short."""
    lacking = {one.text for one in problems_of(application)}
    rest = [Blocker(one.text, one.short_citation) for one in found if one.text not in lacking]
    if len(rest) == len(found):
        return rest
    count = len(found) - len(rest)
    return [Blocker(f"申报表还有{count}处没有完成，请到“提交前检查”逐项查看。"), *rest]


def offer(round: Round) -> dict[str, Any]:
    """A round as an applicant reads it: until when, and how many working days that leaves."""
    last_on = last_day_of(round.closes_at) if round.closes_at else None
    left = working_days_left(last_on, at=clock.now())
    until = closing_time(round)
    return {"round": round, "book": rulebook_for(round), "last_on": last_on, "days_left": left, "until": until}


def asked_of(book: Rulebook, subject: str) -> dict[str, Any]:
    """What the call asks of organisations, or of people: conditions and materials, each beside its article (Y8, Y9)."""
    return {
        "noun": book.noun_for(subject),
        "conditions": [(one, citation(book, one)) for one in book.conditions_for(subject)],
        "materials": [(one, citation(book, one)) for one in book.materials_for(subject)],
    }


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def start(request: HttpRequest, round_id: uuid.UUID) -> HttpResponse:
    """What a round asks of its applicants, each condition beside its article; and the beginning of a draft."""
    user: Any = request.user
    rounds = Round.objects.published().select_related("scheme", "edition", "office")
    round = get_object_or_404(rounds, public_id=round_id)
    show_as(request, round.scheme)
    book = rulebook_for(round)
    claimed = Organization.objects.claimed_by(user).filter(subject__in=book.subjects)
    organizations = list(claimed.distinct().order_by("name", "pk"))
    form = ApplyForm(request.POST or None, organizations=organizations)
    if request.method == "POST" and form.is_valid():
        chosen = next(one for one in organizations if str(one.public_id) == form.cleaned_data["organization"])
        try:
            application = filling.start_application(round, organization=chosen, by=user, at=clock.now())
            return redirect("applications:overview", public_id=application.public_id)
        except FillingRefused as refused:
            for one in refused.blockers:
                form.add_error(None, str(one))
    own = Application.objects.of_applicant(user).filter(round=round).exclude(state=State.WITHDRAWN)
    begun = list(own.select_related("organization", "round"))
    barred = barred_among(organizations, round, at=clock.now())
    everybody_barred = [one for _, found in barred for one in found] if len(barred) == len(organizations) else []
    context = {
        **offer(round),
        "form": form,
        "organizations": organizations,
        "begun": begun,
        "may_begin": len({one.organization_id for one in begun}) < len(organizations) or form.is_bound,
        "asked": [asked_of(book, subject) for subject in book.subjects],
        "kinds": [(one, citation(book, one)) for one in book.applicants],
        "qualifying": qualifying_among(organizations, round, at=clock.now()),
        "cutoff": cutoff_of(round, clock.now()),
        "barred": barred,
        "shut": filling.window_blockers(round, at=clock.now()) or everybody_barred,
        "site_name": book.name,
    }
    return render(request, "applications/applicant/start.html", context, status=422 if form.errors else 200)


@login_required
@never_cache
@require_GET
def overview(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The applicant's page of an application; the desks that judge it are led to theirs."""
    application = Application.objects.of_applicant(request.user).with_names().filter(public_id=public_id).first()  # type: ignore[arg-type]
    if application is None:
        return _lead_to_desk(request, public_id)
    now = clock.now()
    tasks, problems = tasks_for(application, at=now)
    context = {
        "application": application,
        "steps": steps_for(application),
        "entries": timeline_for(application),
        "documents": documents_for(application),
        "tasks": tasks,
        "problem_count": len(problems),
        "next": next_thing(application, problems, at=now),
        "correction": application.corrections.select_related("document").first()
        if application.state == State.CORRECTION
        else None,
        "dossiers": application.dossiers.order_by("version"),
        "held": held_in_neutral_words(application),
        "may_withdraw": not blockers(application, "withdraw", by=request.user, at=now),  # type: ignore[arg-type]
        "links": links_for(application),
        "is_draft": application.state == State.DRAFT,
        "site_name": application.rulebook.name,
        "has_self_publicity": application.rulebook.has_stage("self_publicity"),
    }
    return render(request, "applications/applicant/overview.html", context)


def _lead_to_desk(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    application = get_object_or_404(Application.objects.submitted().with_names(), public_id=public_id)
    if works_in(request.user, application.recommender) or works_in(request.user, application.round.office):  # type: ignore[arg-type]
        return redirect("applications:examine", public_id=public_id)
    raise Http404


@login_required
@never_cache
@require_GET
def check(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Everything before submitting at one look: what is missing, what the machine finds, what comes next."""
    application = own_application(request, public_id)
    now, book = clock.now(), application.rulebook
    problems = problems_of(application)
    missing = [
        (section, [one for one in problems if one.part == section.key])
        for section in book.sections_for(application.subject)
        if any(one.part == section.key for one in problems)
    ]
    context = {
        "application": application,
        "missing": missing,
        "problem_count": len(problems),
        "checks": check_draft(application, at=now),
        "Result": Result,
        "is_draft": application.state == State.DRAFT,
        "next": next_thing(application, problems, at=now),
        "has_self_publicity": book.has_stage("self_publicity"),
        "site_name": book.name,
    }
    return render(request, "applications/applicant/check.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def publicity(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The internal publicity: its computed dates, its start, and afterwards its proof (U11.2)."""
    application = own_application(request, public_id)
    if not application.rulebook.has_stage("self_publicity"):
        raise Http404
    now, user = clock.now(), request.user
    is_draft = application.state == State.DRAFT
    own = application.self_publicities.filter(abandoned_at=None).select_related("proof").first()
    form = StartPublicityForm(request.POST or None) if is_draft else proof_form(request, own)
    if request.method == "POST" and form.is_valid():
        try:
            if is_draft:
                self_publicity.start(application, place=form.cleaned_data["place"], by=user, at=now)  # type: ignore[arg-type]
                messages.success(request, "内部公示已开始，填报内容已固定。期满后上传公示证明再提交。")
            else:
                self_publicity.prove(
                    application, proof=form.cleaned_data["proof"], had_objections=form.said,  # type: ignore[attr-defined]
                    settlement=form.cleaned_data["settlement"], by=user, at=now,  # type: ignore[arg-type]
                )  # fmt: skip
                messages.success(request, "公示情况已保存。")
            return redirect("applications:publicity", public_id=public_id)
        except StepRefused as refused:
            for one in refused.blockers:
                form.add_error(None, str(one))
        except (UploadRefused, CalendarMissing) as refused:
            form.add_error("proof" if "proof" in form.fields else None, str(refused))
    return _publicity_page(request, application, own, form)


def proof_form(request: HttpRequest, own: Any) -> ProofForm:
    said = {True: "yes", False: "no"}.get(own.had_objections, "") if own else ""
    initial = {"settlement": own.settlement if own else "", "had_objections": said}
    kept = bool(own and own.proof_id)
    return ProofForm(request.POST or None, request.FILES or None, initial=initial, is_kept=kept)


def _publicity_page(request: HttpRequest, application: Application, own: Any, form: Any) -> HttpResponse:
    now, book = clock.now(), application.rulebook
    window, missing = None, ""
    if application.state == State.DRAFT:
        try:
            window = self_publicity.propose_window(application, at=now)
        except CalendarMissing as caught:
            missing = str(caught)
    step = "start_self_publicity" if application.state == State.DRAFT else "submit"
    rule = book.publicity("self_publicity")
    context = {
        "application": application,
        "own": own,
        "window": window,
        "calendar_missing": missing,
        "form": form,
        "blockers": brief(blockers(application, step, by=request.user, at=now), application),  # type: ignore[arg-type]
        "days_left": working_days_left(own.last_day, at=now, first_on=own.first_day) if own else None,
        "is_over": bool(own and now >= own.ends_at),
        "is_draft": application.state == State.DRAFT,
        "is_running": application.state == State.SELF_PUBLICITY,
        "unit": "工作日" if rule.day_kind.value == "working" else "自然日",
        "days": rule.days.value,
        "ground": citation(book, rule.days),
        "state_secrets": STATE_SECRETS,
        "proof_hint": "重新上传的，替换已上传的文件。" if own and own.proof_id else "",
        "site_name": book.name,
    }
    return render(request, "applications/applicant/publicity.html", context, status=422 if form.errors else 200)


@login_required
@require_GET
def publicity_proof(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The proof the applicant uploaded."""
    application = own_application(request, public_id)
    own = get_object_or_404(
        application.self_publicities.exclude(proof=None).filter(abandoned_at=None).select_related("proof")
    )
    return serve_file(own.proof)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def revise(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Give the publicity up to change the form; it starts anew afterwards."""
    application = own_application(request, public_id)
    now = clock.now()
    refused = blockers(application, "revise", by=request.user, at=now)  # type: ignore[arg-type]
    if request.method == "POST":
        try:
            self_publicity.revise(application, by=request.user, at=now)  # type: ignore[arg-type]
            messages.info(request, "已撤回内部公示，材料可以修改；修改后须重新公示。")
            return redirect("applications:overview", public_id=public_id)
        except StepRefused as caught:
            refused = caught.blockers
    context = decision(application, refused, "撤回公示并修改") | {
        "own": application.self_publicities.filter(abandoned_at=None).first()
    }
    return render(
        request, "applications/applicant/revise.html", context, status=422 if request.method == "POST" else 200
    )


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def hand_in(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Submit, or hand in a correction, on a page that says what will be frozen and what is still in the way."""
    application = own_application(request, public_id)
    correcting = application.state == State.CORRECTION
    step, act = ("resubmit", submitting.resubmit) if correcting else ("submit", submitting.submit)
    now = clock.now()
    refused = blockers(application, step, by=request.user, at=now)  # type: ignore[arg-type]
    if request.method == "POST":
        try:
            dossier = act(application, by=request.user, at=now)  # type: ignore[arg-type]
            messages.success(
                request,
                f"已提交，材料第{dossier.version}版已固定，摘要 {dossier.sha256[:16]}。可以在本页查看办理进度。",
            )
            return redirect("applications:overview", public_id=public_id)
        except StepRefused as caught:
            refused = caught.blockers
    label = "提交补正" if correcting else "提交申报"
    context = decision(application, refused, label) | {
        "blockers": brief(refused, application),
        "correction": application.corrections.first() if correcting else None,
        "secrets": application.answers.filter(is_secret=True).count(),
        "secret_files": application.attachments.filter(is_secret=True, removed_at=None).count(),
    }
    return render(
        request, "applications/applicant/hand_in.html", context, status=422 if request.method == "POST" else 200
    )


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def withdraw(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Withdraw, on a page of its own that says what follows."""
    application = own_application(request, public_id)
    form = WithdrawForm(request.POST or None)
    now = clock.now()
    refused = blockers(application, "withdraw", by=request.user, at=now)  # type: ignore[arg-type]
    if request.method == "POST" and form.is_valid():
        try:
            submitting.withdraw(application, ground=form.cleaned_data["ground"], by=request.user, at=now)  # type: ignore[arg-type]
            messages.success(request, "已撤回申报。")
            return redirect("applications:overview", public_id=public_id)
        except StepRefused as caught:
            refused = caught.blockers
    context = decision(application, refused, "撤回申报") | {"form": form}
    return render(
        request, "applications/applicant/withdraw.html", context, status=422 if request.method == "POST" else 200
    )


def decision(application: Application, refused: list[Any], label: str) -> dict[str, Any]:
    """What every confirm page shows."""
    return {
        "application": application,
        "blockers": refused,
        "submit_label": label,
        "cancel_url": application.get_absolute_url(),
        "site_name": application.rulebook.name,
    }
