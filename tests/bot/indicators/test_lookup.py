"""Lookups: who says what of a value, what it belongs to, what hangs on it."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count

import pytest

from bot.indicators import hanging
from bot.indicators.answers import Belonging, Related, Sighting
from bot.indicators.observable import Kind, Observable
from bot.indicators.raw import Asking
from bot.indicators.reports import call_harmless, no_longer_harmless, saw
from bot.indicators.sight import of_team
from bot.indicators.sources import micro
from bot.indicators.things import Link, Said, Seen, Thing
from bot.sharing.marking import Label, Marking
from bot.store.database import Database
from tests.indicators import (
    ADDRESS,
    DAY,
    DOMAIN,
    LATER,
    NOW,
    A,
    B,
    C,
    ask,
    at,
    feed,
    markings,
    one,
    sees,
    take_in,
    thing,
)  # fmt: skip

GREEN, AMBER = Marking(Label.GREEN), Marking(Label.AMBER)
MD5 = Observable(Kind.MD5, "0" * 32)
SHA1 = Observable(Kind.SHA1, "1" * 40)
SHA256 = Observable(Kind.SHA256, "2" * 64)
_numbers = count(500)


def tie(kind: str, start: Thing, target: Thing, marking: Marking | None = None) -> Thing:
    return thing(
        next(_numbers), kind="relationship", links=(Link(kind, start.id, target.id),),
        marking=marking,
    )  # fmt: skip


def related(answer_of: Observable, database: Database) -> list[tuple[str, str]]:
    return [(each.relation, each.value.value) for each in one(database, answer_of).related]


def test_nothing_known_says_what_was_searched_and_how_fresh_it_is(database: Database) -> None:
    take_in(database, feed("acme"), thing(1, DOMAIN))
    answer = one(database, ADDRESS)
    assert not answer.known
    assert [(each.source, each.fresh) for each in answer.searched] == [("acme", at(NOW))]


def test_answers_stand_in_the_order_of_the_question(database: Database) -> None:
    take_in(database, feed(), thing(1, DOMAIN), thing(2, ADDRESS))
    answers = ask(database, ADDRESS, MD5, DOMAIN, ADDRESS)
    assert [each.observable for each in answers] == [ADDRESS, MD5, DOMAIN, ADDRESS]
    assert [each.known for each in answers] == [True, False, True, True]


def test_a_statement_says_everything_that_its_object_does(database: Database) -> None:
    said = thing(
        1, ADDRESS, name="C2", confidence=70, labels=("c2", "apt"), phases=("kc:delivery",),
        valid_from=at(NOW) - DAY, valid_until=at(NOW) + DAY, version=at(NOW), marking=AMBER,
    )  # fmt: skip
    take_in(database, feed("acme", originator=A), said)
    found = one(database, ADDRESS).statements[0]
    assert (found.source, found.team, found.marking) == ("acme", A, AMBER)
    assert (found.confidence, found.labels, found.phases) == (70, ("c2", "apt"), ("kc:delivery",))
    assert (found.first_seen, found.last_seen) == (at(NOW) - DAY, at(NOW))
    assert not found.expired
    assert ask(database, ADDRESS, now=NOW + timedelta(days=1))[0].statements[0].expired


def test_an_absent_confidence_is_unspecified_and_not_zero(database: Database) -> None:
    take_in(database, feed("x"), thing(1, ADDRESS))
    assert one(database, ADDRESS).confidences is None
    take_in(database, feed("y"), thing(1, ADDRESS, confidence=0))
    assert one(database, ADDRESS).confidences == (0, 0)


def test_an_indicator_belongs_to_what_its_source_relates_it_to(database: Database) -> None:
    indicator, other = thing(1, ADDRESS), thing(2, DOMAIN)
    malware = thing(3, kind="malware", name="Cat")
    campaign = thing(4, kind="campaign", name="Milk")
    actor = thing(5, kind="threat-actor", name="Paw")
    technique = thing(6, kind="attack-pattern", name="Phishing")
    stranger = thing(7, kind="threat-actor", name="Stranger")
    take_in(
        database, feed(), indicator, other, malware, campaign, actor, technique, stranger,
        tie("indicates", indicator, malware), tie("uses", campaign, malware),
        tie("attributed-to", campaign, actor), tie("uses", malware, technique),
        tie("uses", stranger, technique), tie("indicates", other, campaign),
    )  # fmt: skip
    belongs = one(database, ADDRESS).statements[0].belongs
    assert belongs == (
        Belonging("malware", "Cat"), Belonging("attack-pattern", "Phishing"),
        Belonging("campaign", "Milk"), Belonging("threat-actor", "Paw"),
    )  # fmt: skip


def test_another_sources_relationships_say_nothing_of_ours(database: Database) -> None:
    indicator, malware = thing(1, ADDRESS), thing(3, kind="malware", name="Cat")
    take_in(database, feed("acme"), indicator)
    take_in(database, feed("other"), malware, tie("indicates", indicator, malware))
    assert one(database, ADDRESS).statements[0].belongs == ()


def test_relationships_in_a_circle_end(database: Database) -> None:
    indicator, one_, two = (
        thing(1, ADDRESS), thing(2, kind="malware", name="1"), thing(3, kind="malware", name="2"),
    )  # fmt: skip
    take_in(
        database, feed(), indicator, one_, two, tie("indicates", indicator, one_),
        tie("uses", one_, two), tie("uses", two, one_), tie("uses", one_, one_),
    )  # fmt: skip
    assert len(one(database, ADDRESS).statements[0].belongs) == 2


@pytest.mark.parametrize(
    ("value", "networks"),
    [
        (Observable(Kind.IPV4, "198.51.100.7"), ["198.51.100.0/24", "198.51.0.0/16"]),
        (Observable(Kind.IPV4, "198.52.0.1"), []),
        (Observable(Kind.IPV6, "2001:db8::7"), ["2001:db8::/32"]),
        (Observable(Kind.NETWORK, "198.51.100.0/25"), ["198.51.100.0/24", "198.51.0.0/16"]),
    ],
)
def test_the_networks_around_a_value_are_related(
    database: Database, value: Observable, networks: list[str]
) -> None:
    said = ("198.51.0.0/16", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
    things = [thing(n, Observable(Kind.NETWORK, each)) for n, each in enumerate(said)]
    take_in(database, feed(), *things)
    assert related(value, database) == [("network", each) for each in networks]


def test_known_domains_above_one_are_related_down_to_the_registered(database: Database) -> None:
    names = ("co.uk", "evil.co.uk", "a.evil.co.uk")
    take_in(
        database, feed(),
        *(thing(n, Observable(Kind.DOMAIN, each)) for n, each in enumerate(names)),
    )  # fmt: skip
    value = Observable(Kind.DOMAIN, "x.a.evil.co.uk")
    assert related(value, database) == [("parent", "a.evil.co.uk"), ("parent", "evil.co.uk")]
    url = Observable(Kind.URL, "http://y.evil.co.uk/x")
    assert related(url, database) == [("host", "y.evil.co.uk"), ("parent", "evil.co.uk")]


def test_domains_that_resolved_to_an_address_are_related(database: Database) -> None:
    address, domain = thing(1, ADDRESS, kind="ipv4-addr"), thing(2, DOMAIN, kind="domain-name")
    domain = thing(
        2, DOMAIN, kind="domain-name", links=(Link("resolves-to", domain.id, address.id),)
    )
    take_in(database, feed(), address, domain)
    assert related(ADDRESS, database) == [("resolved", DOMAIN.value)]
    assert related(DOMAIN, database) == [("resolved", ADDRESS.value)]


def test_a_hash_is_found_under_another_of_the_same_file(database: Database) -> None:
    whole = thing(1, said=(Said(MD5, file=1), Said(SHA256, file=1)), kind="file")
    take_in(database, feed("x"), whole)
    take_in(database, feed("y"), thing(2, MD5, confidence=90))
    answer = one(database, SHA256)
    assert answer.related == (Related("same-file", MD5),)
    assert [(each.source, each.via) for each in answer.statements] == [("x", None), ("y", MD5)]


def test_hashes_of_several_files_are_not_taken_for_one(database: Database) -> None:
    two = thing(1, said=(Said(MD5, file=1), Said(SHA256, file=2), Said(SHA1)))
    take_in(database, feed(), two, thing(2, MD5, confidence=90))
    answer = one(database, SHA256)
    assert answer.related == ()
    assert len(answer.statements) == 1


def test_a_part_is_said_to_be_one(database: Database) -> None:
    take_in(database, feed(), thing(1, said=(Said(ADDRESS, part=True), Said(DOMAIN, part=True))))
    assert one(database, ADDRESS).statements[0].part


def test_sightings_are_told_by_team_or_anonymously(database: Database) -> None:
    take_in(database, feed("acme"), thing(1, ADDRESS), thing(
        2, kind="sighting", seen=Seen(thing(1).id, 3, at(NOW) - 5 * DAY, at(LATER)),
    ))  # fmt: skip
    database.run_now(lambda s: saw(s, ADDRESS, B, GREEN, NOW, times=2, place="mail"))
    database.run_now(lambda s: saw(s, ADDRESS, C, GREEN, LATER, anonymous=True))
    answer = one(database, ADDRESS)
    assert answer.sightings == (
        Sighting("acme", 3, at(NOW) - 5 * DAY, at(LATER)),
        Sighting(B, 2, at(NOW), at(NOW), ("mail",)),
        Sighting(None, 1, at(LATER), at(LATER)),
    )
    assert answer.statements[0].first_seen == at(NOW) - 5 * DAY
    assert answer.statements[0].last_seen == at(LATER)


def test_a_sighting_alone_makes_a_value_known(database: Database) -> None:
    database.run_now(lambda s: saw(s, ADDRESS, B, GREEN, NOW))
    assert one(database, ADDRESS).known


def test_a_false_positive_is_said_beside_the_statements(database: Database) -> None:
    take_in(database, feed(), thing(1, ADDRESS))
    database.run_now(lambda s: call_harmless(s, ADDRESS, B, GREEN, "ours", NOW))
    database.run_now(lambda s: call_harmless(s, ADDRESS, B, GREEN, "our scanner", NOW))
    answer = one(database, ADDRESS)
    assert [(each.team, each.note) for each in answer.harmless] == [(B, "our scanner")]
    assert answer.known
    assert database.run_now(lambda s: no_longer_harmless(s, ADDRESS, B))
    assert not one(database, ADDRESS).harmless


def test_five_hundred_values_are_one_question(database: Database) -> None:
    values = [Observable(Kind.IPV6, f"2001:db8::{number:x}") for number in range(500)]
    take_in(database, feed(), *(thing(n, value) for n, value in enumerate(values)))
    assert all(each.known for each in ask(database, *values))


# ── who may see what ────────────────────────────────────────────────────────────────────────────


def test_a_team_sees_what_its_clearance_allows(database: Database) -> None:
    take_in(database, feed(label=Label.AMBER), thing(1, ADDRESS))
    assert one(database, ADDRESS, sees(B)).known
    assert not one(database, ADDRESS, sees(B, Label.GREEN)).known


def test_the_originator_always_sees_its_own(database: Database) -> None:
    nobody = feed(label=Label.AMBER_STRICT, originator=A, group="nobody")
    take_in(database, nobody, thing(1, ADDRESS))
    assert one(database, ADDRESS, sees(A, Label.CLEAR)).known
    assert not one(database, ADDRESS, sees(B)).known


def test_a_group_admits_its_members_alone(database: Database) -> None:
    take_in(database, feed(group="inner"), thing(1, ADDRESS))
    assert one(database, ADDRESS, sees(A)).known
    assert not one(database, ADDRESS, sees(C)).known


def test_a_team_that_joins_a_group_gets_what_is_said_from_then_on(database: Database) -> None:
    take_in(database, feed(group="inner"), thing(1, ADDRESS), now=NOW)
    take_in(database, feed(group="inner"), thing(2, DOMAIN), now=NOW + timedelta(hours=2))
    joined: datetime = NOW + timedelta(hours=1)
    sight = of_team(markings(since={"inner": {A: None, B: joined}}), B)
    assert not one(database, ADDRESS, sight).known
    assert one(database, DOMAIN, sight).known
    take_in(database, feed(group="inner"), thing(1, ADDRESS, version=2), now=LATER)
    assert one(database, ADDRESS, sight).known


def test_a_relationship_above_the_audience_ties_nothing(database: Database) -> None:
    indicator, malware = thing(1, ADDRESS), thing(2, kind="malware", name="Cat")
    take_in(database, feed(), indicator, malware, tie("indicates", indicator, malware, AMBER))
    assert one(database, ADDRESS, sees(A)).statements[0].belongs
    assert one(database, ADDRESS, sees(A, Label.GREEN)).statements[0].belongs == ()


def test_what_an_indicator_belongs_to_is_not_named_above_the_audience(database: Database) -> None:
    indicator = thing(1, ADDRESS)
    malware = thing(2, kind="malware", name="Cat", marking=AMBER)
    actor = thing(3, kind="threat-actor", name="Paw")
    ties = tie("indicates", indicator, malware), tie("uses", actor, malware)
    take_in(database, feed(), indicator, malware, actor, *ties)
    assert len(one(database, ADDRESS, sees(A)).statements[0].belongs) == 2
    assert one(database, ADDRESS, sees(A, Label.GREEN)).statements[0].belongs == ()


def test_a_feed_above_the_audience_is_not_named(database: Database) -> None:
    take_in(database, feed("acme", Label.AMBER), thing(1, ADDRESS))
    take_in(database, feed("open", Label.CLEAR))
    searched = one(database, ADDRESS, sees(B, Label.GREEN)).searched
    assert [each.source for each in searched] == ["open"]
    assert [each.source for each in one(database, ADDRESS, sees(B)).searched] == ["acme", "open"]


def test_a_feed_above_the_audience_is_as_fresh_as_what_it_says_to_it(database: Database) -> None:
    own, hidden = feed("acme", Label.AMBER), thing(2, DOMAIN)
    take_in(database, own, thing(1, ADDRESS, marking=GREEN))
    take_in(database, own, hidden, now=LATER)
    searched = one(database, ADDRESS, sees(B, Label.GREEN)).searched
    assert [(each.source, each.fresh) for each in searched] == [("acme", at(NOW))]


def test_times_are_exact(database: Database) -> None:
    moment = datetime.fromisoformat("2026-02-01T00:00:00.000001+00:00")
    take_in(database, feed(), thing(1, ADDRESS, valid_from=micro(moment)))
    assert one(database, ADDRESS).statements[0].first_seen == micro(moment)


def test_what_its_sources_have_revoked_is_no_domain_above_and_no_network_around(
    database: Database,
) -> None:
    below = Observable(Kind.DOMAIN, f"a.{DOMAIN.value}")
    network = Observable(Kind.NETWORK, "198.51.100.0/24")
    for number, value in ((1, DOMAIN), (2, network)):
        take_in(database, feed(), thing(number, value, revoked=True))
    assert related(below, database) == related(ADDRESS, database) == []
    take_in(database, feed("other"), thing(1, DOMAIN), thing(2, network))
    assert related(below, database) == [("parent", DOMAIN.value)]
    assert related(ADDRESS, database) == [("network", network.value)]


def test_what_indicates_a_malware_is_not_gone_through_for_who_uses_it(sqlite: Database) -> None:
    """Thousands may; all that was said of it took a millisecond and a half."""
    asked = f"EXPLAIN QUERY PLAN {hanging.IN_LATER.all.replace('{}', '?')}"
    plan = sqlite.read_now(lambda session: Asking(session).rows(asked, (1, 10)))
    assert any("ix_indicator_link_kind (target=? AND kind=?)" in row[-1] for row in plan), plan


@pytest.mark.parametrize("way", [hanging.OUT, hanging.IN, hanging.IN_LATER])
def test_a_page_of_what_hangs_on_an_object_is_read_in_the_order_of_its_index(
    way: hanging._Way, sqlite: Database
) -> None:
    asked = f"EXPLAIN QUERY PLAN {way.page}"
    plan = sqlite.read_now(lambda session: Asking(session).rows(asked, (1, 1, 9, 10)))
    assert not any("TEMP B-TREE" in row[-1] for row in plan), plan
