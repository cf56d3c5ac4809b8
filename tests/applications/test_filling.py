"""Filling in the form: kept as typed, prefilled with what is known, never silently cut (R5)."""

from __future__ import annotations

import pytest

from applications.filling import LONGEST_TEXT, FillingRefused, StaleAnswer, attach_file, mark_secret, save_section
from applications.form_answers import parse_number, problems_of
from applications.form_spec import proofs_of
from applications.models import Application
from applications.personal import told as all_told
from award_portal.lib import clock
from organizations.files import UploadRefused
from tests.factories import fill_application, made_up_upload, make_draft, make_organization, make_round, make_unit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen", "calendars")]


@pytest.fixture
def draft() -> Application:
    return make_draft()


def save(application: Application, key: str, *, version: int | None = None, **data):
    stored = application.answers.filter(section=key).first()
    version = version or (stored.version if stored else 1)
    return save_section(application, key, data, version=version, by=application.created_by, at=clock.now())


def told(application: Application) -> str:
    return "".join(one.text for one in problems_of(Application.objects.get(pk=application.pk)))


def test_a_filled_form_lacks_nothing(draft) -> None:
    fill_application(draft)
    assert problems_of(draft) == []


def test_a_new_draft_begins_with_the_registered_organisation_and_the_last_profile(draft) -> None:
    fill_application(draft)
    unit = draft.recommender
    later = make_draft(make_round(), organization=draft.organization, by=draft.created_by)
    profile = all_told(later.answers.get(section="profile"))
    assert profile["code"] == draft.organization.code
    assert profile["contact_phone"] == all_told(draft.answers.get(section="profile"))["contact_phone"]
    assert later.recommender_id == unit.pk
    assert later.answers.filter(section="overview").count() == 0


def test_a_save_that_changes_nothing_keeps_the_version(draft) -> None:
    first = save(draft, "overview", model="甲")
    assert save(draft, "overview", model="甲").version == first.version


def test_every_save_raises_the_applications_version(draft) -> None:
    before = Application.objects.get(pk=draft.pk).version
    save(draft, "overview", model="甲")
    save(draft, "profile", address="样例路2号")
    assert Application.objects.get(pk=draft.pk).version == before + 2


def test_an_old_version_with_another_text_is_stale_and_changes_nothing(draft) -> None:
    save(draft, "overview", model="甲")
    with pytest.raises(StaleAnswer) as stale:
        save(draft, "overview", version=1, model="乙")
    assert (stale.value.theirs, stale.value.version) == ({"model": "甲"}, 2)
    assert draft.answers.get(section="overview").data == {"model": "甲"}


def test_text_too_long_to_keep_is_refused_whole_and_never_cut(draft) -> None:
    save(draft, "overview", model="甲")
    with pytest.raises(FillingRefused, match="所填内容仍在页面上"):
        save(draft, "overview", model="长" * (LONGEST_TEXT + 1))
    assert draft.answers.get(section="overview").data == {"model": "甲"}


def test_a_null_character_does_not_break_saving(draft) -> None:
    assert save(draft, "overview", model="甲\x00乙\r\n丙").data["model"] == "甲乙\n丙"


def test_a_section_over_its_total_limit_is_told_with_both_lengths(draft) -> None:
    save(draft, "overview", model="甲" * 1500, results="乙" * 1000, diffusion="丙" * 501)
    assert "“质量工作概述”共3001字，超过3000字" in told(draft)


def test_a_recommender_of_another_scheme_is_no_choice(draft) -> None:
    foreign = make_unit("recommender")
    foreign.scheme_key = "elsewhere"
    foreign.save()
    save(draft, "profile", recommender=str(foreign.public_id))
    assert "审核推荐单位请从所列单位中选择" in told(draft)
    assert Application.objects.get(pk=draft.pk).recommender is None


def test_u2_the_code_is_the_verified_organisations(draft) -> None:
    save(draft, "profile", code=make_organization().code)
    assert f"统一社会信用代码与已核验的授权不一致（{draft.organization.code}）" in told(draft)


@pytest.mark.parametrize(
    ("text", "is_number"),
    [("1,234.5", True), ("-3.2", True), ("0", True), ("约三千", False), ("1e9", False), ("NaN", False),
     ("12 万", False), ("Infinity", False), ("9" * 16, False), ("1.2.3", False)],
)  # fmt: skip
def test_what_counts_as_a_number(text: str, is_number: bool) -> None:
    assert (parse_number(text) is not None) is is_number


def test_only_sections_and_materials_that_may_hold_secrets_are_marked(draft) -> None:
    by, at = draft.created_by, clock.now()
    with pytest.raises(FillingRefused, match="“组织概况”不属于可以注明商业秘密的部分"):
        mark_secret(draft, "profile", is_secret=True, reason="全部", by=by, at=at)
    with pytest.raises(FillingRefused, match="不属于可以注明商业秘密的材料"):
        attach_file(draft, "licence", made_up_upload("执照"), is_secret=True, by=by, at=at)
    assert draft.attachments.count() == 0


def test_a_refused_upload_keeps_nothing(draft) -> None:
    upload = made_up_upload("执照")
    upload.name = "执照.exe"
    with pytest.raises(UploadRefused):
        attach_file(draft, "licence", upload, by=draft.created_by, at=clock.now())
    assert draft.attachments.count() == 0


def test_u9_each_condition_that_asks_for_a_proof_names_the_material_of_its_article(draft) -> None:
    book = draft.rulebook
    proofs = {one.key: [proof.key for proof in proofs_of(book, one)] for one in book.eligibility.conditions}
    assert proofs["clean_record"] == ["credit_report"]
    assert proofs["subject"] == ["licence"]
    assert proofs["quality_system"] == ["system_certificates"]
    assert proofs["party_line"] == []
