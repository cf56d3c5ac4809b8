"""Headings in the papers: `{% for line in title|lines:20 %}`."""

from django import template

from documents.headings import balanced_lines

register = template.Library()


@register.filter
def lines(text: object, width: int) -> list[str]:
    """The text in balanced lines of at most `width` characters of full width."""
    return balanced_lines(str(text), width=width)
