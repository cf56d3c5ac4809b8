"""Who may have a paper, and what the desk adds to it after 签发 and 用印."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client

from award_portal.lib import clock
from documents import access
from documents.access import document_reader, may_read
from documents.issuing import issue_document
from documents.models import IssuedDocument
from organizations.models import AuditRecord, Membership, OutboxItem, StoredFile, Unit, User
from organizations.outbox import deliver_due
from tests.factories import made_up_upload, make_unit, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


@pytest.fixture
def office() -> Unit:
    return make_unit("office", "样例办公室（虚构）")


@pytest.fixture
def document(office: Unit) -> IssuedDocument:
    return issue(make_unit("recommender"))


def issue(issuer: Unit, **given) -> IssuedDocument:
    with transaction.atomic():
        document = issue_document(
            "objection_receipt", title="收件回执（样章）", template="objection_receipt.html",
            content={"issuer": issuer.name}, scheme_key="urumqi", chain="round:sample", at=clock.now(), by=None,
            issuer=issuer, **given,
        )  # fmt: skip
    deliver_due(clock.now())
    return IssuedDocument.objects.get(pk=document.pk)


def status(user: User | None, address: str) -> int:
    client = Client()
    if user is not None:
        client.force_login(user)
    return client.get(address).status_code


@pytest.fixture
def own_readers() -> Iterator[None]:
    kept = list(access._readers)
    yield
    access._readers[:] = kept


# -- downloading -------------------------------------------------------------------------------------------------------


def test_a_public_paper_is_anybodys_as_a_pdf(office: Unit):
    response = Client().get(issue(office, is_public=True).get_absolute_url())
    assert response.status_code == 200
    assert response["Content-Type"] == "application/pdf"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert b"".join(response.streaming_content).startswith(b"%PDF-")


def test_another_paper_is_its_issuers_and_the_offices_and_nobody_elses(document: IssuedDocument, office: Unit):
    address = document.get_absolute_url()
    other = make_unit("recommender")
    elsewhere = Unit.objects.create(scheme_key="elsewhere", kind="office", name="样例外地办公室（虚构）")
    assert status(make_user(document.issuer), address) == 200
    assert status(make_user(office), address) == 200
    assert [status(who, address) for who in (None, make_user(), make_user(other), make_user(elsewhere))] == [404] * 4


def test_who_left_the_unit_reads_its_papers_no_longer(document: IssuedDocument):
    clerk = make_user(document.issuer)
    assert status(clerk, document.get_absolute_url()) == 200
    Membership.objects.filter(user=clerk).update(ended_at=clock.now())
    assert status(clerk, document.get_absolute_url()) == 404


@pytest.mark.usefixtures("own_readers")
def test_a_room_names_readers_of_its_own(document: IssuedDocument):
    applicant = make_user()
    assert not may_read(applicant, document)
    document_reader(lambda user, paper: user == applicant and paper == document)
    assert may_read(applicant, document)
    assert not may_read(AnonymousUser(), document)
    applicant.is_active = False
    assert not may_read(applicant, document)


def test_a_private_paper_is_kept_by_no_cache(document: IssuedDocument, office: Unit, client: Client):
    client.force_login(make_user(office))
    assert "no-store" in client.get(document.get_absolute_url())["Cache-Control"]


def test_a_paper_not_rendered_yet_says_so(office: Unit, client: Client):
    with transaction.atomic():
        document = issue_document(
            "call", title="样例通知（虚构）", template="call.html", content={}, scheme_key="urumqi", at=clock.now(),
            by=None, is_public=True,
        )  # fmt: skip
    response = client.get(document.get_absolute_url())
    assert response.status_code == 202
    assert document.number in response.content.decode()


def test_an_unknown_paper_is_404(client: Client):
    assert client.get(f"/documents/{uuid.uuid4()}.pdf").status_code == 404
    assert client.get(f"/documents/{uuid.uuid4()}/sealed/").status_code == 404


# -- 发文字号, 成文日期, 盖章扫描件 ------------------------------------------------------------------------------------


def official_page(document: IssuedDocument) -> str:
    return f"/documents/{document.public_id}/official/"


def entry(**given) -> dict:
    return {
        "official_number": "样质强办〔2026〕7号",
        "official_on": "2026-03-02",
        "form_key": str(uuid.uuid4()),
    } | given


def test_the_office_enters_its_number_and_the_sealed_scan_and_both_can_be_had(
    document: IssuedDocument, office: Unit, client: Client
):
    client.force_login(make_user(office))
    frozen_before = (document.number, document.content, document.content_sha256, document.sha256)
    scan = made_up_upload("盖章扫描件（样章）")
    assert client.post(official_page(document), entry(sealed_scan=scan)).status_code == 302
    document.refresh_from_db()
    assert (document.official_number, document.official_on) == ("样质强办〔2026〕7号", date(2026, 3, 2))
    assert (document.number, document.content, document.content_sha256, document.sha256) == frozen_before
    assert status(make_user(office), document.get_absolute_url()) == 200
    assert status(make_user(office), f"/documents/{document.public_id}/sealed/") == 200
    assert status(make_user(), f"/documents/{document.public_id}/sealed/") == 404
    link = AuditRecord.objects.get(verb="document.official")
    assert (link.chain, link.data["scan_sha256"]) == ("round:sample", document.sealed_scan.sha256)


def test_a_second_entry_without_a_scan_keeps_the_first_scan(document: IssuedDocument, office: Unit, client: Client):
    client.force_login(make_user(office))
    client.post(official_page(document), entry(sealed_scan=made_up_upload("扫描件")))
    client.post(official_page(document), entry(official_number="样质强办〔2026〕8号"))
    document.refresh_from_db()
    assert document.official_number == "样质强办〔2026〕8号"
    assert document.sealed_scan is not None


def test_an_entry_posted_twice_is_one_entry(document: IssuedDocument, office: Unit, client: Client):
    client.force_login(make_user(office))
    posted = entry()
    client.post(official_page(document), posted)
    client.post(official_page(document), posted)
    assert AuditRecord.objects.filter(verb="document.official").count() == 1


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"official_on": "2026-03-03", "sealed_scan": made_up_upload("扫描件")}, "成文日期不能晚于今天"),
        ({"official_on": "三月二日"}, "请填写日期"),
        ({"official_on": ""}, "成文日期"),
        ({"official_number": ""}, "发文字号"),
        ({"sealed_scan": SimpleUploadedFile("scan.pdf", b"MZ not a pdf")}, "扫描件"),
    ],
    ids=["tomorrow", "words", "no date", "no number", "disguised"],
)
def test_a_wrong_entry_is_told_and_what_was_typed_is_kept(
    document: IssuedDocument, office: Unit, client: Client, given: dict, told: str
):
    client.force_login(make_user(office))
    posted = entry(**given)
    response = client.post(official_page(document), posted)
    page = response.content.decode()
    assert response.status_code == 422
    assert told in page
    assert posted["official_number"] in page
    document.refresh_from_db()
    assert (document.official_number, document.official_on, document.sealed_scan) == ("", None, None)
    assert not StoredFile.objects.exists()


def test_who_only_reads_a_paper_enters_nothing(document: IssuedDocument, office: Unit, client: Client):
    supervisor = make_user(make_unit("supervisor"))
    assert status(supervisor, document.get_absolute_url()) == 200
    assert status(supervisor, official_page(document)) == 404
    client.force_login(supervisor)
    assert client.post(official_page(document), entry()).status_code == 404
    assert status(None, official_page(document)) == 302


def test_every_paper_was_rendered_without_an_error(document: IssuedDocument):
    assert not OutboxItem.objects.exclude(last_error="").exists()
    assert Path(document.file.name).suffix == ".pdf"
