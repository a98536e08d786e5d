"""`python -m bot` is the `liaison` command."""

import sys

from bot.cli import main

sys.exit(main())
