"""The ledger, certificates issued anew, and the public register (S1, S7, U15, B29, Z30)."""

from __future__ import annotations

import csv
import io
import uuid
from datetime import date

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from applications.desk_rules import DeskRefused
from award_portal.lib import clock
from awards.models import Award, SupersededCertificate
from documents.issuing import issue_document
from documents.models import IssuedDocument
from organizations.models import AuditRecord
from supervision.ledger import history_of
from supervision.models import CertificateReissue
from supervision.reissuing import ask_reissue, issue_again, refuse_reissue
from tests.factories import made_up_upload, make_user

from .builders import Honour, make_award
from .money_builders import paper


def browser(user=None) -> Client:
    client = Client()
    if user is not None:
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def certificate(honour: Honour) -> IssuedDocument:
    """The certificate as it was granted."""
    award = honour.award
    content = {"title": "证书", "name": award.name, "tier": award.tier_name, "certificate_number": "旧", "employer": ""}
    return issue_document(
        "certificate", title="证书", template="certificate.html", content=content, scheme_key="urumqi", chain="",
        subject=f"award:{award.public_id}", at=clock.now(), by=honour.officer, is_public=True,
    )  # fmt: skip


def ask(honour: Honour, **given) -> CertificateReissue:
    by = given.pop("by", honour.winner)
    values = {"kind": "lost", "ground": "搬迁中遗失（虚构）", "new_name": "", "proof": paper("声明", by)} | given
    return ask_reissue(honour.award, **values, by=by, at=clock.now())


def test_u15_a_lost_certificate_is_issued_anew_and_the_old_number_leads_to_it(honour):
    old, number = certificate(honour), honour.award.certificate_number
    reissue = issue_again(ask(honour), by=honour.officer, at=clock.now())
    award = Award.objects.get(pk=honour.award.pk)
    assert award.certificate_number == f"{number}-B1"
    assert reissue.document.content["reissued"] == "遗失补发"
    assert reissue.document.content["old_number"] == number
    old.refresh_from_db()
    assert old.voided_because == f"遗失补发，新证书编号{number}-B1"
    page = browser().get(reverse("publicity:certificate", args=[number]))
    shown = page.content.decode()
    assert (page.status_code, "该证书已由新证书代替" in shown, f"{number}-B1" in shown) == (200, True, True)
    fresh = browser().get(reverse("publicity:certificate", args=[f"{number}-B1"])).content.decode()
    assert "证书真实，荣誉有效" in fresh
    assert f'原编号 <span class="mono">{number}' in fresh
    # once more: the same number with the next count, and every old one leads to the newest
    issue_again(ask(honour), by=honour.officer, at=clock.now())
    assert Award.objects.get(pk=award.pk).certificate_number == f"{number}-B2"
    assert f"{number}-B2" in browser().get(reverse("publicity:certificate", args=[number])).content.decode()
    assert AuditRecord.objects.filter(verb="certificate.reissue").count() == 2


def test_a_renamed_winner_has_the_new_name_everywhere_and_the_old_one_is_still_found(honour):
    certificate(honour)
    old_name = honour.award.name
    with pytest.raises(DeskRefused, match="变更后的名称"):
        ask(honour, kind="renamed", new_name=old_name)
    reissue = issue_again(ask(honour, kind="renamed", new_name="样例新名称（虚构）"), by=honour.officer, at=clock.now())
    award = Award.objects.get(pk=honour.award.pk)
    assert award.name == "样例新名称（虚构）"
    assert reissue.document.content["old_name"] == old_name
    assert SupersededCertificate.objects.get().name == old_name
    found = browser(honour.officer).get(reverse("supervision:ledger"), {"name": old_name}).context["rows"]
    assert [one.name for one, _, _ in found] == ["样例新名称（虚构）"]
    assert any("由“" in entry.text for entry in history_of(award, clock.today()))


def test_a_reissue_is_asked_by_the_winner_or_the_office_one_at_a_time_and_decided_by_the_office(honour):
    for stranger in (honour.clerk, honour.supervisor, make_user()):
        with pytest.raises(DeskRefused, match="由获奖者申请"):
            ask(honour, by=stranger)
    reissue = ask(honour)
    with pytest.raises(DeskRefused, match="正在办理"):
        ask(honour, by=honour.officer)
    with pytest.raises(DeskRefused, match="由办公室办理"):
        issue_again(reissue, by=honour.winner, at=clock.now())
    with pytest.raises(DeskRefused, match="不同意的理由"):
        refuse_reissue(reissue, because="", by=honour.officer, at=clock.now())
    assert refuse_reissue(reissue, because="未见遗失声明", by=honour.officer, at=clock.now()).state == "refused"
    with pytest.raises(DeskRefused, match="已经办结"):
        issue_again(reissue, by=honour.officer, at=clock.now())
    Award.objects.filter(pk=honour.award.pk).update(state="revoked", revoked_on=date(2026, 3, 2))
    with pytest.raises(DeskRefused, match="已经取消"):
        ask(honour)


def test_the_pages_of_a_reissue_keep_what_was_typed_and_lead_to_the_new_certificate(honour):
    certificate(honour)
    winner, office = browser(honour.winner), browser(honour.officer)
    address = reverse("supervision:ask_reissue", args=[honour.award.public_id])
    typed = {"kind": "renamed", "ground": "不应丢失的说明", "new_name": "", "form_key": str(uuid.uuid4())}
    answer = winner.post(address, typed | {"proof": made_up_upload("变更登记")})
    assert (answer.status_code, "不应丢失的说明" in answer.content.decode()) == (422, True)
    right = typed | {"new_name": "样例新名称（虚构）", "proof": made_up_upload("变更登记")}
    assert winner.post(address, right).status_code == 302
    one = CertificateReissue.objects.get()
    page = reverse("supervision:reissue", args=[one.public_id])
    assert "签发新证书" not in winner.get(page).content.decode()
    assert winner.post(page, {"act": "issue"}).status_code == 404
    assert "更名换发" in office.get(reverse("supervision:ledger")).content.decode()
    assert office.post(page, {"act": "refuse", "note": ""}).status_code == 422
    assert office.post(page, {"act": "issue", "note": "", "form_key": str(uuid.uuid4())}).status_code == 302
    shown = office.get(reverse("supervision:ledger_award", args=[honour.award.public_id])).content.decode()
    assert "已作废" in shown
    assert "由“" in shown
    assert browser(honour.clerk).get(page).status_code == 404


def test_s7_the_ledger_is_filtered_and_exported_and_shows_an_honour_that_ran_out(honour):
    make_award(honour.round, year=2020, awarded_on=date(2020, 5, 1), valid_until=date(2025, 5, 1), tier_name="提名")
    make_award(
        honour.round, year=2019, awarded_on=date(2019, 5, 1), state="revoked", revoked_on=date(2021, 1, 8),
        revocation_number="样政发〔2021〕1号",
    )  # fmt: skip
    office = browser(honour.officer)
    address = reverse("supervision:ledger")

    def years(**asked) -> list[int]:
        return [one.year for one, _, _ in office.get(address, asked).context["rows"]]

    assert years() == [2026, 2020, 2019]
    assert years(state="granted") == [2026]
    assert years(state="expired") == [2020]
    assert years(state="revoked") == [2019]
    assert years(tier="提名") == [2020]
    assert years(year="2019") == [2019]
    assert years(name=honour.award.code.lower()) == [2026]
    assert years(year="昨天", name="\x00") == [2026, 2020, 2019]
    rows = list(openpyxl.load_workbook(io.BytesIO(office.get(address, {"format": "xlsx"}).content)).active.values)
    assert [row[12] for row in rows[1:]] == ["有效", "期满", "已取消"]
    assert rows[3][14] == "样政发〔2021〕1号"
    assert browser(honour.winner).get(address).status_code == 403


def test_s7_the_public_register_shows_the_decision_that_took_an_award_back_and_is_taken_away(honour):
    make_award(
        honour.round, name="=1+1（虚构）", year=2019, awarded_on=date(2019, 5, 1), state="revoked",
        revoked_on=date(2021, 1, 8), revocation_number="样政发〔2021〕1号", revoked_ground="举报人样例甲反映",
    )  # fmt: skip
    address = reverse("publicity:register")
    shown = browser().get(address, {"state": "revoked"}).content.decode()
    assert "2021年1月8日" in shown
    assert "样政发〔2021〕1号" in shown
    assert "样例甲" not in shown
    assert "state=revoked&amp;format=csv" in shown
    file = browser().get(address, {"state": "revoked", "format": "csv"})
    rows = list(csv.reader(io.StringIO(file.content.decode("utf-8-sig"))))
    assert (len(rows), rows[1][0], rows[1][-1]) == (2, "'=1+1（虚构）", "样政发〔2021〕1号")
    book = openpyxl.load_workbook(io.BytesIO(browser().get(address, {"format": "xlsx"}).content))
    assert [row[0] for row in book.active.values][1:] == [honour.award.name, "=1+1（虚构）"]


def test_y2_of_a_person_stands_the_name_that_was_published_and_nothing_else(honour):
    key = "P0123456789ABCDEF0"
    award, _ = make_award(honour.round, name="样例单位 样例甲", code=key)
    for query in ({}, {"format": "csv"}):
        shown = browser().get(reverse("publicity:register"), query).content.decode()
        assert award.name in shown
        assert key not in shown
