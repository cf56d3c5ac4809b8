"""Small builders for the tests of the desks: a published round, its units, and a submitted application."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import yaml
from django.conf import settings
from django.core.files.base import ContentFile

from applications.checking import check_by_machine
from applications.checklists import save_checklist, sign_checklist
from applications.consulting import note_missing_reply, reply, send_letters
from applications.models import Application, Dossier, Finding
from applications.pipeline import State
from applications.settling import settle_finding
from award_portal.lib import clock
from awards.models import Round
from awards.schemes import load_scheme
from organizations.models import Claim, Membership, Organization, StoredFile, Unit, User

URUMQI = Path(settings.BASE_DIR) / "fixtures" / "schemes" / "urumqi-2025.yaml"
CODES = [f"9165010000000{number:04d}X" for number in range(100, 200)]


@cache
def urumqi_text() -> str:
    return URUMQI.read_text("utf-8")


def scheme_text(change: Callable[[dict], None]) -> str:
    """The same scheme changed: `change` gets its plain data."""
    data = yaml.safe_load(urumqi_text())
    change(data)
    return yaml.safe_dump(data, allow_unicode=True, sort_keys=False)


def stage_of(data: dict, state: str) -> dict:
    return next(one for one in data["stages"] if one["state"] == state)


@dataclass
class Desks:
    """Everybody of one made-up round."""

    round: Round
    office: Unit
    recommender: Unit
    other_recommender: Unit
    tax: Unit
    safety: Unit
    officer: User
    examiner: User
    stranger: User
    tax_clerk: User
    safety_clerk: User
    count: int = 0

    @property
    def scheme_key(self) -> str:
        return self.round.scheme.key

    def application(
        self, state: str = State.RECOMMENDATION_REVIEW, organization: Organization | None = None, **given
    ) -> Application:
        """A submitted application with a frozen dossier, on the desk of `state`."""
        self.count += 1
        at = clock.now()
        organization = organization or Organization.objects.create(
            code=CODES[self.count], name=f"虚构{self.count}号装备有限公司", district="天山区", registered_at=at
        )
        values = {
            "applicant_kind": "legal_person", "category": "general", "industry": "制造业", "district": "天山区",
            "recommender": self.recommender,
        } | given  # fmt: skip
        applicant = person(f"applicant{self.count}")
        Claim.objects.create(
            user=applicant, organization=organization, scheme_key=self.scheme_key, letter=stored_file("授权书.pdf"),
            state=Claim.State.VERIFIED, requested_at=at, decided_at=at, decided_by=self.officer,
        )  # fmt: skip
        application = Application.objects.create(
            number=f"{self.scheme_key.upper()}-2026-{self.count:04d}", round=self.round, organization=organization,
            created_by=applicant, created_at=at, submitted_at=at, state=state, **values,
        )  # fmt: skip
        freeze(application)
        return application

    def applicant_of(self, application: Application) -> User:
        return application.created_by

    def clear_findings(self, application: Application, stage: str, by: User) -> None:
        for finding in check_by_machine(application, stage=stage, by=by, at=clock.now()):
            if finding.result != Finding.Result.CLEAR:
                settle_finding(
                    finding, settled_as="clear", note="查阅营业执照原件，成立已满五年", by=by, at=clock.now()
                )

    def consult_and_clear(self, application: Application, stage: str, by: User) -> None:
        if application.rulebook.consultation(stage) is None:
            return
        sender = self.office if stage == State.QUALIFICATION else self.recommender
        letters = send_letters(
            self.round, stage=stage, sender=sender, departments=[self.tax], applications=[application],
            by=by, at=clock.now(),
        )  # fmt: skip
        reply(letters[0], {application.pk: ("clear", "")}, by=self.tax_clerk, at=clock.now())

    def sign(self, application: Application, stage: str, by: User, **verdicts: str) -> None:
        """Save every item as meeting the article but for `verdicts`, and sign."""
        items = {
            one.key: {"verdict": verdicts.get(one.key, "meets"), "note": "已核对原件"}
            for one in application.rulebook.stage(stage).checklist
        }
        names = {
            "examiner": "甲审",
            "reviewer": "乙核",
            "approver": "丙批",
            "opinion": "材料真实、完整，符合申报条件。",
        }
        save_checklist(application, stage=stage, items=items, by=by, at=clock.now())
        sign_checklist(application, stage=stage, **names, by=by, at=clock.now())

    def ready_to_pass(self, application: Application, stage: str = State.RECOMMENDATION_REVIEW) -> None:
        by = self.officer if stage == State.QUALIFICATION else self.examiner
        self.clear_findings(application, stage, by)
        self.consult_and_clear(application, stage, by)
        self.sign(application, stage, by)


def build_desks(edition_text: str = "") -> Desks:
    at = clock.now()
    edition = load_scheme(edition_text or urumqi_text(), at=at)
    office = unit("office", "乌鲁木齐市质量强市办公室（示例）")
    units = {
        "recommender": unit("recommender", "天山区市场监督管理局（示例）", recommender_key="district_regulator"),
        "other_recommender": unit("recommender", "米东区市场监督管理局（示例）", recommender_key="district_regulator"),
        "tax": unit("consulted", "市税务局（示例）"),
        "safety": unit("consulted", "市应急管理局（示例）"),
    }
    round = Round.objects.create(
        scheme=edition.scheme, edition=edition, office=office, year=2026, ordinal=1,
        title="2026年乌鲁木齐市政府质量奖", opens_at=clock.at(date(2026, 2, 2)),
        closes_at=clock.at(date(2026, 3, 2), 8),
        recommendation_due_on=date(2026, 4, 30), published_at=clock.at(date(2026, 2, 2)), prepared_at=at,
        criteria_approval="领导小组会议（示例）", criteria_approved_on=date(2026, 1, 20),
    )  # fmt: skip
    people = {
        "officer": worker("officer", office),
        "examiner": worker("examiner", units["recommender"]),
        "stranger": worker("stranger", units["other_recommender"]),
        "tax_clerk": worker("tax_clerk", units["tax"]),
        "safety_clerk": worker("safety_clerk", units["safety"]),
    }
    return Desks(round=round, office=office, **units, **people)


def unit(kind: str, name: str, **given) -> Unit:
    return Unit.objects.create(
        scheme_key="urumqi", kind=kind, name=name, phone="0991-0000000", address="示例路1号", **given
    )


def person(username: str) -> User:
    return User.objects.create_user(username=username, display_name=f"示例{username}")


def worker(username: str, place: Unit) -> User:
    user = person(username)
    Membership.objects.create(user=user, unit=place, started_at=clock.now())
    return user


def stored_file(name: str) -> StoredFile:
    content = b"%PDF-1.4 made up"
    stored = StoredFile(
        purpose="attachment", original_name=name, extension="pdf", content_type="application/pdf", size=len(content),
        sha256=hashlib.sha256(content).hexdigest(), uploaded_at=clock.now(),
    )  # fmt: skip
    stored.content.save("made-up.pdf", ContentFile(content), save=False)
    stored.save()
    return stored


def freeze(application: Application) -> Dossier:
    """The next version of a small dossier: the overview and the audit reports are marked as trade secrets."""
    version = application.dossiers.count() + 1
    content = {
        "sections": {
            "eligibility": {"data": {"subject": True, "clean_record": True}, "is_secret": False, "secret_reason": ""},
            "profile": {
                "data": {
                    "name": application.organization.name,
                    "category": "general",
                    "employees": 120,
                    "legal_representative": "样例负责人",
                    "contact_name": "样例联系人",
                    "contact_phone": "0991-5550101",
                    "contact_email": "sample@example.invalid",
                },
                "is_secret": False,
                "secret_reason": "",
            },
            "overview": {
                "data": {"model": "三全质量管理模式的核心参数", "results": "一次交验合格率提升"},
                "is_secret": True,
                "secret_reason": "含工艺参数",
            },
        },
        "attachments": [
            frozen_file("licence", "营业执照.pdf"),
            frozen_file("audit_reports", "审计报告.pdf", secret=True),
        ],
        "self_publicity": {},
    }
    return Dossier.objects.create(
        application=application, version=version, content=content, sha256=f"{version:064d}", frozen_at=clock.now()
    )


def frozen_file(key: str, name: str, *, secret: bool = False) -> dict:
    stored = stored_file(name)
    return {
        "key": key, "file": str(stored.public_id), "name": name, "size": stored.size, "sha256": stored.sha256,
        "is_secret": secret,
    }  # fmt: skip


__all__ = ["Desks", "build_desks", "freeze", "note_missing_reply", "person", "unit", "worker"]
