"""The examples of the STIX 2.1 specification, and what is taken out of each: all of section 9.8 as
they stand there, those in its text and tables, and such as show each operator.

A value in brackets is said only as part of a whole.
"""

from __future__ import annotations

SHA = "aec070645fe53ee3b3763059376134f058cc337247c978add178b6ccdfb0019f"
MD5 = "79054025255fb1a26e4bc422aef54eb4"
OTHER_SHA = "bf07a7fbb825fc0aae7bf4a1177b2b31fcf8a3feeaf7092761e18c859ee52a9c"
OTHER_MD5 = "cead3f77f6cda6ec00f57d76c9a6879f"

EXAMPLES: list[tuple[str, list[str]]] = [
    (f"[file:hashes.'SHA-256' = '{SHA}']", [SHA]),
    (
        (
            r"[email-message:from_ref.value MATCHES '.+\\@example\\.com$' AND "
            r"email-message:body_multipart[*].body_raw_ref.name MATCHES '^Final Report.+\\.exe$']"
        ),
        [],
    ),
    (
        f"[file:hashes.'SHA-256' = '{SHA}' AND file:mime_type = 'application/x-pdf']",
        [f"({SHA})"],
    ),
    (
        (
            f"[file:hashes.'SHA-256' = '{OTHER_SHA}' OR file:hashes.MD5 = '{OTHER_MD5}'] AND "
            f"[file:hashes.'SHA-256' = '{SHA}']"
        ),
        [f"({OTHER_SHA})", f"({OTHER_MD5})", f"({SHA})"],
    ),
    (
        (
            "[user-account:account_type = 'unix' AND user-account:user_id = '1007' AND "
            "user-account:account_login = 'Peter'] AND [user-account:account_type = 'unix' AND "
            "user-account:user_id = '1008' AND user-account:account_login = 'Paul'] AND "
            "[user-account:account_type = 'unix' AND user-account:user_id = '1009' AND "
            "user-account:account_login = 'Mary']"
        ),
        [],
    ),
    (
        (
            r"[artifact:mime_type = 'application/vnd.tcpdump.pcap' AND artifact:payload_bin MATCHES"
            r" '\\xd4\\xc3\\xb2\\xa1\\x02\\x00\\x04\\x00']"
        ),
        [],
    ),
    (
        r"[file:name = 'foo.dll' AND file:parent_directory_ref.path = 'C:\\Windows\\System32']",
        ["(foo.dll)", r"(C:\Windows\System32)"],
    ),
    ("[file:extensions.'windows-pebinary-ext'.sections[*].entropy > 7.0]", []),
    ("[file:mime_type = 'image/bmp' AND file:magic_number_hex = h'ffd8']", []),
    (
        (
            "[network-traffic:dst_ref.type = 'ipv4-addr' AND "
            "network-traffic:dst_ref.value = '203.0.113.33/32']"
        ),
        ["(203.0.113.33)"],
    ),
    (
        (
            "[network-traffic:dst_ref.type = 'domain-name' AND network-traffic:dst_ref.value = "
            "'example.com'] REPEATS 5 TIMES WITHIN 1800 SECONDS"
        ),
        ["(example.com)"],
    ),
    (
        (
            "[domain-name:value = 'www.5z8.info' AND "
            "domain-name:resolves_to_refs[*].value = '198.51.100.1/32']"
        ),
        ["(www.5z8.info)", "(198.51.100.1)"],
    ),
    (
        "[url:value = 'http://example.com/foo' OR url:value = 'http://example.com/bar']",
        ["http://example.com/foo", "http://example.com/bar"],
    ),
    (
        (
            "[x509-certificate:issuer = 'CN=WEBMAIL' AND x509-certificate:serial_number = "
            "'4c:0b:1d:19:74:86:a7:66:b4:1a:bf:40:27:21:76:28']"
        ),
        [],
    ),
    (
        (
            r"[windows-registry-key:key = 'HKEY_CURRENT_USER\\Software\\CryptoLocker\\Files' OR "
            r"windows-registry-key:key = "
            r"'HKEY_CURRENT_USER\\Software\\Microsoft\\CurrentVersion\\Run\\CryptoLocker_0388']"
        ),
        [
            r"HKEY_CURRENT_USER\Software\CryptoLocker\Files",
            r"HKEY_CURRENT_USER\Software\Microsoft\CurrentVersion\Run\CryptoLocker_0388",
        ],
    ),
    (
        (
            "[(file:name = 'pdf.exe' OR file:size = 371712) AND "
            "file:created = t'2014-01-13T07:03:17Z']"
        ),
        ["(pdf.exe)"],
    ),
    (
        (
            "[email-message:sender_ref.value = 'jdoe@example.com' AND "
            "email-message:subject = 'Conference Info']"
        ),
        ["(jdoe@example.com)"],
    ),
    ("[x-usb-device:usbdrive.serial_number = '575833314133343231313937']", []),
    (
        (
            "[process:command_line MATCHES '^.+>-add GlobalSign.cer -c -s -r localMachine Root$'] "
            "FOLLOWEDBY [process:command_line MATCHES'^.+>-add GlobalSign.cer -c -s -r "
            "localMachineTrustedPublisher$'] WITHIN 300 SECONDS"
        ),
        [],
    ),
    (
        "[network-traffic:dst_ref.value ISSUBSET '2001:0db8:dead:beef:0000:0000:0000:0000/64']",
        ["2001:db8:dead:beef::/64"],
    ),
    (
        (
            rf"([file:hashes.MD5 = '{MD5}'] FOLLOWEDBY "
            r"[windows-registry-key:key = 'HKEY_LOCAL_MACHINE\\foo\\bar']) WITHIN 300 SECONDS"
        ),
        [f"({MD5})", r"(HKEY_LOCAL_MACHINE\foo\bar)"],
    ),
    (
        (
            r"([file:name = 'foo.dll'] AND [windows-registry-key:key = "
            r"'HKEY_LOCAL_MACHINE\\foo\\bar']) OR [process:image_ref.name = 'fooproc' OR "
            r"process:image_ref.name = 'procfoo']"
        ),
        ["(foo.dll)", r"(HKEY_LOCAL_MACHINE\foo\bar)", "fooproc", "procfoo"],
    ),
    (
        (
            "([ipv4-addr:value = '198.51.100.1/32' OR ipv4-addr:value = '203.0.113.33/32' OR "
            "ipv6-addr:value = '2001:0db8:dead:beef:dead:beef:dead:0001/128'] FOLLOWEDBY "
            "[domain-name:value = 'example.com']) WITHIN 600 SECONDS"
        ),
        [
            "(198.51.100.1)",
            "(203.0.113.33)",
            "(2001:db8:dead:beef:dead:beef:dead:1)",
            "(example.com)",
        ],
    ),
    (
        "[ipv4-addr:value = '198.51.100.5' AND ipv4-addr:value = '198.51.100.10']",
        ["(198.51.100.5)", "(198.51.100.10)"],
    ),
    (
        "[file:name = 'foo.exe'] FOLLOWEDBY [file:name = 'bar.exe'] REPEATS 5 TIMES",
        ["(foo.exe)", "(bar.exe)"],
    ),
    ("[file:name = 'foo.exe'] REPEATS 1 TIMES", ["foo.exe"]),
    (
        (
            f"([file:name = 'foo.exe'] OR [file:hashes.MD5 = '{MD5}']) "
            "START t'2016-05-12T08:17:27.000Z' STOP t'2016-05-12T08:37:27.000Z'"
        ),
        ["foo.exe", MD5],
    ),
    (
        "[ipv4-addr:value = '198.51.100.5'] AND [ipv4-addr:value = '198.51.100.10']",
        ["(198.51.100.5)", "(198.51.100.10)"],
    ),
    (
        (
            "[ipv4-addr:value = '198.51.100.5'] OR [ipv4-addr:value = '198.51.100.10' "
            "AND ipv4-addr:belongs_to_refs[0].number = 64496]"
        ),
        ["198.51.100.5", "(198.51.100.10)", "(AS64496)"],
    ),
    ("[file:name IN ('a.exe', 'b.exe')]", ["a.exe", "b.exe"]),
    ("[ipv4-addr:value NOT = '198.51.100.5']", []),
    ("[ipv4-addr:value NOT IN ('198.51.100.5', '198.51.100.6')]", []),
    ("[ipv4-addr:value != '198.51.100.5']", []),
    ("[NOT EXISTS file:name]", []),
    ("[EXISTS windows-registry-key:values]", []),
    ("[file:name LIKE '%.exe']", []),
    ("[directory:path NOT LIKE 'C:%']", []),
    ("[ipv4-addr:value ISSUPERSET '198.51.100.0/24']", []),
    ("[domain-name:value == 'a.example' OR domain-name:value <> 'b.example']", ["a.example"]),
    ("[network-traffic:is_active = true AND network-traffic:dst_port < 1024]", []),
]
