"""`manage.py pipeline_diagram`: draws docs/pipeline.svg from the code; `--check` fails when it is stale."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import graphviz
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from applications.models import Application
from applications.pipeline import DESK, ENDS, Owner, State, steps_of

COLOURS = {
    Owner.APPLICANT: "#e3eefb",
    Owner.RECOMMENDER: "#e6f4ea",
    Owner.OFFICE: "#fdf3dc",
    Owner.LEADING_BODY: "#f3e8fb",
    Owner.GOVERNMENT: "#fbe6e3",
    Owner.NOBODY: "#eeeeee",
}
# They lead out of every active state: drawn once, as a note, or nothing else could be read.
EVERYWHERE = ("withdraw", "disqualify")


class Command(BaseCommand):
    help = "draw docs/pipeline.svg (and its text docs/pipeline.dot) from applications/pipeline.py"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="fail when the committed text is stale")

    def handle(self, *args: Any, **options: Any) -> None:
        graph = draw()
        path = Path(settings.BASE_DIR) / "docs" / "pipeline.dot"
        if options["check"]:
            if not path.exists() or path.read_text("utf-8") != graph.source:
                raise CommandError("docs/pipeline.dot is stale: run `make docs`")
            return
        path.write_text(graph.source, "utf-8")
        path.with_suffix(".svg").write_bytes(graph.pipe(format="svg"))
        self.stdout.write(f"{path.with_suffix('.svg')}")


def draw() -> graphviz.Digraph:
    """The graph of every edge; several steps between the same two states share one arrow."""
    graph = graphviz.Digraph("pipeline")
    graph.attr(rankdir="TB", fontname="Noto Sans CJK SC", label="withdraw、disqualify 可自各在办状态引出，此处不画")
    graph.attr("node", shape="box", style="rounded,filled", fontname="Noto Sans CJK SC", fontsize="11")
    graph.attr("edge", fontname="Noto Sans CJK SC", fontsize="9", color="#555555")
    for state in State:
        owner = DESK[state]
        label = f"{state.label}\n{state.value}"
        graph.node(state.value, label, fillcolor=COLOURS[owner], penwidth="2" if state in ENDS else "1")
    labels: dict[tuple[str, str], list[str]] = {}
    for name, edges in sorted(steps_of(Application).items()):
        if name in EVERYWHERE:
            continue
        for edge in edges:
            targets = getattr(edge.target, "allowed_states", None) or [edge.target]
            for target in targets:
                labels.setdefault((str(edge.source), str(target)), []).append(edge.custom["label"])
    for (source, target), names in sorted(labels.items()):
        graph.edge(source, target, "\n".join(dict.fromkeys(names)))
    return graph
