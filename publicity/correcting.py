"""Correcting what a published notice says: by another notice that both pages link, never by rewriting (E1)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from applications.gates import Blocker
from applications.rules import on_duty
from award_portal.lib import clock
from awards.models import Round
from awards.parameters import rulebook_for
from awards.rounds import draft_note
from awards.workdays import date_zh
from documents.issuing import issue_document
from organizations.models import User

from .announcing import announce
from .models import Notice
from .opening import PublicityRefused

# what amends a notice, and the instrument it is issued as
INSTRUMENTS = {
    Notice.Kind.CORRECTION: "correction_of_notice",
    Notice.Kind.EXTENSION: "extension_notice",
    Notice.Kind.LIST_CHANGE: "list_change_notice",
}
AMENDING = tuple(INSTRUMENTS)


@transaction.atomic
def publish_correction(notice: Notice, *, wrong: str, right: str, ground: str = "", by: User, at: datetime) -> Notice:
    """Publish a 更正公告: what was wrong, what is right. The notice itself stays as it was and links to it.

    Raises PublicityRefused, and then nothing changed.
    """
    _, notice = lock_notice(notice)
    refused = correction_refusals(notice, wrong=wrong, right=right, by=by)
    if refused:
        raise PublicityRefused(refused)
    said = [("原文", wrong.strip()), ("更正为", right.strip())]
    text = f"原公告中“{wrong.strip()}”更正为“{right.strip()}”。"
    if ground.strip():
        said.append(("更正理由", ground.strip()))
        text += f"更正理由：{ground.strip()}"
    return amend_notice(notice, kind=Notice.Kind.CORRECTION, text=text, said=said, by=by, at=at)


def correction_refusals(notice: Notice, *, wrong: str, right: str, by: User) -> list[Blocker]:
    """Why this correction cannot be published: the page foresees with it, the door refuses with it."""
    if refused := not_of_issuer(notice, by):
        return refused
    if notice.kind in AMENDING:
        return [Blocker("更正公告、延期公告、名单变更公告有误的，请就原公告另行发布更正公告。")]
    if not wrong.strip():
        refused.append(Blocker("请写明原公告中有误的内容。"))
    if not right.strip():
        refused.append(Blocker("请写明更正后的内容。"))
    if wrong.strip() and wrong.strip() == right.strip():
        refused.append(Blocker("更正后的内容与原文相同，无须更正。"))
    return refused


def amend_notice(
    notice: Notice, *, kind: Notice.Kind, text: str, said: list[tuple[str, str]], by: User, at: datetime
) -> Notice:
    """Issue and announce what amends a notice. `said` are the lines its paper prints one by one."""
    round = notice.round
    book = rulebook_for(round)
    instrument = INSTRUMENTS[kind]
    label = book.instrument(instrument) if book.has_instrument(instrument) else kind.label
    title = f"关于“{notice.title}”的{label}"[:200]
    document = issue_document(
        instrument,
        title=title,
        template="publicity_correction.html",
        content={
            "title": title,
            "issuer": notice.issuer.name,
            "text": text,
            "said": [{"label": name, "text": value} for name, value in said],
            "amends": notice.title,
            "amends_on": date_zh(clock.day_of(notice.published_at)) if notice.published_at else "",
            "date": date_zh(clock.day_of(at)),
            "draft_note": draft_note(round),
        },
        scheme_key=round.scheme.key,
        chain=round.chain,
        subject=f"notice:{notice.public_id}",
        issuer=notice.issuer,
        is_public=True,
        by=by,
        at=at,
    )
    return announce(
        round, kind=kind, title=title, body=text, issuer=notice.issuer, by=by, at=at, document=document, amends=notice
    )


def lock_notice(notice: Notice) -> tuple[Round, Notice]:
    """Round first, then the notice, in the lock order of `applications.moves`."""
    round = Round.objects.select_for_update(of=("self",)).get(pk=notice.round.pk)
    locked = Notice.objects.select_for_update(of=("self",)).get(pk=notice.pk)
    return round, locked


def not_of_issuer(notice: Notice, by: User) -> list[Blocker]:
    if notice.published_at is None or not on_duty(by, notice.issuer, notice.round):
        return [Blocker("更正和延长由发布单位办理。")]
    return []
