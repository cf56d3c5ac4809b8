"""How an award shows itself: its colour, and whether it stands on the front page."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from award_portal.lib import clock
from awards.faces import schemes_faced_by, set_face, show_as
from awards.forms.faces import FaceForm


@login_required
@require_http_methods(["GET", "POST"])
def face(request: HttpRequest, scheme: str) -> HttpResponse:
    """The office of an award, or an administrator, chooses its colour."""
    found = get_object_or_404(schemes_faced_by(request.user), key=scheme)
    show_as(request, found)
    form = FaceForm(request.POST or None, initial={"colour": found.colour, "is_public": found.is_public})
    if request.method == "POST" and form.is_valid():
        set_face(found, **form.cleaned_data, by=request.user, at=clock.now())
        messages.success(request, "门户样式已保存。")
        return redirect("awards:face", found.key)
    return render(request, "awards/face.html", {"scheme": found, "form": form})
