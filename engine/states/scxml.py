"""The compiled shape as W3C SCXML, for tools that know state charts.

Ids are ours. A condition is written in its own words over the data, which are the facts of the intake. What decides
that a consultation has enough answers is no such condition: the data `join__verdict` and `join__enough` stand for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree as Tree

from engine.states.compile import Blueprint, blueprint
from engine.states.joins import NEGATIVE, JoinGuard
from engine.states.procedure import Procedure
from engine.states.shape import Edge, Node
from procedures.markup import fit

SCXML = "http://www.w3.org/2005/07/scxml"
OURS = "urn:lienthong:procedure"
VERDICT = "join__verdict"
ENOUGH = "join__enough"


def scxml(procedure: Procedure) -> str:
    """The same procedure gives the same text."""
    made = blueprint(procedure.declaration)
    head = {
        "xmlns": SCXML,
        "xmlns:lt": OURS,
        "version": "1.0",
        "name": procedure.key,
        "initial": _initial(made.roots),
        "lt:sha256": procedure.content_hash,
    }
    root = Tree.Element("scxml", head)
    model = Tree.SubElement(root, "datamodel")
    joins = [VERDICT, ENOUGH] if any(isinstance(guard, JoinGuard) for guard in made.guards) else []
    for name in [*sorted(procedure.declaration.names), *joins]:
        Tree.SubElement(model, "data", {"id": name})
    for node in made.roots:
        _add(root, node, made)
    Tree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + Tree.tostring(root, encoding="unicode") + "\n"


def _initial(nodes: Sequence[Node]) -> str:
    return next((node.id for node in nodes if node.initial), nodes[0].id)


def _history(state: str) -> str:
    return f"{state}__history"


def _add(parent: Tree.Element, node: Node, made: Blueprint) -> None:
    kind = "final" if node.final else "parallel" if node.parallel else "state"
    attributes = {"id": node.id}
    if node.children and not node.parallel:
        attributes["initial"] = _initial(node.children)
    known = made.states.get(node.id)
    if known is not None:
        attributes |= {"lt:vi": fit(known.name.vi), "lt:en": fit(known.name.en)}
        attributes |= {"lt:party": known.party} if known.party else {}
        attributes |= {"lt:role": known.role} if known.role else {}
    element = Tree.SubElement(parent, kind, attributes)
    for edge in node.edges:
        Tree.SubElement(element, "transition", _transition(node, edge, made))
    for child in node.children:
        _add(element, child, made)
    if node.remembers:
        history = Tree.SubElement(element, "history", {"id": _history(node.id), "type": "deep"})
        Tree.SubElement(history, "transition", {"target": _initial(node.children)})


def _transition(node: Node, edge: Edge, made: Blueprint) -> dict[str, str]:
    attributes = {}
    if edge.joins:
        attributes["event"] = f"done.state.{node.id}"
    elif edge.event is not None:
        attributes["event"] = edge.event
    condition = None if edge.guard is None else _condition(made, edge.guard)
    if condition is not None:
        attributes["cond"] = condition
    attributes["target"] = _history(edge.target) if edge.resumes else edge.target
    return attributes


def _condition(made: Blueprint, slot: int) -> str | None:
    """None: nothing is asked; where one answer is enough, whoever answers leads on."""
    guard = made.guards[slot]
    if not isinstance(guard, JoinGuard):
        return fit(guard.source)
    if guard.join == "any":
        return None
    return f"{VERDICT} == '{NEGATIVE}'" if guard.join == "first_negative" else ENOUGH
