"""Pages that go on without their network: kept by a service worker, filled by a module of their own.

They name nobody, so that what a browser keeps of them is nobody's.
"""

from __future__ import annotations

from dataclasses import dataclass

import orjson
from fastapi import Response

from api.context import Person, Visitor, settings_of
from api.pages.assets import assets
from api.pages.rendering import page
from api.pages.visits import Visit

FONTS_AND_MARK = ("regular.woff2", "semibold.woff2", "mark.svg")


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptPage:
    """`name`: of its store in the browser, without a dash; `module`: its script in api/static."""

    name: str
    address: str
    template: str
    module: str

    def shown(self, caller: Person) -> Response:
        """The same for everybody who speaks the language."""
        caller.request.state.language = caller.chosen_language
        stranger = Visitor(request=caller.request, office=caller.office, now=caller.now)
        return page(Visit(visitor=stranger), self.template)

    def worker(self, caller: Person) -> Response:
        """Its first lines change with any file it keeps: browsers then fetch them anew, all or none."""
        known = assets(settings_of(caller.request).home)
        files = ("lienthong.css", self.module, *FONTS_AND_MARK)
        kept = [self.address, *(known.address(name) for name in files)]
        name = f"{self.name}-{known.mark}-{caller.chosen_language}"
        head = f'const NAME = "{name}";\nconst KEPT = {orjson.dumps(kept).decode()};\n'
        return Response(head.encode() + known.files["worker.js"].plain, media_type="text/javascript",
                        headers={"service-worker-allowed": self.address, "cache-control": "no-cache"})
