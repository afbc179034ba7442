"""Every file that the inspection must know how to judge."""

from __future__ import annotations

from tests.scans.corpus_good import GOOD
from tests.scans.corpus_hostile import ACTIVE, BOMBS, POLYGLOTS
from tests.scans.corpus_wrong import DAMAGED, WRONG_KIND

CORPUS = (*GOOD, *WRONG_KIND, *DAMAGED, *BOMBS, *POLYGLOTS, *ACTIVE)
