"""The `liaison` command: words, options and exit statuses; each word is carried out elsewhere.

0 done · 1 no · 2 usage or configuration · 3 the store cannot be used, or is in use; 130, as of
any program, where Ctrl-C ended what only looked.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from bot.cli.words import parser
from bot.errors import ConfigurationError, StoreError, UserError


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out the command line; the exit status."""
    options = parser().parse_args(arguments)
    try:
        return int(options.carry_out(options))
    except ConfigurationError as error:
        for mistake in error.mistakes:
            print(mistake, file=sys.stderr)
        return 2
    except UserError as error:
        print(f"liaison: {error}", file=sys.stderr)
        return 1
    except StoreError as error:
        print(f"liaison: {error}", file=sys.stderr)
        return 3
    except KeyboardInterrupt:  # whoever waited has seen enough; `run` ends in order by itself
        return 130
    except BrokenPipeError:  # the reader of our output has left: nothing more to say
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
