"""The pages of objections, one file a desk."""

from .cases import act, case, cases, identity, paper
from .explanations import explain, explanations
from .filing import file
from .investigation import answer_paper
from .receipt import receipt, reply_paper

__all__ = [
    "act", "answer_paper", "case", "cases", "explain", "explanations", "file", "identity", "paper", "receipt",
    "reply_paper",
]  # fmt: skip
