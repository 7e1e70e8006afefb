"""``python -m bioskipgram``."""

import sys

from bioskipgram.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
