"""People apply beside organisations where a scheme admits them (Y2): their number is checked, sealed and never told."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from award_portal.lib import clock
from award_portal.rehearsal.made_up import made_up_upload, valid_identity, valid_uscc
from awards.schemes import load_scheme
from organizations.claims import ClaimRefused, decide_claim, register_organization
from organizations.codes import CodeRefused, clean_identity, shown_code
from organizations.identity import masked_identity, open_identity, person_key, register_person
from organizations.models import AuditRecord, Claim, Organization
from tests.factories import make_claim, make_unit, make_user, urumqi_text
from tests.people_admitted import text_with_people

ON = date(2026, 3, 2)


# -- GB 11643 ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(40))
def test_made_up_numbers_are_valid_and_of_a_county_there_is_not(seed):
    assert clean_identity(f" {valid_identity(seed).lower()} ", on=ON) == valid_identity(seed)
    assert valid_identity(seed).startswith("140399")


@pytest.mark.parametrize(("text", "told"), [
    ("140399600101001", "15位身份证号已停止使用"),
    ("", "应为18位，现为0位"),
    ("14039919600101001", "应为18位，现为17位"),
    ("14039A196001010015", "前17位为数字"),
    ("990399196001010014", "省级行政区划"),
])  # fmt: skip
def test_gb_11643_a_wrong_number_is_refused_with_the_reason(text, told):
    with pytest.raises(CodeRefused, match=told) as refused:
        clean_identity(text, on=ON)
    assert not text or text not in str(refused.value)


def test_gb_11643_every_wrong_last_digit_is_refused():
    number = valid_identity(3)
    for digit in set("0123456789X") - {number[-1]}:
        with pytest.raises(CodeRefused, match="校验位不符"):
            clean_identity(number[:-1] + digit, on=ON)


@pytest.mark.parametrize(("birthday", "told"), [
    ("19990230", "不是日期"), ("20991231", "周岁之间"), ("18000101", "周岁之间"), ("20100303", "周岁之间"),
])  # fmt: skip
def test_a_birthday_that_cannot_be_is_refused(birthday, told):
    from stdnum.cn import ric

    body = f"140399{birthday}001"
    with pytest.raises(CodeRefused, match=told):
        clean_identity(body + ric.calc_check_digit(body + "0"), on=ON)


def test_a_person_of_sixteen_today_may_register():
    from stdnum.cn import ric

    body = "14039920100302001"
    assert clean_identity(body + ric.calc_check_digit(body + "0"), on=ON)


# -- sealed ------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_r4_the_number_is_kept_sealed_and_one_person_is_one_applicant(frozen):
    person = register_person(valid_identity(1), name="样例个人", at=clock.now())
    assert register_person(valid_identity(1), name="别的名字", at=clock.now()) == person
    row = Organization.objects.filter(pk=person.pk).values().get()
    assert not any(valid_identity(1) in str(value) for value in row.values())
    assert row["code"] == person_key(valid_identity(1))
    assert len(row["code"]) == 18
    assert person.display_code == shown_code(row["code"]) == ""
    assert masked_identity(person) == "1403**********" + valid_identity(1)[-4:]


@pytest.mark.django_db
def test_a_rotation_of_the_field_keys_leaves_the_person_who_they_are(frozen, settings):
    before = register_person(valid_identity(1), name="样例个人", at=clock.now())
    settings.FIELD_KEYS = ["2027:another secret", *settings.FIELD_KEYS]
    assert register_person(valid_identity(1), name="样例个人", at=clock.now()) == before
    settings.IDENTITY_KEY = "another identity key"
    assert person_key(valid_identity(1)) != before.code


def test_no_code_of_an_organisation_is_taken_for_a_person():
    assert all(shown_code(valid_uscc(seed)) == valid_uscc(seed) for seed in range(50))


@pytest.mark.django_db
def test_opening_the_whole_number_is_on_record_and_the_record_does_not_tell_it(frozen):
    person, officer = register_person(valid_identity(1), name="样例个人", at=clock.now()), make_user()
    assert open_identity(person, by=officer, at=clock.now()) == valid_identity(1)
    link = AuditRecord.objects.get(verb="identity.open")
    assert (link.actor, link.subject) == (str(officer.public_id), f"organization:{person.public_id}")
    assert valid_identity(1) not in str(AuditRecord.objects.values_list())


# -- registering -------------------------------------------------------------------------------------------------------


@pytest.fixture
def scheme(frozen, db):
    make_unit("office")
    return load_scheme(text_with_people(), at=clock.now()).scheme


def post_person(client, number, **more):
    data = {"scheme_key": "urumqi", "identity": number, "letter": made_up_upload("身份证"), **more}
    return client.post(reverse("organizations:claim_person"), data, follow=True)


def test_y2_a_person_registers_and_the_office_verifies_the_card(client, scheme):
    user, officer = make_user(), make_user(make_unit("office", name="样例办公室二"))
    client.force_login(user)
    answer = post_person(client, valid_identity(1))
    assert "等待办公室或者审核推荐单位核验身份证件" in answer.content.decode()
    assert valid_identity(1) not in answer.content.decode()
    claim = Claim.objects.get()
    assert (claim.user, claim.organization.name, claim.organization.subject) == (user, str(user), "individual")

    client.force_login(officer)
    page = client.get(reverse("organizations:claim_decision", args=[claim.public_id])).content.decode()
    assert masked_identity(claim.organization) in page
    assert valid_identity(1) not in page
    assert claim.organization.code not in page
    opened = client.post(reverse("organizations:claim_identity", args=[claim.public_id]))
    assert valid_identity(1) in opened.content.decode()
    assert "no-store" in opened["Cache-Control"]
    client.get(reverse("organizations:claim_letter", args=[claim.public_id]))
    assert AuditRecord.objects.filter(verb="identity.open", actor=str(officer.public_id)).count() == 2
    client.post(reverse("organizations:claim_decision", args=[claim.public_id]), {"verdict": "verified", "reason": ""})
    claim.refresh_from_db()
    assert claim.state == "verified"


def test_a_wrong_number_keeps_the_page_and_registers_nobody(client, scheme):
    client.force_login(make_user())
    answer = post_person(client, valid_identity(1)[:-4] + "0000")
    assert answer.status_code == 422
    assert not Organization.objects.exists()


def test_a_scheme_for_organisations_alone_registers_nobody(client, frozen, db):
    make_unit("office")
    load_scheme(urumqi_text(), at=clock.now())
    client.force_login(make_user())
    assert "目前没有接受个人申报的奖项" in client.get(reverse("organizations:claim_person")).content.decode()
    assert "登记本人" not in client.get(reverse("organizations:claim")).content.decode()
    assert post_person(client, valid_identity(1)).status_code == 422
    assert not Organization.objects.exists()


def test_a_person_acts_under_one_account_an_organisation_under_several(scheme):
    officer = make_user(make_unit("office", name="样例办公室二"))
    person = register_person(valid_identity(1), name="样例个人", at=clock.now())
    make_claim(person)
    second = make_claim(person, state="pending").claims.get()
    with pytest.raises(ClaimRefused, match="已由另一账号核验通过"):
        decide_claim(second, verified=True, reason="", by=officer, at=clock.now())
    decide_claim(second, verified=False, reason="本人已有账号", by=officer, at=clock.now())

    firm = register_organization(code=valid_uscc(1), name="样例", kind="legal_person", founded_on=None, at=clock.now())
    make_claim(firm)
    third = make_claim(firm, state="pending").claims.get()
    assert decide_claim(third, verified=True, reason="", by=officer, at=clock.now()).state == "verified"


def test_an_organisation_has_no_number_to_open(client, scheme):
    client.force_login(make_user(make_unit("office", name="样例办公室二")))
    firm = register_organization(code=valid_uscc(1), name="样例", kind="legal_person", founded_on=None, at=clock.now())
    claim = make_claim(firm, state="pending").claims.get()
    assert client.post(reverse("organizations:claim_identity", args=[claim.public_id])).status_code == 404
    assert not AuditRecord.objects.filter(verb="identity.open").exists()
