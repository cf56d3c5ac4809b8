"""A recommendation in two legs (Z17.3): the recommender reviews, another unit consents and seals, then it goes on."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from applications.consents import decide_consent, enter_consent, leg_rows, seek_consent
from applications.corrections import return_for_correction
from applications.desk_rules import DeskRefused
from applications.models import Application, LegConsent
from applications.moves import StepRefused
from applications.pipeline import State
from applications.recommending import clear_review, decline
from applications.routing import recommending_units
from award_portal.lib import clock
from organizations.models import AuditRecord
from tests.changed_schemes import changed, township_consents
from tests.factories import made_up_upload

from .desk_builders import build_desks, freeze, stored_file, unit, worker

pytestmark = pytest.mark.django_db
LEG = "township_consent"


@pytest.fixture
def desks(frozen, calendars):
    return build_desks(changed(township_consents))


@pytest.fixture
def reviewed(desks) -> Application:
    """An application whose first review is signed."""
    application = desks.application()
    desks.ready_to_pass(application)
    return application


@pytest.fixture
def township():
    return unit("consenter", "样例镇人民政府（虚构）", recommender_key="township", district="天山区")


@pytest.fixture
def mayor(township):
    return worker("mayor", township)


def seek(desks, application) -> LegConsent:
    return seek_consent(application, LEG, by=desks.examiner, at=clock.now())


def say(consent, by, verdict="consents", **given) -> LegConsent:
    paper = stored_file("盖章页.pdf") if verdict == "consents" else None
    return decide_consent(consent, verdict=verdict, by=by, at=clock.now(), **({"paper": paper} | given))


def test_z17_3_nothing_passes_the_review_before_the_township_consented(desks, reviewed, mayor):
    with pytest.raises(StepRefused, match="尚未提请乡镇同意"):
        clear_review(reviewed, by=desks.examiner, at=clock.now())
    consent = seek(desks, reviewed)
    with pytest.raises(StepRefused, match="“乡镇同意”尚未出具意见"):
        clear_review(reviewed, by=desks.examiner, at=clock.now())
    say(consent, mayor)
    assert clear_review(reviewed, by=desks.examiner, at=clock.now()).to_state == State.RECOMMENDATION_PUBLICITY


def test_z17_3_the_township_is_asked_only_after_the_first_review(desks, mayor):
    application = desks.application()
    with pytest.raises(DeskRefused, match="签署"):
        seek(desks, application)
    assert not LegConsent.objects.exists()


def test_the_township_is_told_and_gets_a_paper_to_seal(desks, reviewed, mayor):
    consent = seek(desks, reviewed)
    assert consent.unit.name == "样例镇人民政府（虚构）"
    assert consent.letter.title.startswith("同意推荐意见")
    assert consent.letter.content["review"]["opinion"] == "材料真实、完整，符合申报条件。"
    verbs = list(AuditRecord.objects.filter(verb__startswith="consent.").values_list("verb", flat=True))
    assert verbs == ["consent.seek"]
    with pytest.raises(DeskRefused, match="不能重复提请"):
        seek(desks, reviewed)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"paper": None}, "须加盖公章"),
        ({"verdict": "refuses", "ground": " "}, "请写明理由"),
        ({"verdict": "perhaps"}, "请选择同意或者不同意"),
    ],
)
def test_z17_3_a_consent_is_sealed_and_a_refusal_has_its_ground(desks, reviewed, mayor, given, told):
    consent = seek(desks, reviewed)
    with pytest.raises(DeskRefused, match=told):
        say(consent, mayor, **given)
    assert LegConsent.objects.get(pk=consent.pk).verdict == ""


def test_only_the_unit_that_was_asked_decides(desks, reviewed, mayor):
    consent = seek(desks, reviewed)
    for stranger in (desks.examiner, desks.officer, desks.stranger):
        with pytest.raises(DeskRefused, match="不由本单位出具"):
            say(consent, stranger)


def test_z17_3_a_refusal_goes_back_to_the_recommender_who_declines_or_asks_again(desks, reviewed, mayor):
    say(seek(desks, reviewed), mayor, "refuses", ground="欠缴税款（虚构）")
    with pytest.raises(StepRefused, match="样例镇人民政府（虚构）不同意推荐"):
        clear_review(reviewed, by=desks.examiner, at=clock.now())
    again = seek(desks, reviewed)
    say(again, mayor)
    [row] = leg_rows(reviewed)
    assert row.consent == again
    assert LegConsent.objects.filter(application=reviewed).count() == 2
    decline(reviewed, ground="不再推荐（虚构）", by=desks.examiner, at=clock.now())
    assert Application.objects.get(pk=reviewed.pk).state == State.NOT_RECOMMENDED


def test_a_corrected_dossier_is_consented_to_again(desks, reviewed, mayor):
    say(seek(desks, reviewed), mayor)
    freeze(reviewed)
    desks.sign(reviewed, State.RECOMMENDATION_REVIEW, desks.examiner)
    with pytest.raises(StepRefused, match="是对补正前的材料出具的"):
        clear_review(reviewed, by=desks.examiner, at=clock.now())
    assert seek(desks, reviewed).dossier_version == 2


def test_a_request_left_open_is_not_answered_after_the_application_was_returned(desks, reviewed, mayor):
    consent = seek(desks, reviewed)
    return_for_correction(
        reviewed, stage=State.RECOMMENDATION_REVIEW, parts=["overview"], reason="补充（虚构）", by=desks.examiner,
        at=clock.now(),
    )  # fmt: skip
    with pytest.raises(DeskRefused, match="已不在待出具意见的环节"):
        say(consent, mayor)


def test_z17_3_the_paper_of_a_unit_without_a_desk_is_entered_by_the_recommender(desks, reviewed):
    consent = seek(desks, reviewed)
    assert consent.unit is None
    given = {"verdict": "consents", "consenter": "样例镇人民政府（虚构）", "decided_on": clock.today()}
    with pytest.raises(DeskRefused, match="请上传纸质意见的扫描件"):
        enter_consent(consent, **given, paper=None, by=desks.examiner, at=clock.now())
    entered = enter_consent(consent, **given, paper=stored_file("盖章页.pdf"), by=desks.examiner, at=clock.now())
    assert entered.consenter == "样例镇人民政府（虚构）"
    clear_review(reviewed, by=desks.examiner, at=clock.now())


def test_a_unit_with_a_desk_is_not_spoken_for(desks, reviewed, mayor):
    consent = seek(desks, reviewed)
    with pytest.raises(DeskRefused, match="由其自行出具意见"):
        enter_consent(
            consent, verdict="consents", consenter="甲（虚构）", decided_on=clock.today(), paper=stored_file("页.pdf"),
            by=desks.examiner, at=clock.now(),
        )  # fmt: skip


def test_z17_3_a_township_is_not_offered_to_applicants_as_a_recommender(desks, township, mayor):
    assert township not in recommending_units(desks.round)
    assert desks.recommender in recommending_units(desks.round)


# -- the pages ---------------------------------------------------------------------------------------------------------


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_the_consent_through_the_pages(desks, reviewed, mayor):
    recommender, town = signed_in(desks.examiner), signed_in(mayor)
    examine = reverse("applications:examine", args=[reviewed.public_id])
    assert "乡镇同意" in recommender.get(examine).content.decode()
    recommender.post(reverse("applications:seek_consent", args=[reviewed.public_id, LEG]))
    consent = LegConsent.objects.get()
    desk = town.get(reverse("applications:consents_desk")).content.decode()
    assert str(reviewed.organization) in desk
    page = reverse("applications:consent", args=[consent.public_id])
    shown = town.get(page).content.decode()
    assert "材料真实、完整，符合申报条件。" in shown
    refused = town.post(page, {"verdict": "refuses", "ground": ""})
    assert refused.status_code == 422
    assert "请写明理由" in refused.content.decode()
    answer = town.post(page, {"verdict": "consents", "ground": "", "paper": made_up_upload("盖章页")})
    assert answer.status_code == 302
    assert LegConsent.objects.get().is_given
    paper = reverse("applications:consent_paper", args=[consent.public_id])
    assert [one.get(paper).status_code for one in (town, recommender, signed_in(desks.stranger))] == [200, 200, 404]
    assert "同意推荐" in recommender.get(examine).content.decode()


def test_the_paper_is_entered_through_the_page(desks, reviewed):
    seek(desks, reviewed)
    recommender = signed_in(desks.examiner)
    page = reverse("applications:enter_consent", args=[reviewed.public_id, LEG])
    assert recommender.get(page).status_code == 200
    typed = {"verdict": "consents", "consenter": "样例镇人民政府（虚构）", "decided_on": "2026-03-09", "ground": ""}
    late = recommender.post(page, typed | {"paper": made_up_upload("盖章页")})
    assert "出具日期不能晚于今天" in late.content.decode()
    assert "样例镇人民政府（虚构）" in late.content.decode()
    done = recommender.post(page, typed | {"decided_on": "2026-03-02", "paper": made_up_upload("盖章页")})
    assert done.status_code == 302
    assert LegConsent.objects.get().is_given


def test_a_scheme_without_legs_shows_none(frozen, calendars):
    desks = build_desks()
    application = desks.application()
    desks.ready_to_pass(application)
    assert leg_rows(application) == []
    page = signed_in(desks.examiner).get(reverse("applications:examine", args=[application.public_id]))
    assert "推荐同意意见" not in page.content.decode()
    clear_review(application, by=desks.examiner, at=clock.now())
