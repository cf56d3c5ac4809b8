"""Regulations made up for the tests."""

from functools import cache
from pathlib import Path


@cache
def yuntai_text() -> str:
    """The fifth scheme, of an invented city: another order, other lengths, other ways to decide."""
    return (Path(__file__).parent / "yuntai-1.yaml").read_text("utf-8")
