"""The pages of the form: one section each, autosave, marks of trade secrets, and the materials."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from award_portal.lib import clock
from awards.rulebook import Section
from organizations.files import UploadRefused, serve_file
from organizations.identity import masked_identity
from organizations.once import once_only

from .. import filling
from ..filling import FillingRefused, StaleAnswer
from ..form_answers import Problem, problems_of
from ..form_spec import STATE_SECRETS, citation, condition_rows, indicator_rows, material_rows, neighbours, written
from ..forms.applicant import SecretForm, SectionForm, UploadForm, posted_answers
from ..models import Application, Attachment
from ..personal import told
from .applicant import own_application


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def section(request: HttpRequest, public_id: uuid.UUID, key: str) -> HttpResponse:
    """One section of the form: saved as typed; what is wrong is told beside its input, what is missing on demand."""
    application = own_application(request, public_id)
    one = section_or_404(application, key)
    if one.kind == "attachments":
        return materials_page(request, application, one)
    if request.method == "POST":
        return _save(request, application, one)
    wanted = problems_in_section(application, one)
    shown = wanted if "missing" in request.GET else [problem for problem in wanted if not problem.is_missing]
    return section_page(request, application, one, problems=shown)


def _save(request: HttpRequest, application: Application, one: Section) -> HttpResponse:
    data = posted_answers(application, one, request.POST)
    user: Any = request.user
    try:
        filling.save_section(
            application, one.key, data, version=posted_version(request), by=user, at=clock.now()
        )  # fmt: skip
    except StaleAnswer as stale:
        clashes = [
            Problem(one.key, name, f"别处已保存为：{theirs or '（空）'}") for name, theirs in stale.theirs.items()
        ]
        clashes.append(Problem(one.key, "", "这一部分刚在别处保存过。您填写的内容仍在本页；再次保存即以本页为准。"))
        return section_page(
            request, application, one, data=data, problems=clashes, version=stale.version, status=409
        )  # fmt: skip
    except FillingRefused as refused:
        told = [Problem(one.key, "", str(blocker)) for blocker in refused.blockers]
        return section_page(request, application, one, data=data, problems=told, status=422)
    application = own_application(request, application.public_id)  # the profile just saved chose its recommender
    problems = problems_in_section(application, one)
    wrong = [problem for problem in problems if not problem.is_missing]
    if wrong:
        messages.warning(request, "已按您填写的保存；下列内容需要更正后才能提交。")
        return section_page(request, application, one, problems=wrong)
    messages.success(
        request, f"“{one.title}”已保存，还有{len(problems)}处未填。" if problems else f"“{one.title}”已完成。"
    )
    after = neighbours(application, one)[1]
    if after is not None and request.POST.get("then") == "next":
        return redirect("applications:section", public_id=application.public_id, key=after.key)
    return redirect("applications:overview", public_id=application.public_id)


def section_page(
    request: HttpRequest,
    application: Application,
    one: Section,
    *,
    data: dict[str, Any] | None = None,
    problems: list[Problem],
    version: int | None = None,
    status: int = 200,
) -> HttpResponse:
    answer = application.answers.filter(section=one.key).first()
    stored = told(answer) if answer else {}
    form = SectionForm(application, one, stored if data is None else {**stored, **data}, problems=problems)
    before, after = neighbours(application, one)
    context: dict[str, Any] = {
        "application": application,
        "section": one,
        "form": form,
        "version": version or (answer.version if answer else 1),
        "editable": filling.is_editable(application, one.key, at=clock.now()),
        "answer": answer,
        "secret_form": SecretForm(
            initial={"is_secret": answer.is_secret, "reason": answer.secret_reason} if answer else None,
            secret_label=application.rulebook.secret_label,
        ),
        "limit": one.limit,
        "limit_ground": citation(application.rulebook, one.limit) if one.limit else None,
        "identity": _identity_line(application, one),
        "written": written(form.data.values()) if one.limit else 0,
        "before": before,
        "after": after,
        "site_name": application.rulebook.name,
    }
    if one.kind == "indicators":
        context["years"], context["rows"] = indicator_rows(application, form)
    if one.kind == "eligibility":
        context["conditions"] = condition_rows(application, form)
    return render(request, "applications/applicant/section.html", context, status=status)


def _identity_line(application: Application, one: Section) -> tuple[str, str] | None:
    """The label and the masked 身份证号, where the section asks for it: it was proven at registration."""
    asked = next((field for field in one.fields if field.type == "identity"), None)
    return (asked.label, masked_identity(application.organization)) if asked else None


@never_cache
@require_POST
def autosave(request: HttpRequest, public_id: uuid.UUID, key: str) -> JsonResponse:
    """Keep what changed: 200 with the version, 409 with their texts, 401 when the session is lost, 400 with why."""
    user: Any = request.user
    if not user.is_authenticated:
        return JsonResponse({"ok": False, "sign_in": reverse("organizations:sign_in")}, status=401)
    application = own_application(request, public_id)
    one = section_or_404(application, key)
    changed = {name: values[-1] for name, values in request.POST.lists() if name not in ("version", "then")}
    try:
        answer = filling.save_section(
            application, one.key, changed, version=posted_version(request), by=user, at=clock.now()
        )  # fmt: skip
    except StaleAnswer as stale:
        return JsonResponse({"ok": False, "theirs": stale.theirs, "version": stale.version}, status=409)
    except FillingRefused as refused:
        return JsonResponse({"ok": False, "message": str(refused)}, status=400)
    saved = answer.saved_at.astimezone(clock.SHANGHAI)
    return JsonResponse({"ok": True, "version": answer.version, "saved_at": f"{saved:%H:%M}"})


@login_required
@require_POST
@once_only
def secret(request: HttpRequest, public_id: uuid.UUID, key: str) -> HttpResponse:
    """Mark or unmark a section as holding a trade secret (U11.2)."""
    application = own_application(request, public_id)
    one = section_or_404(application, key)
    label = application.rulebook.secret_label
    form = SecretForm(request.POST, secret_label=label)
    user: Any = request.user
    if form.is_valid():
        try:
            filling.mark_secret(application, one.key, **form.cleaned_data, by=user, at=clock.now())
            marked = form.cleaned_data["is_secret"]
            messages.success(request, f"已注明{label}。" if marked else f"已取消{label}标记。")
        except FillingRefused as refused:
            messages.error(request, str(refused))
    else:
        messages.error(request, "说明不超过200字，请精简后再保存。")
    return redirect(reverse("applications:section", args=[public_id, key]) + "#secret")


def materials_page(
    request: HttpRequest, application: Application, one: Section, *, failed: UploadForm | None = None, key: str = ""
) -> HttpResponse:
    """The list of materials with what is uploaded under each, its limits before the choice."""
    rows = material_rows(application, at=clock.now())
    for row in rows:
        row.form = failed if failed and row.wanted.key == key else UploadForm(
            key=row.wanted.key, formats=row.wanted.formats, secret_label=application.rulebook.secret_label
        )  # fmt: skip
    before, after = neighbours(application, one)
    context = {
        "application": application,
        "section": one,
        "rows": rows,
        "failed": failed,
        "before": before,
        "after": after,
        "state_secrets": STATE_SECRETS,
        "site_name": application.rulebook.name,
    }
    status = 422 if failed else 200
    return render(request, "applications/applicant/attachments.html", context, status=status)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def attach(request: HttpRequest, public_id: uuid.UUID, key: str) -> HttpResponse:
    """Upload one file of one material; a refusal says why and keeps everything else."""
    application = own_application(request, public_id)
    part = materials_section(application)
    wanted = next((one for one in application.rulebook.attachments_for(application.subject) if one.key == key), None)
    if wanted is None:
        raise Http404
    back = f"{reverse('applications:section', args=[public_id, part.key])}#m-{key}"
    if request.method == "GET":
        return redirect(back)
    label = application.rulebook.secret_label
    form = UploadForm(request.POST, request.FILES, key=key, formats=wanted.formats, secret_label=label)
    user: Any = request.user
    if form.is_valid():
        try:
            filling.attach_file(
                application, key, form.cleaned_data["upload"], is_secret=form.cleaned_data["is_secret"], by=user,
                at=clock.now(),
            )  # fmt: skip
            messages.success(request, f"“{wanted.label}”已上传一个文件。")
            return redirect(back)
        except UploadRefused as refused:
            form.add_error("upload", refused.message)
        except FillingRefused as refused:
            form.add_error("upload", str(refused))
    return materials_page(request, application, part, failed=form, key=key)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def detach(request: HttpRequest, public_id: uuid.UUID, attachment_id: uuid.UUID) -> HttpResponse:
    """Take a file off the draft, on a page that names it."""
    application = own_application(request, public_id)
    part = materials_section(application)
    found = get_object_or_404(
        application.attachments.filter(removed_at=None).select_related("file"), public_id=attachment_id
    )
    back = f"{reverse('applications:section', args=[public_id, part.key])}#m-{found.key}"
    blockers: list[Any] = []
    user: Any = request.user
    if request.method == "POST":
        try:
            filling.remove_attachment(found, by=user, at=clock.now())
            messages.success(request, f"已移除“{found.file.original_name}”。")
            return redirect(back)
        except FillingRefused as refused:
            blockers = refused.blockers
    context = {
        "application": application, "attachment": found, "section": part, "blockers": blockers,
        "submit_label": "移除文件", "cancel_url": back,
    }  # fmt: skip
    return render(request, "applications/applicant/detach.html", context, status=422 if blockers else 200)


@login_required
@require_GET
def own_file(request: HttpRequest, public_id: uuid.UUID, attachment_id: uuid.UUID) -> HttpResponse:
    """The applicant's own upload."""
    application = own_application(request, public_id)
    found = get_object_or_404(
        Attachment.objects.select_related("file"), application=application, public_id=attachment_id
    )
    return serve_file(found.file)


def problems_in_section(application: Application, one: Section) -> list[Problem]:
    return [problem for problem in problems_of(application) if problem.part == one.key]


def section_or_404(application: Application, key: str) -> Section:
    for one in application.rulebook.sections_for(application.subject):
        if one.key == key:
            return one
    raise Http404


def materials_section(application: Application) -> Section:
    for one in application.rulebook.sections_for(application.subject):
        if one.kind == "attachments":
            return one
    raise Http404


def posted_version(request: HttpRequest) -> int:
    text = request.POST.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
