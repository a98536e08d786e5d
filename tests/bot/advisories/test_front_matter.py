"""Front matter: what is read of it, and what is said where it is wrong."""

from __future__ import annotations

import pytest

from bot.advisories.front_matter import Written, read_file, read_typed
from bot.errors import UserError

WHOLE = """---
title: "Patch: the VPN"
severity: high
channels: [ransomware, ports]
seal: cert-alpha, cert-bravo
cves:
  - CVE-2026-1234
  - CVE-2026-1235
summary: >
  Exploited
  since Monday.
# of no account
due: 2026-11-25
group:
---

# What to do

Patch.
"""


def test_front_matter_is_read_with_its_lists_and_the_rest_is_the_body() -> None:
    written = read_file("\ufeff" + WHOLE.replace("\n", "\r\n"))
    assert written.one("title") == "Patch: the VPN"
    assert written.many("channels") == ("ransomware", "ports")
    assert written.many("seal") == ("cert-alpha", "cert-bravo")
    assert written.many("cves") == ("CVE-2026-1234", "CVE-2026-1235")
    assert written.one("summary") == "Exploited since Monday."
    assert written.one("group") is None
    assert written.body == "# What to do\n\nPatch."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# Patch\n\nNow.", Written({"title": ("Patch",)}, "Now.")),
        ("no title", Written({}, "no title")),
        ("", Written({}, "")),
        ("---\nseverity: low\n---\n# Patch\nNow.", ("Patch", "Now.")),
    ],
)
def test_without_a_title_the_first_heading_is_it(
    text: str, expected: Written | tuple[str, str]
) -> None:
    written = read_file(text)
    if isinstance(expected, Written):
        assert written == expected
    else:
        assert (written.one("title"), written.body) == expected


def test_what_is_typed_has_its_title_in_the_first_line() -> None:
    assert read_typed("Patch\nNow.\n") == Written({"title": ("Patch",)}, "Now.")
    assert read_typed(WHOLE) == read_file(WHOLE)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("---\ntitle: a", "no end"),
        ("---\ntitel: a\n---", "no “titel”"),
        ("---\ntitle: a\ntitle: b\n---", "twice"),
        ("---\nnonsense\n---", "no “nonsense”"),
    ],
)
def test_what_is_wrong_is_said(text: str, why: str) -> None:
    with pytest.raises(UserError, match=why):
        read_file(text)
