"""Who reads which parts of a dossier, and that every opening of a marked part is on record (R7, U11.2)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from applications.models import DossierGrant, SecretOpening
from applications.reading import NotReadable, open_file, open_section, readable_dossier
from award_portal.lib import clock
from organizations.models import AuditRecord, Membership

from .desk_builders import Desks, build_desks, freeze, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def desks(frozen, calendars) -> Desks:
    return build_desks()


def read(application, user, **given):
    return readable_dossier(application, user=user, at=clock.now(), **given)


def grant(application, user, **given) -> DossierGrant:
    return DossierGrant.objects.create(
        application=application, user=user, reason="材料评审", granted_at=clock.now(), **given
    )


def file_id(application, key: str) -> str:
    return next(one["file"] for one in application.current_dossier.content["attachments"] if one["key"] == key)


def test_the_applicant_the_recommender_and_the_office_read_it_and_nobody_else(desks):
    application = desks.application()
    for user in (desks.applicant_of(application), desks.examiner, desks.officer):
        assert read(application, user).section_keys == ["eligibility", "profile", "overview"]
    for user in (desks.stranger, desks.tax_clerk, person("passer_by")):
        assert read(application, user) is None


def test_a_draft_is_read_by_no_desk(desks):
    application = desks.application()
    application.submitted_at = None
    assert read(application, desks.examiner) is None


def test_who_left_the_unit_reads_nothing_more(desks):
    application = desks.application()
    Membership.objects.filter(user=desks.examiner).update(ended_at=clock.now())
    assert read(application, desks.examiner) is None


def test_r7_every_opening_of_a_marked_part_is_on_record(desks):
    application = desks.application()
    readable = read(application, desks.examiner)
    with pytest.raises(NotReadable):
        readable.answers("overview")
    answers = open_section(readable, "overview", by=desks.examiner, at=clock.now())
    assert answers["model"] == "三全质量管理模式的核心参数"
    open_section(readable, "overview", by=desks.examiner, at=clock.now())
    open_file(readable, file_id(application, "audit_reports"), by=desks.examiner, at=clock.now())
    assert SecretOpening.objects.filter(application=application, user=desks.examiner).count() == 3
    assert AuditRecord.objects.filter(verb="secret.open", chain=desks.round.chain).count() == 3
    # what is not marked leaves no opening
    open_section(readable, "profile", by=desks.examiner, at=clock.now())
    open_file(readable, file_id(application, "licence"), by=desks.examiner, at=clock.now())
    assert SecretOpening.objects.count() == 3


def test_the_applicant_reads_its_own_marked_parts_without_an_opening(desks):
    application = desks.application()
    readable = read(application, desks.applicant_of(application))
    assert readable.answers("overview")["results"] == "一次交验合格率提升"
    assert not SecretOpening.objects.exists()


def test_a_grant_reaches_its_parts_only_and_secrets_only_with_its_word(desks):
    application, expert = desks.application(), person("expert")
    grant(application, expert, parts=["overview", "licence"])
    readable = read(application, expert)
    assert readable.section_keys == ["overview"]
    assert [one.key for one in readable.files] == ["licence"]
    with pytest.raises(NotReadable):
        open_section(readable, "overview", by=expert, at=clock.now())
    with pytest.raises(NotReadable):
        open_file(readable, file_id(application, "audit_reports"), by=expert, at=clock.now())
    assert not SecretOpening.objects.exists()

    grant(application, expert, parts=["overview"], with_secrets=True)
    assert open_section(read(application, expert), "overview", by=expert, at=clock.now())["model"]


def test_the_word_for_secrets_of_one_grant_does_not_spread_to_another(desks):
    application, expert = desks.application(), person("expert")
    grant(application, expert, parts=["overview"])
    grant(application, expert, parts=["audit_reports"], with_secrets=True)
    readable = read(application, expert)
    assert open_file(readable, file_id(application, "audit_reports"), by=expert, at=clock.now())
    with pytest.raises(NotReadable):
        open_section(readable, "overview", by=expert, at=clock.now())


def test_a_revoked_or_ended_grant_reads_nothing_from_the_next_request_on(desks):
    application, expert = desks.application(), person("expert")
    given = grant(application, expert, until=clock.now() + timedelta(days=1))
    assert read(application, expert) is not None
    assert readable_dossier(application, user=expert, at=clock.now() + timedelta(days=1)) is None
    given.revoked_at = clock.now()
    given.save()
    assert read(application, expert) is None


def test_r9_each_version_stays_readable_as_it_was_frozen(desks):
    application = desks.application()
    freeze(application)
    assert read(application, desks.examiner).version == 2
    assert read(application, desks.examiner, version=1).version == 1
    assert read(application, desks.examiner, version=3) is None


def test_e4_who_judges_reads_no_name_and_no_telephone_of_the_applicants_people(desks, client):
    application, expert = desks.application(), person("expert")
    grant(application, expert)
    page = application.get_absolute_url() + "dossier/"
    client.force_login(desks.examiner)
    assert "0991-5550101" in client.get(page).content.decode()
    client.force_login(expert)
    told = client.get(page).content.decode()
    assert application.organization.name in told
    for word in ("0991-5550101", "联系电话", ">联系人<", "电子邮箱", "法定代表人（负责人）"):
        assert word not in told
    opened = client.post(page + "parts/profile/").content.decode()
    assert "联系电话" not in opened
    assert "0991-5550101" not in opened
    answers = open_section(read(application, expert), "profile", by=expert, at=clock.now())
    assert not {"contact_name", "contact_phone", "contact_email", "legal_representative"} & set(answers)
    # the compilation prints everything, and is the applicant's alone
    assert client.get(application.get_absolute_url() + "compiled.pdf").status_code == 404
