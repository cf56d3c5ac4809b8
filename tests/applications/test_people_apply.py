"""A person's application beside an organisation's (Y2, Y8, Y9): its own form, its own criteria, never a number."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from applications.compiling import form_content, form_parts
from applications.corrections import parts_of
from applications.filling import FillingRefused, save_section, start_application
from applications.form_answers import problems_of
from applications.models import Application
from applications.reading import readable_dossier
from applications.self_publicity import prove, start
from applications.submitting import submit
from award_portal.lib import clock
from award_portal.rehearsal.made_up import valid_identity
from awards.models import Ban
from organizations.identity import masked_identity
from organizations.models import AuditRecord
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
from tests.people_admitted import make_person, text_with_people

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen", "calendars")]


@pytest.fixture
def round():
    return make_round(edition_text=text_with_people())


@pytest.fixture
def draft(round) -> Application:
    return make_draft(round, organization=make_person(1))


def keys(application: Application) -> list[str]:
    return [one.key for one in application.rulebook.sections_for(application.subject)]


def test_y9_a_person_fills_in_the_form_of_people(draft):
    assert keys(draft) == ["eligibility", "person", "self_assessment", "attachments", "declarations"]
    assert draft.applicant_kind == "person"
    assert {one.part for one in problems_of(draft)} == set(keys(draft))
    with pytest.raises(FillingRefused, match="没有这一部分"):
        save_section(draft, "profile", {"name": "x"}, version=1, by=draft.created_by, at=clock.now())
    fill_application(draft, employer="样例精工有限公司（虚构）", title="工程师", district="天山区")
    assert problems_of(draft) == []
    assert (draft.employer, draft.district, draft.category) == ("样例精工有限公司（虚构）", "天山区", "person")
    assert draft.code_or_employer == "样例精工有限公司（虚构）"


def test_y8_an_organisation_keeps_its_own_form_in_the_same_round(round):
    firm = make_draft(round)
    assert "person" not in keys(firm)
    assert {"profile", "indicators"} <= set(keys(firm))
    fill_application(firm)
    assert problems_of(firm) == []
    assert firm.code_or_employer == firm.organization.code
    assert firm.employer == ""


def test_y10_each_assesses_itself_by_the_criteria_of_its_own(draft, round):
    from applications.form_answers import assessment_rubric

    assert [one.key for one in assessment_rubric(draft).items] == ["method", "impact"]
    assert assessment_rubric(make_draft(round)).key == round_book(round).rubrics[0].key


def round_book(round):
    from awards.parameters import rulebook_for

    return rulebook_for(round)


def test_r4_one_application_a_round_for_a_person_whatever_account(draft, round):
    with pytest.raises(FillingRefused, match="每个个人每届只能申报一次"):
        start_application(round, organization=make_person(1), by=draft.created_by, at=clock.now())
    assert make_draft(round, organization=make_person(2)).pk != draft.pk


def test_a_scheme_for_organisations_takes_no_person():
    person = make_person(1)
    with pytest.raises(FillingRefused, match="不接受个人申报"):
        start_application(make_round(), organization=person, by=make_claim(person), at=clock.now())


def test_a_ban_holds_for_a_person_as_for_an_organisation(round):
    person = make_person(1)
    by = make_claim(person)
    Ban.objects.create(
        scheme=round.scheme, name=person.name, code=person.code, rule="false_materials", ground="弄虚作假", cite="20",
        starts_on=clock.today(), ends_on=clock.today().replace(year=2031), decided_by="样例政府",
    )  # fmt: skip
    with pytest.raises(FillingRefused, match="弄虚作假"):
        start_application(round, organization=person, by=by, at=clock.now())


def test_a_district_office_of_another_district_does_not_recommend_this_person(draft):
    other = make_unit("recommender", recommender_key="district_regulator", district="沙依巴克区")
    fill_application(draft, recommender=other, district="天山区")
    assert any("天山区" in one.text and one.field == "recommender" for one in problems_of(draft))


def submitted(draft: Application, frozen) -> Application:
    fill_application(draft, employer="样例精工有限公司（虚构）", title="工程师", district="天山区")
    by = draft.created_by
    start(draft, place="公告栏", by=by, at=clock.now())
    own = draft.self_publicities.get()
    frozen.travel_to(own.ends_at)
    prove(draft, proof=made_up_upload("公示"), had_objections=False, settlement="", by=by, at=clock.now())
    submit(Application.objects.get(pk=draft.pk), by=by, at=clock.now())
    return Application.objects.get(pk=draft.pk)


def test_the_dossier_the_desk_and_the_record_never_hold_the_number(draft, frozen):
    number = valid_identity(1)
    application = submitted(draft, frozen)
    assert number not in str(application.current_dossier.content)
    assert draft.organization.code not in str(application.current_dossier.content)
    assert number not in str(list(AuditRecord.objects.values_list()))
    told = [line.value for part in form_parts(application, form_content(application)) for line in part.lines]
    assert masked_identity(application.organization) in told
    assert not any(number in one for one in told)
    assert list(parts_of(application)) == ["eligibility", "person", "self_assessment", "declarations", "method_proof"]
    reader = readable_dossier(application, user=application.created_by, at=clock.now())
    assert reader.section_keys == ["eligibility", "person", "self_assessment", "declarations"]


def test_every_page_of_a_person_opens_and_none_shows_the_number_or_its_key(client: Client, draft, frozen):
    client.force_login(draft.created_by)
    names = ["overview", "check", "print", "publicity", "withdraw"]
    pages = [client.get(reverse(f"applications:{name}", args=[draft.public_id])) for name in names]
    pages += [client.get(reverse("applications:section", args=[draft.public_id, key])) for key in keys(draft)]
    pages += [
        client.get(reverse("applications:start", args=[draft.round.public_id])),
        client.get(reverse("applications:mine")),
    ]
    for page in pages:
        assert page.status_code == 200
        assert valid_identity(1) not in page.content.decode()
        assert draft.organization.code not in page.content.decode()
    section = client.get(reverse("applications:section", args=[draft.public_id, "person"])).content.decode()
    assert masked_identity(draft.organization) in section
    assert 'name="identity"' not in section


def test_the_start_page_says_what_is_asked_of_each(client: Client, round):
    client.force_login(make_user())
    page = client.get(reverse("applications:start", args=[round.public_id])).content.decode()
    assert "申报个人的申报条件" in page
    assert "登记本人" in page
    plain = client.get(reverse("applications:start", args=[make_round().public_id])).content.decode()
    assert "申报个人" not in plain
    assert "登记本人" not in plain


def test_organisation_in_hand_is_offered_only_where_it_may_apply(client: Client):
    user = make_claim(make_organization())
    make_claim(make_person(1), user=user)
    client.force_login(user)
    page = client.get(reverse("applications:start", args=[make_round().public_id])).content.decode()
    assert "样例个人1" not in page


def test_a_person_without_an_employer_is_listed_by_name_alone(draft):
    fill_application(draft, employer="无", district="天山区")
    assert problems_of(draft) == []
    assert (draft.employer, draft.listed_name, draft.code_or_employer) == ("", "样例个人1", "")
