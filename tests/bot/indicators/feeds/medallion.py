"""A real TAXII 2.1 server, medallion, with collections that a test fills."""

from __future__ import annotations

import importlib.util
import json
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

PAGE = 20
USER, PASSWORD = "admin", "s3cret"
SMALL, LARGE = "91a7b528-80eb-42ed-a74d-c6fbd5a26116", "52892447-4d7e-4f70-b94d-d7f22742ff63"
SHARED = "472c94ae-3113-4e3e-a4dd-a9f4ac7471d4"
"""Seven objects of each moment: pages end in the midst of one."""
_MEDIA = "application/stix+json;version=2.1"


def indicator(number: int) -> dict[str, Any]:
    return {
        "type": "indicator",
        "spec_version": "2.1",
        "id": f"indicator--{number:08x}-0000-4000-8000-000000000000",
        "created": "2026-03-01T00:00:00.000Z",
        "modified": "2026-03-01T00:00:00.000Z",
        "valid_from": "2026-03-01T00:00:00Z",
        "pattern_type": "stix",
        "pattern": f"[ipv4-addr:value = '198.51.{number // 250}.{number % 250 + 1}']",
    }


def _collection(key: str, title: str, count: int, at_once: int) -> dict[str, Any]:
    """`at_once`: how many objects were added at the same moment."""
    objects = [indicator(n) for n in range(count)]
    added = [f"2026-03-02T{n // at_once // 60:02d}:{n // at_once % 60:02d}:00.123456Z"
             for n in range(count)]  # fmt: skip
    return {
        "id": key,
        "title": title,
        "can_read": True,
        "can_write": False,
        "media_types": [_MEDIA],
        "objects": objects,
        "manifest": [
            {"id": one["id"], "date_added": when, "version": one["modified"], "media_type": _MEDIA}
            for one, when in zip(objects, added, strict=True)
        ],
    }  # fmt: skip


@contextmanager
def medallion(folder: Path) -> Iterator[str]:
    """Its discovery address; skips where it is not installed."""
    if importlib.util.find_spec("medallion") is None:
        pytest.skip("medallion is not installed: no TAXII server to test with")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    base = f"http://127.0.0.1:{port}"
    about = {"title": "the test's own", "api_roots": [f"{base}/api/"], "default": f"{base}/api/"}
    root = {
        "information": {"title": "x", "versions": [ACCEPT], "max_content_length": 9_999_999},
        "status": [],
        "collections": [
            _collection(SMALL, "Small", 45, 1),
            _collection(LARGE, "Large", 130, 50),
            _collection(SHARED, "Shared", 60, 7),
        ],
    }
    (folder / "data.json").write_text(json.dumps({"/discovery": about, "api": root}))
    backend = {
        "module": "medallion.backends.memory_backend",
        "module_class": "MemoryBackend",
        "filename": str(folder / "data.json"),
    }
    settings = {"backend": backend, "users": {USER: PASSWORD}, "taxii": {"max_page_size": PAGE}}
    (folder / "settings.json").write_text(json.dumps(settings))
    program = "from medallion.scripts.run import main; main()"
    command = [sys.executable, "-W", "ignore", "-c", program,
               "--host", "127.0.0.1", "--port", str(port),
               str(folder / "settings.json")]  # fmt: skip
    with (folder / "log").open("wb") as log:
        child = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        _await(child, f"{base}/taxii2/", folder / "log")
        yield f"{base}/taxii2/"
    finally:
        child.terminate()
        child.wait()


ACCEPT = "application/taxii+json;version=2.1"


def _await(child: subprocess.Popen[bytes], url: str, log: Path) -> None:
    """Until it answers, and it is ours that does."""
    pause = threading.Event()
    passwords = urllib.request.HTTPPasswordMgrWithDefaultRealm()
    passwords.add_password(None, url, USER, PASSWORD)
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}), urllib.request.HTTPBasicAuthHandler(passwords)
    )
    for _ in range(300):
        if child.poll() is not None:
            pytest.skip(f"medallion does not start here: {log.read_text()[-300:]}")
        try:
            asked = urllib.request.Request(url, headers={"Accept": ACCEPT})
            with opener.open(asked, timeout=2) as answer:
                assert json.load(answer)["title"] == "the test's own"
                return
        except OSError:
            pause.wait(0.1)
    pytest.fail("medallion does not answer")
