"""What the machine finds, on the pages: bars before anything is typed, and lines of credit lists at the desk (R6)."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from applications.checking import check_by_machine
from applications.models import Application, Finding
from applications.pipeline import State
from award_portal.lib import clock
from awards.models import Award, Ban, ListedEntity, NameMatch
from organizations.models import AuditRecord
from tests.applications.desk_builders import Desks, build_desks
from tests.factories import make_claim, make_organization, make_round, valid_uscc

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen", "calendars")]
REVIEW = State.RECOMMENDATION_REVIEW


@pytest.fixture
def desks() -> Desks:
    return build_desks()


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def text_of(response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def ban(round, code: str) -> None:
    Ban.objects.create(
        scheme=round.scheme, name="样例（虚构）", code=code, rule="false_materials", ground="提供虚假材料", cite="20",
        starts_on=date(2025, 1, 1), ends_on=date(2030, 1, 1), decided_by="样例办公室",
    )  # fmt: skip


def test_u16_u20_a_barred_and_a_banned_applicant_read_until_when_before_anything_is_typed() -> None:
    round, winner, liar = make_round(), make_organization(), make_organization()
    user = make_claim(winner)
    make_claim(liar, user=user)
    Award.objects.create(
        scheme=round.scheme, name=winner.name, code=winner.code, tier="main", tier_name="质量奖", year=2024,
        awarded_on=date(2024, 6, 30),
    )  # fmt: skip
    ban(round, liar.code)
    page = signed_in(user).get(reverse("applications:start", args=[round.public_id]))
    assert "2029年6月30日起方可申报" in text_of(page)
    assert "2030年1月1日起方可申报" in text_of(page)
    assert "现在还不能开始填报" in text_of(page)
    make_claim(make_organization(), user=user)
    page = signed_in(user).get(reverse("applications:start", args=[round.public_id]))
    assert "2030年1月1日起方可申报" in text_of(page)
    assert "现在还不能开始填报" not in text_of(page)


def test_u9_2_the_day_the_years_are_reached_and_the_cut_off_are_shown_at_the_start() -> None:
    round, organization = make_round(), make_organization(founded_on=date(2022, 6, 1))
    page = signed_in(make_claim(organization)).get(reverse("applications:start", args=[round.public_id]))
    assert "计算至2026年5月15日" in text_of(page)
    assert "年限不足，2027年6月1日起方可申报" in text_of(page)
    assert "年限已达到（2025年6月1日已满）" in text_of(page)


# -- the desk ----------------------------------------------------------------------------------------------------------


def listed(application: Application, name: str, **given) -> ListedEntity:
    for listing in ("abnormal", "serious"):
        ListedEntity.objects.create(
            scheme=application.round.scheme, listing=listing, name="样例他人（虚构）", code=valid_uscc(9001),
            imported_at=clock.now(),
        )  # fmt: skip
    values = {"listing": "serious", "listed_on": date(2025, 7, 1), "imported_at": clock.now()} | given
    return ListedEntity.objects.create(scheme=application.round.scheme, name=name, **values)


def finding(application: Application, desks: Desks) -> Finding:
    check_by_machine(application, stage=REVIEW, by=desks.examiner, at=clock.now())
    return application.findings.get(check_name="listed")


def decide(desks: Desks, application: Application, line: ListedEntity, verdict: str, reason: str = "查照执照"):
    place = reverse("applications:listed_matches", args=[application.public_id])
    data = {"line": line.pk, f"line-{line.pk}-verdict": verdict, f"line-{line.pk}-reason": reason}
    return signed_in(desks.examiner).post(place, data)


def near_name(application: Application) -> str:
    return application.organization.name.replace("（", "(").replace("）", ")").replace("有限公司", "有限责任公司")


def test_u11_3_a_name_written_another_way_is_decided_at_the_desk_and_not_asked_again(desks: Desks) -> None:
    application = desks.application()
    line = listed(application, near_name(application))
    found = finding(application, desks)
    assert found.result == Finding.Result.DOUBT
    assert "严重违法失信企业名单" in found.text
    assert "2025年7月1日列入" in found.text
    page = signed_in(desks.examiner).get(reverse("applications:listed_matches", args=[application.public_id]))
    assert line.name in text_of(page)
    assert "名称仅写法不同" in text_of(page)
    assert decide(desks, application, line, "other", reason="").status_code == 422
    assert not NameMatch.objects.exists()
    assert decide(desks, application, line, "other").status_code == 302
    found.refresh_from_db()
    assert (found.result, "1条已判定不是同一单位" in found.text) == (Finding.Result.CLEAR, True)
    assert AuditRecord.objects.filter(verb="listed.decide").count() == 1
    # the next file brings the same line again
    line.delete()
    listed(application, near_name(application))
    assert finding(application, desks).result == Finding.Result.CLEAR


def test_u11_3_a_line_decided_to_be_the_applicant_is_a_stop_until_it_is_removed(desks: Desks) -> None:
    application = desks.application()
    line = listed(application, near_name(application))
    decide(desks, application, line, "same")
    found = finding(application, desks)
    assert (found.result, "经判定是同一单位" in found.text) == (Finding.Result.STOP, True)
    ListedEntity.objects.filter(pk=line.pk).update(removed_on=clock.today())
    assert finding(application, desks).result == Finding.Result.CLEAR


def test_a_line_of_a_list_imported_anew_meanwhile_is_not_decided(desks: Desks) -> None:
    application = desks.application()
    line = listed(application, near_name(application))
    pk = line.pk
    line.delete()
    line.pk = pk
    answer = decide(desks, application, line, "other")
    assert answer.status_code == 302
    assert not NameMatch.objects.exists()


def test_only_the_desk_the_application_is_on_decides(desks: Desks) -> None:
    application = desks.application()
    line = listed(application, near_name(application))
    place = reverse("applications:listed_matches", args=[application.public_id])
    data = {"line": line.pk, f"line-{line.pk}-verdict": "other", f"line-{line.pk}-reason": "查照"}
    assert signed_in(desks.stranger).post(place, data).status_code == 404
    answer = signed_in(desks.officer).post(place, data)
    assert answer.status_code == 422
    assert "不在本单位办理" in text_of(answer) or "不能办理" in text_of(answer)
    assert not NameMatch.objects.exists()
