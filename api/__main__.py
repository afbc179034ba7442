"""`python -m api` runs everything, as `lienthong up` does; kept for supervisors that want a module."""

from __future__ import annotations

import sys

from api.cli import main

if __name__ == "__main__":
    sys.argv[1:] = sys.argv[1:] or ["up"]
    main()
