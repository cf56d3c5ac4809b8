"""What applicants, stages and papers are called, in the words of the rulebook (section 9); builtins like `portal`."""

from __future__ import annotations

from typing import Any

from django import template

from awards.models import Round
from awards.parameters import rulebook_for
from awards.rulebook import Rulebook
from organizations.codes import shown_code as code_for_people

register = template.Library()

CODE = "统一社会信用代码"


@register.filter
def noun(of: Any) -> str:
    """What an application's applicant, or the applicants of a round or rulebook, are called by the rulebook."""
    return rulebook_for(of).noun if isinstance(of, Round) else of.noun


@register.filter
def stage_label(round: Round, state: str) -> str:
    """What the round's regulation calls a stage."""
    return rulebook_for(round).label(state)


@register.filter
def role_label(round: Round, role: str) -> str:
    """What the round's regulation calls somebody who takes part."""
    return rulebook_for(round).role(role)


@register.filter
def paper_label(round: Round, kind: str) -> str:
    """What the round's regulation calls a paper."""
    return rulebook_for(round).instrument(kind)


@register.filter
def code_heading(of: Rulebook | Round) -> str:
    """The heading of the column that tells applicants apart: a code, and for a person the employer (Y2)."""
    book = rulebook_for(of) if isinstance(of, Round) else of
    return f"{CODE}（个人为工作单位）" if book.admits_individuals else CODE


@register.filter
def shown_code(code: str) -> str:
    """A code of the ledger for people to read; what stands in its place for a person is never shown."""
    return code_for_people(code)
