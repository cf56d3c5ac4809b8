"""The rulebook: what a regulation requires, as one frozen document. See docs/rulebook.md."""

from .citations import chinese_number, cite_zh
from .document import Rulebook, canonical
from .overrides import refuse_value
from .parts import Attachment, Condition, FormField, Indicator, Section, Tier
from .process import Publicity, Review, Stage
from .reading import RulebookError, RulebookInvalid, load_rulebook
from .rows import OFFICE_SET, RuleRow
from .rubrics import Band, Rubric, RubricItem, Veto
from .states import END_STATES, STAGE_STATES
from .values import Grounded, Ruled, share

__all__ = [
    "END_STATES",
    "OFFICE_SET",
    "STAGE_STATES",
    "Attachment",
    "Band",
    "Condition",
    "FormField",
    "Grounded",
    "Indicator",
    "Publicity",
    "Review",
    "Rubric",
    "RubricItem",
    "RuleRow",
    "Rulebook",
    "RulebookError",
    "RulebookInvalid",
    "Ruled",
    "Section",
    "Stage",
    "Tier",
    "Veto",
    "canonical",
    "chinese_number",
    "cite_zh",
    "load_rulebook",
    "refuse_value",
    "share",
]  # fmt: skip
