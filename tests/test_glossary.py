"""docs/glossary.md names everything an official names: a new state, step, unit, notice or instrument needs a row."""

from __future__ import annotations

import re

import pytest
import yaml
from django.conf import settings

from applications.models import Application
from applications.pipeline import Owner, State, steps_of
from objections.models import Objection
from objections.pipeline import State as ObjectionState
from organizations.models import UnitKind
from publicity.models import Notice
from supervision.case_pipeline import CaseState
from supervision.discipline_pipeline import DisciplineState
from supervision.models import Case, DisciplineCase

SCHEMES = sorted((settings.BASE_DIR / "fixtures" / "schemes").glob("*.yaml"))
GLOSSARY = settings.BASE_DIR / "docs" / "glossary.md"


def sections(text: str) -> dict[str, list[tuple[str, ...]]]:
    """Heading → the rows of its table as cells, header and ruler left out."""
    found: dict[str, list[tuple[str, ...]]] = {}
    for part in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        heading, _, body = part.partition("\n")
        rows = [
            tuple(cell.strip() for cell in line.strip("|").split("|")) for line in body.splitlines() if line[:1] == "|"
        ]
        found[heading.split("（")[0].split(" (")[0].strip()] = rows[2:]
    return found


@pytest.fixture(scope="module")
def glossary() -> dict[str, list[tuple[str, ...]]]:
    return sections(GLOSSARY.read_text(encoding="utf-8"))


def pairs(rows: list[tuple[str, ...]]) -> set[tuple[str, str]]:
    return {(row[0], re.sub(r"^step |`", "", row[1])) for row in rows}


def test_every_state_has_its_row_with_its_chinese_name_and_no_other(glossary):
    assert pairs(glossary["States of an application"]) == {(state.label, state.value) for state in State}


def test_every_step_has_its_row_with_who_takes_it_and_its_gates(glossary):
    written = {(row[0], row[1].strip("`"), row[2], row[3].replace("`", "")) for row in glossary["Steps between them"]}
    assert written == {
        (custom["label"], name, Owner(custom["owner"]).label, ", ".join(custom["gates"]) or "—")
        for name, edges in steps_of(Application).items()
        for custom in [edges[0].custom]
    }


def test_every_kind_of_unit_has_its_row(glossary):
    assert pairs(glossary["Desks and units"]) >= {(kind.label, f"UnitKind.{kind.name}") for kind in UnitKind}


def test_every_kind_of_notice_has_its_row(glossary):
    assert pairs(glossary["Notices on the public site"]) == {(kind.label, kind.value) for kind in Notice.Kind}


@pytest.mark.parametrize("scheme", SCHEMES, ids=lambda path: path.stem)
def test_every_instrument_of_every_rulebook_has_its_row(glossary, scheme):
    instruments = yaml.safe_load(scheme.read_text(encoding="utf-8"))["instruments"]
    assert {one["key"] for one in instruments} <= {key for _, key in pairs(glossary["Instruments"])}


def test_the_instruments_of_the_first_rulebook_carry_its_words(glossary):
    instruments = yaml.safe_load((SCHEMES[0].parent / "urumqi-2025.yaml").read_text(encoding="utf-8"))["instruments"]
    assert {(one["label"], one["key"]) for one in instruments} <= pairs(glossary["Instruments"])


def test_every_state_and_step_of_an_objection_has_its_row(glossary):
    edges = Objection._meta.get_field("state").get_all_transitions(Objection)
    expected = {(state.label, state.value) for state in ObjectionState} | {
        (one.custom["label"], one.name) for one in edges
    }
    assert pairs(glossary["An objection"]) == expected


@pytest.mark.parametrize(
    ("model", "states", "heading"),
    [
        (Case, CaseState, "A case after the award"),
        (DisciplineCase, DisciplineState, "A report on staff or an expert"),
    ],
    ids=["case", "discipline"],
)
def test_every_state_and_step_of_supervision_has_its_row(glossary, model, states, heading):
    edges = model._meta.get_field("state").get_all_transitions(model)
    expected = {(state.label, state.value) for state in states} | {(one.custom["label"], one.name) for one in edges}
    assert pairs(glossary[heading]) == expected


def test_a_missing_row_would_show():
    assert sections("## Steps between them\n\n| 名称 | in code |\n|---|---|\n| 提交 | `submit` |\n") == {
        "Steps between them": [("提交", "`submit`")]
    }
