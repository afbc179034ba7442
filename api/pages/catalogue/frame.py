"""What the pages of the catalogue share: files to take away, forms that come back, addresses."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from fastapi import Response
from markupsafe import Markup

from api.context import Person
from api.pages.forms import Posted, faults_of
from api.pages.rendering import Entered, Trouble
from api.problems import status_of
from engine.access import NotAdministrator, may_write
from engine.designing import conditions, versions
from engine.designing.summary import Section, summary
from engine.designing.yaml_writing import declaration_yaml
from engine.errors import Invalid, LienThongError, NotFound, NotSignedIn, Unavailable
from engine.states.diagram import draw
from engine.states.outline import Spot, outline_of
from engine.states.procedure import Procedure
from engine.states.scxml import scxml
from procedures import parties
from procedures.bpmn import export
from procedures.declaration import Declaration
from storage.names import attachment_header

YAML = "application/yaml; charset=utf-8"
MEDIA_TYPES = {"yaml": YAML, "scxml": "application/scxml+xml", "bpmn": "application/xml", "zip": "application/zip",
               "json": "application/schema+json"}


def writes(caller: Person) -> bool:
    return may_write(caller.office, caller.actor, caller.now)


def attached(content: bytes | str, name: str, ending: str) -> Response:
    """A file to keep: never shown, never run."""
    return Response(content, headers={"content-disposition": attachment_header(f"{name}.{ending}")},
                    media_type=MEDIA_TYPES[ending])


def taken_out(declaration: Declaration, name: str, ending: str) -> Response:
    """A declaration as a file of that kind. NotFound for a kind there is not."""
    match ending:
        case "yaml":
            return attached(declaration_yaml(declaration), name, ending)
        case "scxml":
            return attached(scxml(Procedure(declaration)), name, ending)
        case "bpmn":
            return attached(export(declaration), name, ending)
    raise NotFound(what=f"định dạng .{ending[:10]}", what_en=f"format .{ending[:10]}")


def picture(declaration: Declaration, language: str, *, here: Collection[str] = (),
            done: Collection[str] = ()) -> Markup:
    """Drawn on the server, conditions in words; whatever an administrator wrote is escaped by the drawing.

    `here`: the states a dossier is in; `done`: those it has left behind.
    """
    named = {step.party: parties.name(declaration, step.party) for _, _, step in declaration.machine.steps()}
    questions = conditions.known(declaration)

    def words(when: str) -> str:
        told = conditions.sentence(when, questions)
        return (told.en if language == "en" else told.vi) if when else ""

    def worded(spot: Spot) -> Spot:
        return replace(spot, when=words(spot.when), branches=tuple(map(worded, spot.branches)))

    drawn = outline_of(declaration, named)
    return Markup(draw(replace(
        drawn, phases=tuple((phase, tuple(map(worded, spots))) for phase, spots in drawn.phases),
        arrows=tuple(replace(arrow, when=words(arrow.when)) for arrow in drawn.arrows)),
        here=here, done=done, language=language))


def told(caller: Person, declaration: Declaration) -> list[Section]:
    return summary(declaration, versions.names(caller.office))


def again(caller: Person, refusal: LienThongError, posted: Posted) -> tuple[Entered, int]:
    """A form that comes back with what was typed; what does not belong on a form is raised."""
    if isinstance(refusal, NotFound | NotSignedIn | NotAdministrator | Unavailable):
        raise refusal
    if isinstance(refusal, Invalid):
        return Entered(given=posted.typed(), faults=faults_of(refusal)), status_of(refusal)
    trouble = Trouble.of(refusal, caller.chosen_language)
    return Entered(given=posted.typed(), trouble=trouble), status_of(refusal)
