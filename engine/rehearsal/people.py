"""People of a rehearsal: one for every unit and role, called into being when they are needed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.casework.orders import Actor
from engine.catalogue import Catalogue
from engine.rehearsal.memory import Memberships
from engine.states.names import ROLES
from procedures.declaration import Text

Post = tuple[int, str]


class People(Mapping[int, Memberships]):
    """Memberships by person id, as a stage asks for them. A person with a name of his own may hold several posts."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self._held: dict[str, list[Post]] = {}
        self._ids: dict[str, int] = {}

    def at(self, post: Post, name: str | None = None) -> Actor:
        """Who does what belongs to `post`."""
        label = name or f"{post[0]}:{post[1]}"
        number = self._ids.setdefault(label, len(self._ids) + 1)
        held = self._held.setdefault(label, [])
        if post not in held:
            held.append(post)
        return Actor(id=number, name=self.title(post).vi)

    def title(self, post: Post) -> Text:
        unit, role = self.catalogue.units[post[0]], ROLES[post[1]]
        return Text(vi=f"{role.vi} – {unit.full_vi}", en=f"{role.en} – {unit.full_en}")

    def __getitem__(self, person: int) -> Memberships:
        return self._held[list(self._ids)[person - 1]] if 0 < person <= len(self._ids) else ()

    def __iter__(self) -> Iterator[int]:
        return iter(self._ids.values())

    def __len__(self) -> int:
        return len(self._ids)
