"""How an application stands, for whoever follows it: steps in the rulebook's order, the timeline, the task list."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.urls import reverse

from documents.models import IssuedDocument

from .filling import editable_parts
from .form_answers import Problem, answers_of, problems_of, section_status
from .models import Application
from .pipeline import ENDS, State, steps_of

GOOD = {State.AWARDED}


def steps_for(application: Application) -> list[dict[str, str]]:
    """The rulebook's stages with where the application is, or where it ended."""
    book = application.rulebook
    order = ["draft", *book.states]
    here = application.return_to or application.state
    passed = {one.from_state for one in application.steps.all()}
    ended = application.state in ENDS and application.state not in GOOD
    last = max((order.index(state) for state in passed if state in order), default=0)
    rows = []
    for position, state in enumerate(order):
        if application.state in GOOD:
            status = "done"
        elif ended:
            status = "stopped" if position == last else "done" if position < last else "skipped"
        elif state == here:
            status = "current"
        else:
            status = "done" if here in order and position < order.index(here) else "upcoming"
        rows.append({"label": book.label(state), "status": status})
    return rows


def timeline_for(application: Application) -> list[dict[str, Any]]:
    """Every step, newest first, by desk and never by name."""
    labels = {name: edges[0].custom["label"] for name, edges in steps_of(Application).items()}
    return [
        {
            "at": one.at,
            "what": f"{labels.get(one.step, one.step)}，转入“{application.rulebook.label(one.to_state)}”",
            "who": one.by_label,
            "ground": one.ground,
            "cite": one.cite,
            "tone": "red" if one.to_state in ENDS and one.to_state != State.AWARDED else "",
        }
        for one in sorted(application.steps.all(), key=lambda step: -step.pk)
    ]


def tasks_for(application: Application, *, at: datetime) -> tuple[list[dict[str, Any]], list[Problem]]:
    """The task list of the form, 未填 / 已填未完 / 已完成, and 需要补正 for what was returned."""
    problems = problems_of(application)
    answers = answers_of(application)
    marks = {one.section for one in application.answers.all() if one.is_secret}
    parts = editable_parts(application, at=at)
    book = application.rulebook
    attachment_keys = {one.key for one in book.form.attachments}
    tasks = []
    for section in book.form.sections:
        data = answers.get(section.key, {})
        if section.kind == "attachments":
            data = {one.key: True for one in application.attachments.all() if one.removed_at is None}
        status = section_status(section, data, problems=problems)
        returned = parts is not None and (
            section.key in parts or (section.kind == "attachments" and bool(parts & attachment_keys))
        )
        if returned:
            status = "returned"
        elif parts is not None and application.state == State.CORRECTION:
            status = "locked"
        tasks.append(
            {
                "title": section.title,
                "status": status,
                "hint": section.help or "",
                "cite": book.ground(section) if section.cite else "",
                "secret": section.key in marks,
                "url": reverse("applications:section", args=[application.public_id, section.key]),
            }
        )
    return tasks, problems


def documents_for(application: Application) -> list[IssuedDocument]:
    """The papers issued to this application."""
    return list(IssuedDocument.objects.filter(subject=f"application:{application.public_id}"))
