"""Pages for people: server-rendered, usable with the keyboard alone and without JavaScript."""

from api.context import Counter
from api.pages import reception, serving, signing_in
from api.pages.problems import failure

__all__ = ["failure", "router"]

router = Counter()
for part in (serving, signing_in, reception):
    router.include_router(part.router)
