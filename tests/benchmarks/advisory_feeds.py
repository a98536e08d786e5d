"""A feed of CSAF as large as CISA's, read for the first time and again with nothing new."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.benchmarks.report import Figure
from tests.benchmarks.trials import Size, folder_for_it

COUNT = 2400


def advisory_feeds(size: Size) -> list[Figure]:
    """The provider is a process of its own, on loopback, and answers at once."""
    del size
    words = [sys.executable, "-m", "tests.benchmarks.csaf_provider", str(COUNT)]
    with (
        folder_for_it() as folder,
        subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as provider,
    ):
        assert provider.stdout is not None, "it is a pipe"
        url = f"http://127.0.0.1:{provider.stdout.readline().strip()}/feed.json"
        store = f"sqlite:///{folder / 'bench.db'}"
        read = [sys.executable, "-m", "tests.benchmarks.csaf_reading", store, url]
        try:
            done = subprocess.run(read, check=True, capture_output=True, text=True)
        finally:
            provider.terminate()
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["new"] == [COUNT, 0], told
    first, second = told["seconds"]
    return [
        Figure(
            f"A CSAF feed of {COUNT:,} documents", "30 s, 100 MB more",
            f"{first:.1f} s, {told['more']:.0f} MB more", f"{COUNT / first:.0f} documents a second",
            "ROLIE, documents of 20 kB, a SHA-512 file beside each, which is fetched and compared; "
            "until all is in the store. Memory: the highest resident set less that at the start.",
            first <= 30 and told["more"] <= 100,
        ),
        Figure(
            "The same again, with nothing new", "1 s", f"{second:.2f} s", "",
            "The feed is asked for with its ETag; no document is.", second <= 1,
        ),
    ]  # fmt: skip
