"""The papers of a case: each says what was found, on what article, and what may be done against it by when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from award_portal.lib import clock
from awards.rounds import draft_note
from awards.workdays import date_zh
from documents.access import document_reader
from documents.issuing import issue_document
from documents.models import IssuedDocument
from organizations.models import User
from reviews.granting import issuing_body

from .case_door import book_for, chain_of, office_of, party_of, round_of, things_zh
from .case_rules import Consequence, revocation_word
from .models import Case

# what the party itself may read
TO_THE_PARTY = ("case_intended", "case_rectification", "case_recovery", "case_bar", "revocation")
# what who reported is told in the end
REPLY = "case_reply"


def paper_title(case: Case, kind: str) -> str:
    """The regulation's own name of a paper, or the desk's."""
    book, word = book_for(case), revocation_word(book_for(case))
    if book.has_instrument(kind):
        return book.instrument(kind)
    return {
        "case_intended": f"拟{word}告知书" if case.outcome == Case.Outcome.REVOKE else "拟处理告知书",
        "case_rectification": "限期改正通知书",
        "case_request": f"关于对{case.name}{word}的请示",
        "revocation": f"{word}决定",
        "case_recovery": f"交回{things_zh(case)}通知书",
        "case_bar": "不予受理申报决定书",
        REPLY: "情况通报办理结果告知书" if case.source == Case.Source.REGULATOR else "情况反映处理结果告知书",
    }[kind]


def issue_case_paper(
    case: Case, kind: str, *, lines: Sequence[str], by: User, at: datetime, to: str = "", is_public: bool = False,
    issuer: str = "", number: str = "", on: date | None = None,
) -> IssuedDocument:  # fmt: skip
    """Number a paper of the case and freeze its words; a decision bears the day it was made `on`."""
    office, round = office_of(case), round_of(case)
    title = paper_title(case, kind)
    return issue_document(
        kind,
        title=title,
        template="case_paper.html",
        content={
            "title": title,
            "to": to or case.name,
            "lines": list(lines),
            "issuer": issuer or (office.name if office else case.scheme.name),
            "document_number": number,
            "case_number": case.number,
            "date": date_zh(on or clock.day_of(at)),
            "draft_note": draft_note(round) if round else "",
            "contact": {"phone": office.phone if office else "", "address": office.address if office else ""},
            "with_contact": kind in ("case_intended", "case_rectification", "case_recovery", REPLY),
        },
        scheme_key=case.scheme.key,
        chain=chain_of(case),
        subject=case.subject,
        issuer=office,
        is_public=is_public,
        by=by,
        at=at,
    )


def found_zh(case: Case) -> str:
    """What was found, with the regulation's own word for taking an award away."""
    if case.outcome != Case.Outcome.REVOKE:
        return str(case.get_outcome_display())
    word = revocation_word(book_for(case))
    return word if case.decided_at and not case.kept_because else f"属实，拟{word}"


def what_follows(case: Case, found: Consequence) -> list[str]:
    """What a rule leads to, in the order of the articles: 取消奖励, 收回证书、奖牌, 追缴奖金, N年内不予受理其申报."""
    what = [revocation_word(book_for(case))] if found.revokes else []
    what += [f"收回{things_zh(case)}"] if found.recovers else []
    what += ["追缴奖金"] if found.claws_back else []
    return what + ([f"{found.years}年内不予受理其申报"] if found.years else [])


def you(case: Case) -> str:
    """How a paper speaks to the party: 你 to a person, 你单位 to an organisation (Y2)."""
    party = party_of(case)
    return "你" if party is not None and party.is_person else "你单位"


def sentence(text: str) -> str:
    """What somebody wrote, ended once."""
    text = text.strip()
    return text if text.endswith(tuple("。！？）")) else f"{text}。"


def deciding_body(case: Case) -> str:
    """Who takes an award away: who gave it (U20, B22, Y21)."""
    round, book = round_of(case), book_for(case)
    return issuing_body(round, "revocation") if round else book.approver.name


@document_reader
def reads_what_is_addressed_to_it(user: User, document: IssuedDocument) -> bool:
    """The party reads the papers it was sent, the desk that reported its answer."""
    if not document.subject.startswith("case:"):
        return False
    if document.kind in TO_THE_PARTY:
        reached = Case.objects.put_to(user)
    elif document.kind == REPLY:
        reached = Case.objects.told_by(user)
    else:
        return False
    return reached.filter(public_id=document.subject.removeprefix("case:")).exists()


def replies_to(cases: Sequence[Case]) -> dict[str, IssuedDocument]:
    """The written answers of several cases, by the case's subject."""
    papers = IssuedDocument.objects.filter(kind=REPLY, subject__in=[one.subject for one in cases])
    return {one.subject: one for one in papers}


def reply_of(case: Case) -> IssuedDocument | None:
    """The written answer to who reported, where there is one."""
    return IssuedDocument.objects.filter(kind=REPLY, subject=case.subject).first()
