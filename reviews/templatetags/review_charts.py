"""The review report's figures as drawings: `{% histogram one %}`, `{% profile stage %}`; see `reviews/charts.py`."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.safestring import SafeString

from ..charts import Column, Pair, Share, draw_funnel, draw_histogram, draw_pairs, draw_profile

register = template.Library()


@register.simple_tag
def histogram(distribution: dict[str, Any]) -> SafeString:
    columns = [Column(one["label"], one["count"]) for one in distribution["columns"]]
    return draw_histogram(columns, title=f"{distribution['label']}得分率分布（横轴：得分率%，纵轴：个数）")


@register.simple_tag
def profile(stage: dict[str, Any], name: str = "") -> SafeString:
    rows = [Share(one["title"], float(one["percent"]), float(one["median"])) for one in stage["rows"]]
    return draw_profile(rows, title=f"{name}{stage['label']}各项得分率，竖线为中位值")


@register.simple_tag
def funnel(rows: list[dict[str, Any]]) -> SafeString:
    return draw_funnel([(one["label"], one["count"]) for one in rows], title="各环节数量")


@register.simple_tag
def pairs(rows: list[dict[str, Any]], title: str) -> SafeString:
    return draw_pairs(
        [Pair(one["label"], one["all"], one["some"]) for one in rows], title=title, all="申报", some="候选"
    )
