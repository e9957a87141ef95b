"""``python -m compactarray``."""

import sys

from compactarray.cli import main

if __name__ == "__main__":
    sys.exit(main())
