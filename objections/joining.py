"""The same objector on the same ground again: joined to the open case, with a receipt of its own (U12)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from award_portal.lib.crypto import digest_secret

from .casework import HandlingRefused
from .completing import take_completion
from .filing import keep_files, number_of_case, write_receipt
from .form_check import EVIDENCE, Uploads, files_refusal, text_lacks
from .models import JoinedFiling, Objection
from .pipeline import OPEN, State


def join_filing(
    case: Objection,
    *,
    fields: Mapping[str, str],
    files: Mapping[str, Uploads],
    text: str,
    lacks: list[tuple[str, str]],
    at: datetime,
) -> str:
    """Attach a second filing to the locked case and return the secret of its receipt; a whole one completes the case.

    Must run inside the transaction that locked the application and the case.
    """
    secret = secrets.token_urlsafe(24)
    joined = JoinedFiling.objects.create(
        objection=case,
        number=number_of_case(case.application, "YY", at=at),
        text=text.strip(),
        secret_digest=digest_secret(secret),
        filed_at=at,
    )
    keep_files(case, files, at=at, joined=joined)
    if case.state == State.INCOMPLETE and not lacks:
        take_completion(case, fields=fields, at=at)
        case.save()
    write_receipt(case, at=at, joined=joined)
    return secret


@transaction.atomic
def supplement(objection: Objection, *, text: str, files: Mapping[str, Uploads], at: datetime) -> JoinedFiling:
    """Whoever holds the receipt adds words and proofs to the case, until the finding."""
    case = Objection.objects.select_for_update(of=("self",)).get(pk=objection.pk)
    if case.state not in OPEN or case.state == State.INCOMPLETE:
        raise HandlingRefused(f"该异议现为“{case.get_state_display()}”，不能补充材料。")
    refused = [told for _, told in text_lacks(text)]
    refused += [told for told in [files_refusal(files[EVIDENCE])] if told] if files.get(EVIDENCE) else []
    if refused:
        raise HandlingRefused("".join(refused).replace("异议的事实和理由", "补充的内容"))
    join_filing(case, fields={}, files={EVIDENCE: files.get(EVIDENCE) or []}, text=text, lacks=[], at=at)
    return case.joined.latest("pk")
