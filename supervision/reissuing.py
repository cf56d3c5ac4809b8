"""遗失补发, 损毁补发, 更名换发: a certificate is issued anew on proof; the old number leads to the new one (U15, B29).

The ledger's line carries the new number. The old paper is void, its proof page says by what it was replaced, and the
new one says that it is a replacement.
"""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from applications.desk_rules import DeskRefused, require_text
from award_portal.lib import clock
from award_portal.lib.qr import qr_svg
from awards.models import Award, SupersededCertificate
from awards.parameters import rulebook_for
from awards.rounds import draft_note
from awards.workdays import date_zh
from documents.issuing import issue_document, next_number
from documents.models import IssuedDocument
from documents.voiding import void_document
from organizations import evidence
from organizations.messages import people_of, send_message
from organizations.models import StoredFile, User
from reviews.granting import issuing_body

from .duties import winners_of
from .models import CertificateReissue
from .watching import require_office, wins, works_at_office

Kind, State = CertificateReissue.Kind, CertificateReissue.State


def may_ask(user: User, award: Award) -> bool:
    return wins(user, award) or works_at_office(user, award)


@transaction.atomic
def ask_reissue(
    award: Award, *, kind: str, ground: str, new_name: str, proof: StoredFile, by: User, at: datetime
) -> CertificateReissue:
    """Asked by the winner or entered by the office, one at a time, with its ground and a proof."""
    award = Award.objects.select_for_update(of=("self",)).get(pk=award.pk)
    if not may_ask(by, award):
        raise DeskRefused.because("证书补换发由获奖者申请或者办公室登记。")
    if award.round is None or not award.certificate_number:
        raise DeskRefused.because("该证书不是本系统制发的，请向办公室书面申请。")
    if award.state == Award.State.REVOKED:
        raise DeskRefused.because("该奖励已经取消，不再补换发证书。")
    if CertificateReissue.objects.filter(award=award, state=State.ASKED).exists():
        raise DeskRefused.because("已有一份补换发申请正在办理。")
    new_name = new_name.strip()
    if kind == Kind.RENAMED and (not new_name or new_name == award.name):
        raise DeskRefused.because("更名换发的，请填写变更后的名称。已填内容已保留。")
    reissue = CertificateReissue.objects.create(
        award=award, kind=kind, ground=require_text(ground, "情况说明")[:500],
        new_name=new_name if kind == Kind.RENAMED else "", proof=proof, asked_by=by, asked_at=at,
    )  # fmt: skip
    _record("certificate.ask", reissue, by=by, at=at)
    send_message(
        people_of(award.round.office), subject=f"{award.name}申请{reissue.get_kind_display()}证书",
        url=reverse("supervision:reissue", args=[reissue.public_id]), at=at,
    )  # fmt: skip
    return reissue


@transaction.atomic
def refuse_reissue(reissue: CertificateReissue, *, because: str, by: User, at: datetime) -> CertificateReissue:
    """Not agreed to, with the reason; the certificate stands as it is."""
    reissue = _waiting(reissue, by)
    reissue.state, reissue.decision_note = State.REFUSED, require_text(because, "不同意的理由")[:300]
    reissue.decided_by, reissue.decided_at = by, at
    reissue.save(update_fields=["state", "decision_note", "decided_by", "decided_at"])
    _record("certificate.refuse", reissue, by=by, at=at)
    send_message(winners_of(reissue.award), subject="证书补换发未同意", body=reissue.decision_note, at=at)
    return reissue


@transaction.atomic
def issue_again(reissue: CertificateReissue, *, note: str = "", by: User, at: datetime) -> CertificateReissue:
    """The new certificate is issued with a number of its own; the old one is void and leads to it."""
    reissue = _waiting(reissue, by)
    award = (
        Award.objects.select_for_update(of=("self",))
        .select_related("round__scheme", "round__office")
        .get(pk=reissue.award_id)
    )
    if award.state == Award.State.REVOKED:
        raise DeskRefused.because("该奖励已经取消，不再补换发证书。")
    old = _standing_paper(award)
    reissue.old_number, reissue.old_name = award.certificate_number, award.name
    new_number = _next_number_of(award)
    SupersededCertificate.objects.create(
        award=award, number=award.certificate_number, replaced_by=new_number, name=award.name,
        reason=reissue.get_kind_display(), replaced_on=clock.day_of(at),
    )  # fmt: skip
    award.certificate_number, award.name = new_number, reissue.new_name or award.name
    award.save(update_fields=["certificate_number", "name"])
    if old is not None:
        void_document(old, because=f"{reissue.get_kind_display()}，新证书编号{new_number}", by=by, at=at)
    reissue.document = _issue(award, reissue, old, by=by, at=at)
    reissue.state, reissue.decision_note = State.ISSUED, note.strip()[:300]
    reissue.decided_by, reissue.decided_at = by, at
    reissue.save()
    _record("certificate.reissue", reissue, by=by, at=at)
    send_message(
        winners_of(award), subject=f"证书已{reissue.get_kind_display()}", body=f"新证书编号{new_number}", at=at
    )
    return reissue


def _waiting(reissue: CertificateReissue, by: User) -> CertificateReissue:
    require_office(by, reissue.award, "证书补换发")
    locked = CertificateReissue.objects.select_for_update(of=("self",)).select_related("award__scheme", "award__round")
    reissue = locked.get(pk=reissue.pk)
    if reissue.state != State.ASKED:
        raise DeskRefused.because("该申请已经办结。页面可能已过时，请刷新后再办。")
    return reissue


def _standing_paper(award: Award) -> IssuedDocument | None:
    papers = IssuedDocument.objects.filter(kind="certificate", subject=f"award:{award.public_id}", voided_at=None)
    return papers.order_by("-pk").first()


def _next_number_of(award: Award) -> str:
    """The first number with 补 and how many times: the place in the year's sequence stays the award's own."""
    first = award.superseded_certificates.order_by("pk").values_list("number", flat=True).first()
    base = first or award.certificate_number
    return f"{base}-B{next_number(f'certificate_again:{award.public_id}')}"


def _issue(
    award: Award, reissue: CertificateReissue, old: IssuedDocument | None, *, by: User, at: datetime
) -> IssuedDocument:
    """The certificate as it was, under its new number and name, with 补 or 换 and the old number on it."""
    round = award.round
    assert round is not None
    book = rulebook_for(round)
    address = settings.PUBLIC_BASE_URL + reverse("publicity:certificate", args=[award.certificate_number])
    content = {
        "title": book.instrument("certificate"),
        "issuer": issuing_body(round, "certificate"),
        "award_name": book.award_name,
        "person": award.organization.name if award.organization and award.organization.is_person else "",
        "employer": "",
        "tier": award.tier_name,
        "year": award.year,
        "decision_number": award.decision_number,
        "valid_until": date_zh(award.valid_until) if award.valid_until else "",
        "draft_note": draft_note(round),
        "date": date_zh(award.awarded_on),
    } | (dict(old.content) if old else {})
    content |= {
        "name": award.listed_name,
        "certificate_number": award.certificate_number, "check_url": address, "qr": qr_svg(address),
        "reissued": reissue.get_kind_display(), "old_number": reissue.old_number,
        "old_name": reissue.old_name if reissue.kind == Kind.RENAMED else "",
        "reissued_on": date_zh(clock.day_of(at)),
    }  # fmt: skip
    return issue_document(
        "certificate", title=f"{award.name}{award.tier_name}{book.instrument('certificate')}（补）",
        template="certificate.html", content=content, scheme_key=round.scheme.key, chain=round.chain,
        subject=f"award:{award.public_id}", issuer=round.office, is_public=True, by=by, at=at,
    )  # fmt: skip


def _record(verb: str, reissue: CertificateReissue, *, by: User, at: datetime) -> None:
    award = reissue.award
    chain = award.round.chain if award.round else evidence.SYSTEM_CHAIN
    data = {"kind": reissue.kind, "old": reissue.old_number, "reissue": str(reissue.public_id)}
    evidence.record(verb, chain=chain, by=by, subject=f"award:{award.public_id}", at=at, data=data)
