"""A round with a running publicity and somebody who objects to a name on it, in the form U12 asks."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from applications.models import Application
from award_portal.lib import clock
from objections.filing import file_objection
from objections.models import Objection
from organizations.models import User
from publicity.models import Notice
from tests.factories import made_up_pdf, make_claim, make_unit, make_user
from tests.publicity.builders import Lists, make_lists

# what only the objector knows of himself: it may stand nowhere in the clear
NAME, PHONE, ADDRESS = "样例举名人贾某（虚构）", "0991-5559876", "样例巷99号3单元（虚构）"
TEXT = "该组织2025年发生过质量事故，附有关通报。（虚构）"
SECRETS = (NAME, PHONE, ADDRESS)
PERSON_FILES, UNIT_FILES = ("identity", "signature", "evidence"), ("sealed_letter", "evidence")
PROHIBITED, POSITIVE = "clean_record", "subject"


@dataclass
class Case(Lists):
    """Everybody of one made-up objection: beside who publishes lists, the applicant and a supervisor."""

    applicant: User | None = None
    application: Application | None = None
    notice: Notice | None = None
    supervisor: User | None = None
    members: list[User] = field(default_factory=list)  # of the leading body

    def object_to(self, application: Application | None = None, *, at: datetime | None = None, **given) -> Objection:
        return self.object_with_receipt(application, at=at, **given)[0]

    def object_with_receipt(self, application: Application | None = None, *, at: datetime | None = None, **given):
        """An objection given no `fields` comes from a new person each time; the first one's are `fields_of()`."""
        form = given.pop("form", "person")
        values = {
            "form": form,
            "fields": fields_of(form, Objection.objects.count()),
            "files": files_of(form),
            "text": TEXT,
        } | given
        return file_objection(application or self.application, **values, at=at or clock.now())

    def fresh(self) -> Application:
        return Application.objects.get(pk=self.application.pk)

    @property
    def state(self) -> str:
        return self.fresh().state

    @property
    def holds(self):
        return self.application.holds.open()

    @property
    def filing_url(self) -> str:
        return reverse("objections:file", args=[self.notice.public_id])


def make_case(state: str = "acceptance_publicity", *, edition_text: str = "") -> Case:
    """A name on a running list published on 2026-03-02: last day 2026-03-09."""
    lists = make_lists(edition_text)
    case = Case(**{key: getattr(lists, key) for key in lists.__dataclass_fields__})
    case.supervisor = make_user(make_unit("supervisor"))
    case.application, case.notice = publish_name(case, state)
    case.applicant = make_claim(case.application.organization)
    return case


def publish_name(case: Lists, state: str) -> tuple[Application, Notice]:
    if state == "award_publicity":
        name = case.shortlisted()
    else:
        name = case.name(state)
    if state == "recommendation_publicity":
        from publicity.opening import open_publicity

        notice = open_publicity(
            case.round, kind=state, applications=[name], issuer=case.recommender, by=case.clerk, at=clock.now()
        )
    else:
        notice = case.publish(name, kind=state, at=clock.now())
    return name, notice


def fields_of(form: str = "person", person: int = 0) -> dict[str, str]:
    fields = {"name": f"{NAME}{person or ''}", "phone": PHONE, "address": ADDRESS}
    return fields if form == "person" else fields | {"domicile": "样例大道1号（虚构）"}


def files_of(form: str = "person") -> dict[str, SimpleUploadedFile]:
    keys = PERSON_FILES if form == "person" else UNIT_FILES
    return {key: SimpleUploadedFile(f"{NAME}{key}.pdf", _page(), content_type="application/pdf") for key in keys}


@cache
def _page() -> bytes:
    return made_up_pdf("异议材料（虚构）")


def posted(named: Application, form: str = "person", **changed) -> dict:
    """What the browser sends from the filing page."""
    sent = {
        "form_key": str(uuid.uuid4()),
        "kind": form,
        "application": str(named.public_id),
        "text": TEXT,
        "condition": PROHIBITED,
    }
    sent |= {f"field_{key}": value for key, value in fields_of(form).items()}
    sent |= {f"file_{key}": upload for key, upload in files_of(form).items()}
    return {key: value for key, value in (sent | changed).items() if value is not None}
