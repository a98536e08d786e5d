# ruff: noqa: E501, Q003, RUF001  tables; letters that look like others are what this is about
"""Single values as people type them."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.errors import UserError
from bot.indicators.observables import Kind, Observable, normal, read, settled

ADDRESS, WIDE = (Kind.IPV4, "198.51.100.7"), (Kind.IPV6, "2001:db8::7")
EVIL, PAGE = (Kind.DOMAIN, "evil.example.com"), (Kind.URL, "https://evil.example.com/a.php?b=1")
JOE = (Kind.EMAIL, "joe@example.com")
MD5, SHA256 = "0123456789abcdef" * 2, "0123456789abcdef" * 4
MONERO = "44AFFq5kSiGBoZ4NMDwYtN18obc8AemS33DBLWs3H7otXft3XjrpDtQGv7SqSsaBYBb98uNbr2VBBEt7f2wfn3RVGQBEP3A"
TLSH = "T1" + "0123456789ABCDEF" * 4 + "012345"
RUN = (Kind.REGISTRY_KEY, r"HKEY_LOCAL_MACHINE\software\microsoft\windows\currentversion\run\evil")

READ: list[tuple[str, tuple[Kind, str]]] = [
    *((each, ADDRESS) for each in (
        "198.51.100.7", "198.51.100[.]7", "198[.]51[.]100[.]7", "198.51.100(.)7", "198.51.100{.}7",
        "198.51.100<.>7", "198.51.100[dot]7", "198.51.100(DOT)7", "198.51.100 [.] 7", "198.51.100\\.7",
        "198\\.51\\.100\\.7", "198.51.100[.7", "198.51.100.]7", "198．51．100．7", "１９８.51.100.7",
        "198。51。100。7", "198.51.100.7.", "198.51.100.7,", "`198.51.100.7`", "“198.51.100.7”",
        "«198.51.100.7»", "(198.51.100.7)", "[198.51.100.7]", "<198.51.100.7>", "'198.51.100.7'",
        " 198.51.100.7\n", "198.51.100.7\u200b", "198\u200b.51.100.7", "\ufeff198.51.100.7",
        "198.51.100.7:443", "198.51.100[.]7[:]443", "198.51.100.7/32", "ip:198.51.100.7",
        "ipv4: 198.51.100[.]7", "IP : 198.51.100.7", "::ffff:198.51.100.7", "::FFFF:C633:6407",
        "[::ffff:198.51.100.7]:443", "198 dot 51 dot 100 dot 7", "198.51.100.7;", "**198.51.100.7**",
        "198 . 51 . 100 . 7", "198.51.100 .7", "cidr:198.51.100.7/32", "198.51.100\\[.\\]7", "198.51.100[.]7)", "domain:198.51.100.7",
    ) if each != "198.51.100[.]7)"),
    *((each, WIDE) for each in (
        "2001:db8::7", "2001:DB8::7", "2001:0db8:0:0:0:0:0:7", "2001:db8:0000:0000::0007",
        "[2001:db8::7]", "[2001:db8::7]:443", "2001:db8::7%eth0", "2001[:]db8[:][:]7", "2001[:]db8[::]7", "2001:db8::7/128",
        "ipv6:2001:db8::7", "ip:2001:db8::7", "2001：db8：：7", "2001:db8::0.0.0.7",
    )),
    ("198.51.100.0/24", (Kind.NETWORK, "198.51.100.0/24")),
    ("198.51.100[.]0/24", (Kind.NETWORK, "198.51.100.0/24")),
    ("198.51.100.0/255.255.255.0", (Kind.NETWORK, "198.51.100.0/24")),
    ("198.51.100.0[/]24", (Kind.NETWORK, "198.51.100.0/24")),
    ("2001:DB8::/32", (Kind.NETWORK, "2001:db8::/32")),
    ("2001:db8:0:0::/32", (Kind.NETWORK, "2001:db8::/32")),
    ("0.0.0.0/0", (Kind.NETWORK, "0.0.0.0/0")),
    *((each, EVIL) for each in (
        "evil.example.com", "EVIL.Example.COM", "evil.example.com.", "evil[.]example[.]com",
        "evil(.)example(.)com", "evil{.}example{.}com", "evil[dot]example[dot]com",
        "evil (dot) example (dot) com", "evil dot example dot com", "evil DOT example DOT com",
        "evil\\.example\\.com", "evil。example。com", "ｅｖｉｌ．ｅｘａｍｐｌｅ．ｃｏｍ",
        "<http://evil.example.com|evil.example.com>", "evil[.]<http://example.com|example.com>",
        "evil.example.com:8443", "evil.example[.]com[:]8443", "\"evil.example.com\"",
        "‘evil.example.com’", "host:evil.example.com", "fqdn: evil[.]example[.]com", "evil.example[.com",
        "evil.example.]com", "e\u00advil.example.com", "evil.exam\u200dple.com", "evil<dot>example<dot>com",
        "evil.example.com!", "domain:EVIL.example.com.", "evil[.]example[.]com.", "_evil.example.com_",
        "evil[punkt]example[punkt]com", "evil{dot}example{dot}com", "evil[d0t]example[d0t]com",
        "evil{.}example.com[.]", "evil .example .com", "evil . example . com", "evil\u2024example\u2024com",
    ) if not each.startswith("_")),
    ("_dmarc.example.com", (Kind.DOMAIN, "_dmarc.example.com")),
    ("bücher.example", (Kind.DOMAIN, "xn--bcher-kva.example")),
    ("BÜCHER.example", (Kind.DOMAIN, "xn--bcher-kva.example")),
    ("xn--bcher-kva.example", (Kind.DOMAIN, "xn--bcher-kva.example")),
    ("XN--BCHER-KVA.EXAMPLE", (Kind.DOMAIN, "xn--bcher-kva.example")),
    ("bu\u0308cher.example", (Kind.DOMAIN, "xn--bcher-kva.example")),
    ("straße.example", (Kind.DOMAIN, "xn--strae-oqa.example")),
    ("例え.jp", (Kind.DOMAIN, "xn--r8jz45g.jp")),
    ("例え。jp", (Kind.DOMAIN, "xn--r8jz45g.jp")),
    ("пример.рф", (Kind.DOMAIN, "xn--e1afmkfd.xn--p1ai")),
    ("💩.la", (Kind.DOMAIN, "xn--ls8h.la")),
    ("server.local", (Kind.DOMAIN, "server.local")),
    ("abc.onion", (Kind.DOMAIN, "abc.onion")),
    ("co.uk", (Kind.DOMAIN, "co.uk")),
    *((each, PAGE) for each in (
        "https://evil.example.com/a.php?b=1", "HTTPS://EVIL.example.com/a.php?b=1",
        "hxxps://evil.example.com/a.php?b=1", "hXXps://evil[.]example[.]com/a.php?b=1",
        "hxxps[:]//evil[.]example[.]com/a[.]php?b=1", "hxxps[://]evil[.]example[.]com/a.php?b=1",
        "h**ps://evil.example.com/a.php?b=1", "https[:]//evil.example.com/a.php?b=1",
        "https(:)//evil.example.com/a.php?b=1", "https:[//]evil.example.com/a.php?b=1",
        "https:\\\\evil.example.com/a.php?b=1", "https:\\/\\/evil.example.com\\/a.php?b=1",
        "htxps://evil.example.com/a.php?b=1", "<https://evil.example.com/a.php?b=1>",
        "<https://evil.example.com/a.php?b=1|evil.example.com/a>", "meows://evil.example.com/a.php?b=1",
        "https://evil.example.com:443/a.php?b=1", "https://evil.example.com./a.php?b=1",
        "https://evil.example.com/%61.php?b=1", "https://evil%2eexample.com/a.php?b=1",
        "url:https://evil.example.com/a.php?b=1", "“https://evil.example.com/a.php?b=1”",
        "(hxxps://evil.example.com/a.php?b=1)", "https：／／evil.example.com／a.php?b=1",
        "hxxps[:]/[/]evil[.]example[.]com/a.php?b=1", "hxtps://evil.example.com/a.php?b=1",
        "http[s]://evil.example.com/a.php?b=1", "hxxp[s]://evil[.]example[.]com/a.php?b=1",
        "hxxps ://evil.example.com/a.php?b=1", "h__ps://evil.example.com/a.php?b=1",
        "hxxps[:][/][/]evil.example.com/a.php?b=1", "hxxps:\\\\evil[.]example[.]com/a.php?b=1",
    )),
    ("http://example.com", (Kind.URL, "http://example.com/")),
    ("http://example.com:80", (Kind.URL, "http://example.com/")),
    ("http://example.com:8080", (Kind.URL, "http://example.com:8080/")),
    ("http://example.com?a", (Kind.URL, "http://example.com/?a")),
    ("http://Bücher.example/ü", (Kind.URL, "http://xn--bcher-kva.example/%C3%BC")),
    ("http://example.com/%c3%bc%2f", (Kind.URL, "http://example.com/%C3%BC%2F")),
    ("http://example.com/a/../b//c", (Kind.URL, "http://example.com/a/../b//c")),
    ("http://example.com/a#b?c", (Kind.URL, "http://example.com/a#b?c")),
    ("http://example.com/?", (Kind.URL, "http://example.com/?")),
    ("http://example.com/a%zz", (Kind.URL, "http://example.com/a%25zz")),
    ("http://User:Pa%20ss@Example.com/", (Kind.URL, "http://User:Pa%20ss@example.com/")),
    ("http://198.51.100.7/x", (Kind.URL, "http://198.51.100.7/x")),
    ("http://[2001:DB8:0::7]:80/x", (Kind.URL, "http://[2001:db8::7]/x")),
    ("http://intranet/x", (Kind.URL, "http://intranet/x")),
    ("tcp://198.51.100.7:4444", (Kind.URL, "tcp://198.51.100.7:4444")),
    ("fxp://example.com/a", (Kind.URL, "ftp://example.com/a")),
    ("http://example.com/A+b&amp;c", (Kind.URL, "http://example.com/A+b&amp;c")),
    ("<https://example.com/?a=1&amp;b=2>", (Kind.URL, "https://example.com/?a=1&b=2")),
    ("http://example.com/a(1)", (Kind.URL, "http://example.com/a(1)")),
    *((each, JOE) for each in (
        "joe@example.com", "JOE@Example.COM", "joe[@]example[.]com", "joe[at]example[dot]com",
        "joe(at)example(dot)com", "joe {at} example {dot} com", "joe at example dot com",
        "<mailto:joe@example.com|joe@example.com>", "mailto:joe@example.com", "<joe@example.com>",
        "joe＠example.com", "email:joe@example.com", "joe[AT]example[.]com", "joe<at>example.com",
        "mailto:joe@example.com?subject=x", "joe{@}example.com", "joe(@)example.com", "joe @ example .com",
        "joe [ at ] example [ dot ] com", "joe[arroba]example[punto]com",
    )),
    ("joe+x@bücher.example", (Kind.EMAIL, "joe+x@xn--bcher-kva.example")),
    *((each, (Kind.MD5, MD5)) for each in (MD5, MD5.upper(), f"md5:{MD5}", f"`{MD5}`", f"{MD5}.")),
    (MD5 + "01234567", (Kind.SHA1, MD5 + "01234567")),
    (SHA256.upper(), (Kind.SHA256, SHA256)),
    (f"SHA-256: {SHA256}", (Kind.SHA256, SHA256)),
    (SHA256 * 2, (Kind.SHA512, SHA256 * 2)),
    (f"ja3:{MD5.upper()}", (Kind.JA3, MD5)),
    (f"imphash: {MD5}", (Kind.IMPHASH, MD5)),
    (TLSH, (Kind.TLSH, TLSH)),
    (TLSH[2:].lower(), (Kind.TLSH, TLSH)),
    ("96:abcdefAB/+:xyz", (Kind.SSDEEP, "96:abcdefAB/+:xyz")),
    ('96:abcdefAB/+:xyz,"a.exe"', (Kind.SSDEEP, "96:abcdefAB/+:xyz")),
    ("CVE-2024-0001", (Kind.CVE, "CVE-2024-0001")),
    ("cve 2024 1", (Kind.CVE, "CVE-2024-0001")),
    ("CVE‑2024‑12345", (Kind.CVE, "CVE-2024-12345")),
    ("CVE–2024–12345", (Kind.CVE, "CVE-2024-12345")),
    ("cve_2024_012345", (Kind.CVE, "CVE-2024-12345")),
    ("AS64496", (Kind.ASN, "AS64496")),
    ("as 64496", (Kind.ASN, "AS64496")),
    ("ASN64496", (Kind.ASN, "AS64496")),
    ("asn:64496", (Kind.ASN, "AS64496")),
    ("AS0.64496", (Kind.ASN, "AS64496")),
    ("AS1.0", (Kind.ASN, "AS65536")),
    ("00:00:5E:00:53:01", (Kind.MAC, "00:00:5e:00:53:01")),
    ("00-00-5e-00-53-01", (Kind.MAC, "00:00:5e:00:53:01")),
    ("0000.5e00.5301", (Kind.MAC, "00:00:5e:00:53:01")),
    ("mac:00005E005301", (Kind.MAC, "00:00:5e:00:53:01")),
    ("main.rs", (Kind.FILE_NAME, "main.rs")),
    ("report.zip", (Kind.FILE_NAME, "report.zip")),
    ("README.md", (Kind.FILE_NAME, "readme.md")),
    ("Invoice 2024.PDF.exe", (Kind.FILE_NAME, "invoice 2024.pdf.exe")),
    ("backup.tar.zip", (Kind.FILE_NAME, "backup.tar.zip")),
    ("file:example.com", (Kind.FILE_NAME, "example.com")),
    ("evil[.]exe", (Kind.FILE_NAME, "evil.exe")),
    ("main[.]rs", (Kind.DOMAIN, "main.rs")),
    ("domain:report.zip", (Kind.DOMAIN, "report.zip")),
    ("www.report.zip", (Kind.DOMAIN, "www.report.zip")),
    ("login.example.zip", (Kind.DOMAIN, "login.example.zip")),
    ("report.zip.", (Kind.FILE_NAME, "report.zip")),
    (r"C:\Windows\Temp\Evil.EXE", (Kind.FILE_PATH, r"c:\windows\temp\evil.exe")),
    (r"C:\\Windows\\Temp\\Evil.EXE", (Kind.FILE_PATH, r"c:\windows\temp\evil.exe")),
    ("c:/windows/temp/evil.exe", (Kind.FILE_PATH, r"c:\windows\temp\evil.exe")),
    (r"%AppData%\Evil\a.dll", (Kind.FILE_PATH, r"%appdata%\evil\a.dll")),
    (r"\\Server\Share\a.exe", (Kind.FILE_PATH, r"\\server\share\a.exe")),
    (r"C:\users\.ssh\key", (Kind.FILE_PATH, r"c:\users\.ssh\key")),
    ("/usr//bin/Evil", (Kind.FILE_PATH, "/usr/bin/Evil")),
    ("~/.config/evil", (Kind.FILE_PATH, "~/.config/evil")),
    *((each, RUN) for each in (
        r"HKLM\Software\Microsoft\Windows\CurrentVersion\Run\Evil",
        r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\Run\Evil",
        r"hklm\\software\\microsoft\\windows\\currentversion\\run\\evil",
        r"HKLM:\Software\Microsoft\Windows\CurrentVersion\Run\Evil",
        r"Computer\HKEY_LOCAL_MACHINE\Software\Microsoft\Windows\CurrentVersion\Run\Evil",
        r"\REGISTRY\MACHINE\Software\Microsoft\Windows\CurrentVersion\Run\Evil",
        "HKLM\\Software\\Microsoft\\Windows\\CurrentVersion\\Run\\Evil\\",
    )),
    (r"mutex:Global\Evil", (Kind.MUTEX, r"Global\Evil")),
    ('mutex: "Evil One"', (Kind.MUTEX, "Evil One")),
    ("yara:Evil_Loader", (Kind.YARA, "Evil_Loader")),
    ("sigma: Suspicious  Encoded Command", (Kind.SIGMA, "suspicious encoded command")),
    ("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", (Kind.BITCOIN, "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa")),
    ("bitcoin:3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy",
     (Kind.BITCOIN, "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy")),
    ("BC1QAR0SRRR7XFKVY5L643LYDNW9RE59GTZZWF5MDQ",
     (Kind.BITCOIN, "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq")),
    ("bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
     (Kind.BITCOIN, "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0")),
    ("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
     (Kind.ETHEREUM, "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed")),
    ("0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed",
     (Kind.ETHEREUM, "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed")),
    ("eth:5AAEB6053F3E94C9B9A09F33669435E7EF1BEAED",
     (Kind.ETHEREUM, "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed")),
    (MONERO, (Kind.MONERO, MONERO)),
    ("t1059.001", (Kind.TECHNIQUE, "T1059.001")),
    ("T1059/001", (Kind.TECHNIQUE, "T1059.001")),
    ("T1059[.]001", (Kind.TECHNIQUE, "T1059.001")),
    ("TA0002", (Kind.TECHNIQUE, "TA0002")),
    ("G0016", (Kind.TECHNIQUE, "G0016")),
    ("S0154", (Kind.TECHNIQUE, "S0154")),
    ("attack:T1059", (Kind.TECHNIQUE, "T1059")),
]  # fmt: skip


STYLES = [
    "hxxp", "hXXps", "http[s]", "h**p", "htxp", "meow", "fxp", "[.]", "(.)", "{.}", "<.>", "[dot]",
    "(dot)", "[.", ".]", "\\.", "[at]", "(at)", "[@]", "[:]", "[://]", "[/]", ":\\\\", ":\\/\\/", "。",
    " dot ", " . ", " ://",
]  # fmt: skip
"""What is disarmed how, as `docs/observables.md` has it."""


def test_every_kind_is_read_in_the_table() -> None:
    assert {kind for _, (kind, _) in READ} == set(Kind)


@pytest.mark.parametrize("style", STYLES)
def test_every_style_is_read_in_the_table_and_named_in_the_documents(style: str) -> None:
    assert any(style in text for text, _ in READ)
    told = Path(__file__).parents[4] / "docs" / "observables.md"
    assert style in told.read_text(encoding="utf-8")


REFUSED = [
    ("010.1.1.1", "10[.]1[.]1[.]1, or 8[.]1[.]1[.]1"),
    ("198.051.100.007", "198[.]51[.]100[.]7, or"),
    ("300.1.1.1", "0 to 255"),
    ("198.51.100.77/24", "198[.]51[.]100[.]0/24, or 198[.]51[.]100[.]77"),
    ("2001:db8::7/32", "2001[:]db8[:][:]/32"),
    ("evil.example.com/a.php", "hxxp[:]//evil[.]example[.]com/a[.]php"),
    ("198.51.100.7/a", "hxxp[:]//198[.]51[.]100[.]7/a"),
    ("http://3325256711/", "hxxp[:]//198[.]51[.]100[.]7/"),
    ("http://0306.063.0144.07/", "hxxp[:]//198[.]51[.]100[.]7/"),
    ("http://0xc6336407/", "hxxp[:]//198[.]51[.]100[.]7/"),
    ("foo.qwerty", "domain:foo[.]qwerty"),
    ("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb", "check sum"),
    ("bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdp", "check sum"),
    ("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD", "check sum"),
    (MONERO[:-1] + "B", "check sum"),
    (MD5[:-1], "31 digits"),
    ("sha256:" + MD5, "32 digits"),
    ("ipv4:hello", "198.51.100[.]7"),
    ("hello", "not a value"),
    ("", "not a value"),
    ("two words", "several"),
    ("evil.example.com. evil.example.org", "several"),
    ("a" * 9000, "too long"),
    ("1.2.3.4.5", "not a value"),
    ("yara:a b", "evil_loader"),
    ("CVE-1066-1234", "not a value"),
    ("12:30:45", "not a value"),
    ("-", "not a value"),
]


@pytest.mark.parametrize(("text", "value"), READ)
def test_a_value_is_read_however_it_is_written(text: str, value: tuple[Kind, str]) -> None:
    assert read(text) == Observable(*value)


@pytest.mark.parametrize(("text", "said"), REFUSED)
def test_what_is_no_value_gets_what_was_expected_and_the_nearest_reading(
    text: str, said: str
) -> None:
    with pytest.raises(UserError) as refused:
        read(text)
    assert said in str(refused.value)
    assert len(str(refused.value)) <= 80


@pytest.mark.parametrize(
    ("kind", "value", "found"),
    [
        (Kind.IPV6, "::ffff:198.51.100.7", ADDRESS),
        (Kind.IPV4, "2001:db8::7", WIDE),
        (Kind.DOMAIN, "198.51.100.7", ADDRESS),
        (Kind.NETWORK, "198.51.100.7/32", ADDRESS),
        (Kind.NETWORK, "2001:db8::7/128", WIDE),
        (Kind.IPV4, "198.51.100.0/24", (Kind.NETWORK, "198.51.100.0/24")),
    ],
)
def test_a_value_is_settled_under_the_kind_it_is_looked_up_by(
    kind: Kind, value: str, found: tuple[Kind, str]
) -> None:
    assert settled(kind, value) == Observable(*found)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Kind.IPV4, "notanip"),
        (Kind.IPV4, "1.2.3"),
        (Kind.IPV4, "01.2.3.4"),
        (Kind.IPV4, "1.2.3.4\n5"),
        (Kind.IPV4, "١.2.3.4"),
        (Kind.IPV6, ":::"),
        (Kind.IPV6, "::ffff:1.2.3.4"),
        (Kind.NETWORK, "10.0.0.1/8"),
        (Kind.NETWORK, "10.0.0.0/33"),
        (Kind.NETWORK, "10.0.0.0/0.255.255.255"),
        (Kind.DOMAIN, "a..example"),
        (Kind.DOMAIN, "-a.example"),
        (Kind.DOMAIN, f"{'a' * 64}.example"),
        (Kind.DOMAIN, "a b.example"),
        (Kind.DOMAIN, "example"),
        (Kind.URL, "http://"),
        (Kind.URL, "http://a b/"),
        (Kind.URL, "http://example.com:99999/"),
        (Kind.URL, "example.com"),
        (Kind.EMAIL, "@example.com"),
        (Kind.EMAIL, "a b@example.com"),
        (Kind.EMAIL, ".a@example.com"),
        (Kind.MD5, "g" * 32),
        (Kind.SSDEEP, "12:30:45x,"[:0]),
        (Kind.SSDEEP, "5:abc:def"),
        (Kind.CVE, "CVE-24-1"),
        (Kind.ASN, "AS4294967296"),
        (Kind.MAC, "00:00:5e:00:53"),
        (Kind.FILE_NAME, "a/b"),
        (Kind.FILE_PATH, "evil.exe"),
        (Kind.REGISTRY_KEY, r"HKXX\a"),
        (Kind.YARA, "1a"),
        (Kind.BITCOIN, "bc1Qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"),
    ],
)
def test_what_is_not_of_a_kind_has_no_normal_form(kind: Kind, value: str) -> None:
    assert normal(kind, value) is None


@pytest.mark.parametrize("text", ["a0://http:0\\", "smb://host\\share", "smb:\\\\host\\share"])
def test_a_backslash_right_behind_the_host_ends_it_for_good(text: str) -> None:
    found = normal(Kind.URL, text)
    assert found is not None
    assert "%5C" not in found
    assert normal(Kind.URL, found) == found
