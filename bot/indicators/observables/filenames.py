"""Whether a word with dots in it is a domain or the name of a file.

`main.rs` and `report.zip` could be either. The rules, in their order:

1. Whose last part is no top-level domain is a file if that part is a known extension, and else
   neither.
2. Whose last part is a top-level domain and not among the few that are met more often as an
   extension (`rs`, `zip`, `sh`, `py`, `md` …) is a domain.
3. What was written disarmed (`main[.]rs`), in a URL, in an e-mail address, with a port, with
   `www.` in front or a dot at its end is a domain: nobody disarms a file.
4. Of two parts (`main.rs`), or with a further extension or a number before the last
   (`backup.tar.zip`, `libfoo.so.1.so`): a file. Longer ones (`login.example.zip`): a domain.

Who means the other writes `domain:main.rs` or `file-name:example.com`.
"""

from __future__ import annotations

from bot.indicators.observables.domains import suffix_of

EXTENSIONS = frozenset(
    """
    exe dll sys scr bat cmd ps1 psm1 vbs vbe js jse wsf wsh hta lnk pif cpl msi msp msix jar war
    apk ipa dmg pkg deb rpm iso img vhd vhdx zip rar 7z gz tgz bz2 xz tar cab ace arj doc docx docm
    dot dotm xls xlsx xlsm xlsb xll ppt pptx pptm rtf pdf csv txt log json xml yml yaml ini cfg conf
    html htm php asp aspx jsp cgi py pyc rb pl sh so ko elf bin dat db sqlite bak tmp png jpg jpeg
    gif bmp svg ico mp3 mp4 avi mkv mov wav eml msg pst one chm hlp reg inf url job ps rs go cpp cc
    java kt swift cs ts css md rst tex lua asm pem crt cer key pfx p12 config plist scpt command
    ocx drv efi kdbx ova vmdk swf xps odt ods odp axd ashx class node wasm
    """.split()  # noqa: SIM905  read at a glance
)
CARRIERS = frozenset(
    """
    exe dll sys scr bat cmd ps1 psm1 vbs vbe js jse wsf wsh hta lnk pif cpl msi msp msix jar war apk
    ipa dmg pkg deb rpm iso img vhd vhdx zip rar 7z gz tgz bz2 xz tar cab ace arj doc docx docm dotm
    xls xlsx xlsm xlsb xll ppt pptx pptm rtf pdf chm one elf bin dat ocx drv scpt aspx jsp php swf
    """.split()  # noqa: SIM905  read at a glance
)
"""What harm comes in: names with these are taken out of running text, source code is not."""
_FIRST_A_FILE = frozenset("rs zip sh py md so mov ps cab pub".split())  # noqa: SIM905  read at a glance


def is_file(name: str) -> bool:
    """Whether a plainly written word with dots, in lower case, is rather a file than a domain."""
    parts = name.split(".")
    last = parts[-1]
    if suffix_of(name) is None:
        return last in EXTENSIONS
    if last not in _FIRST_A_FILE or parts[0] == "www":
        return False
    return len(parts) == 2 or any(each in EXTENSIONS or each.isdigit() for each in parts[1:-1])
