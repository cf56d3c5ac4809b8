"""Account pages: signing in, registering, claiming an organisation, verifying claims, the inbox."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import LoginView
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from award_portal.lib import clock

from .. import evidence
from ..claims import (
    ClaimRefused,
    claims_to_verify,
    decide_claim,
    proof_word,
    register_organization,
    request_claim,
    verifying_units,
)
from ..files import UploadRefused, serve_file, store_upload
from ..forms.accounts import CARD_FORMATS, ClaimDecisionForm, ClaimForm, PersonClaimForm, RegisterForm, SignInForm
from ..identity import admits_individuals, masked_identity, open_identity, register_person
from ..models import Claim, Unit, User
from ..once import once_only


class SignIn(LoginView):
    template_name = "organizations/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True
    http_method_names = ["get", "head", "post", "options"]  # Django's form view would take a PUT for a POST


@require_http_methods(["GET", "POST"])
@once_only
def register(request: HttpRequest) -> HttpResponse:
    """A new account; the next page asks for the organisation and its letter."""
    form = RegisterForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            user = User(username=form.cleaned_data["username"], display_name=form.cleaned_data["display_name"])
            user.set_password(form.cleaned_data["password"])
            user.save()
            evidence.record("user.register", by=user, subject=f"user:{user.public_id}", at=clock.now())
        login(request, user, backend="django.contrib.auth.backends.ModelBackend")
        if _schemes_for_people():
            messages.success(request, "账号已建立。请登记您代表的组织；以个人名义申报的，登记本人。")
        else:
            messages.success(request, "账号已建立。请登记您代表的组织并上传授权书。")
        return redirect("organizations:claim")
    context = {"form": form, "for_people": bool(_schemes_for_people())}
    return render(request, "organizations/register.html", context, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def claim(request: HttpRequest) -> HttpResponse:
    """Register the organisation the person acts for, with its letter of authorisation."""
    form = ClaimForm(request.POST or None, request.FILES or None, schemes=_scheme_choices())
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            with transaction.atomic():
                letter = store_upload(
                    data["letter"], purpose="claim_letter", by=request.user, at=clock.now(), sealed=True
                )
                organization = register_organization(
                    code=data["code"],
                    name=data["name"],
                    kind=data["kind"],
                    unit_name=data["unit_name"],
                    founded_on=data["founded_on"],
                    at=clock.now(),
                )
                request_claim(
                    organization, by=request.user, letter=letter, scheme_key=data["scheme_key"], at=clock.now()
                )
        except UploadRefused as refused:
            form.add_error("letter", str(refused))
        except ClaimRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, "已登记，等待办公室或者审核推荐单位核验授权书。核验结果将发送到站内消息。")
            return redirect("organizations:claim")
    claims = request.user.claims.select_related("organization").order_by("-requested_at")
    context = {"form": form, "claims": claims, "for_people": bool(_schemes_for_people())}
    return render(request, "organizations/claim.html", context, status=422 if form.errors else 200)


@sensitive_post_parameters("identity")
@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def claim_person(request: HttpRequest) -> HttpResponse:
    """A person registers for himself, with his identity card, where a scheme admits people (Y2)."""
    form = PersonClaimForm(request.POST or None, request.FILES or None, schemes=_schemes_for_people())
    if request.method == "POST" and form.is_valid():
        data, at = form.cleaned_data, clock.now()
        try:
            with transaction.atomic():
                card = store_upload(
                    data["letter"],
                    purpose="identity_card",
                    by=request.user,
                    at=at,
                    allowed=list(CARD_FORMATS),
                    sealed=True,
                )
                person = register_person(data["identity"], name=request.user.display_name, at=at)
                request_claim(person, by=request.user, letter=card, scheme_key=data["scheme_key"], at=at)
        except UploadRefused as refused:
            form.add_error("letter", str(refused))
        except ClaimRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, "已登记，等待办公室或者审核推荐单位核验身份证件。核验结果将发送到站内消息。")
            return redirect("organizations:claim")
    return render(request, "organizations/claim_person.html", {"form": form}, status=422 if form.errors else 200)


@login_required
@require_GET
def claims(request: HttpRequest) -> HttpResponse:
    """The desk at which offices and recommenders verify letters of authorisation."""
    if not verifying_units(request.user).exists():
        raise PermissionDenied("授权书和身份证件由办公室和审核推荐单位核验。")
    page = Paginator(claims_to_verify(request.user), 30).get_page(request.GET.get("page"))
    return render(request, "organizations/claims.html", {"page_obj": page})


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def decide(request: HttpRequest, public_id) -> HttpResponse:
    """Read one letter, or one identity card, and verify or refuse it."""
    claim = get_object_or_404(claims_to_verify(request.user), public_id=public_id)
    proof = proof_word(claim.organization)
    form = ClaimDecisionForm(request.POST or None, proof=proof)
    if request.method == "POST" and form.is_valid():
        verified = form.cleaned_data["verdict"] == Claim.State.VERIFIED
        try:
            decide_claim(claim, verified=verified, reason=form.cleaned_data["reason"], by=request.user, at=clock.now())
        except ClaimRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, f"{claim.organization}的{proof}{'已核验通过' if verified else '未予通过'}。")
            return redirect("organizations:claims")
    return _decision_page(request, claim, form)


@login_required
@never_cache
@require_POST
def claim_identity(request: HttpRequest, public_id) -> HttpResponse:
    """The whole 身份证号 beside the card, once and on record; never in an address, and gone with the page."""
    claim = get_object_or_404(claims_to_verify(request.user), public_id=public_id)
    if not claim.organization.is_person:
        raise Http404
    number = open_identity(claim.organization, by=request.user, at=clock.now())
    return _decision_page(request, claim, ClaimDecisionForm(proof=proof_word(claim.organization)), number=number)


def _decision_page(request: HttpRequest, claim: Claim, form: ClaimDecisionForm, *, number: str = "") -> HttpResponse:
    context = {
        "claim": claim,
        "form": form,
        "proof": proof_word(claim.organization),
        "masked": masked_identity(claim.organization),
        "number": number,
    }
    return render(request, "organizations/claim_decision.html", context, status=422 if form.errors else 200)


@login_required
@require_GET
def letter(request: HttpRequest, public_id) -> HttpResponse:
    """The letter itself, for those who verify it and for who sent it; an identity card is opened on record."""
    claim = claims_to_verify(request.user).filter(public_id=public_id).first()
    if claim is None:
        claim = get_object_or_404(Claim, public_id=public_id, user=request.user)
    elif claim.organization.is_person:
        open_identity(claim.organization, by=request.user, at=clock.now())
    return serve_file(claim.letter)


@login_required
@require_http_methods(["GET", "POST"])
def inbox(request: HttpRequest) -> HttpResponse:
    """Messages to the person, newest first; posting marks all as read."""
    if request.method == "POST":
        request.user.inbox.filter(read_at=None).update(read_at=clock.now())
        return redirect("organizations:inbox")
    page = Paginator(request.user.inbox.all(), 30).get_page(request.GET.get("page"))
    return render(request, "organizations/inbox.html", {"page_obj": page})


@login_required
@require_GET
def message(request: HttpRequest, public_id) -> HttpResponse:
    """Open a message: it counts as read, and leads where it points."""
    found = get_object_or_404(request.user.inbox, public_id=public_id)
    if found.read_at is None:
        found.read_at = clock.now()
        found.save(update_fields=["read_at"])
    return redirect(found.url or reverse("organizations:inbox"))


def _scheme_choices() -> list[tuple[str, str]]:
    """The schemes with an office to verify a letter. Their names are the office's rulebook's, read from the units."""
    from django.apps import apps  # the scheme's name stands in a higher room; only its label is read here

    names = dict(apps.get_model("awards", "Scheme").objects.filter(is_public=True).values_list("key", "name"))
    keys = Unit.objects.active().of_kind("office").values_list("scheme_key", flat=True).distinct()
    return [(key, names.get(key, key)) for key in keys]


def _schemes_for_people() -> list[tuple[str, str]]:
    """Of these, the schemes that admit people beside organisations."""
    return [(key, name) for key, name in _scheme_choices() if admits_individuals(key)]
