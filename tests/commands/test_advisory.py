"""`advisory …`: who may do what with one, when it is posted, what is asked before."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.advisories import keeping
from bot.custody.effective import stored_marked
from bot.errors import UserError
from bot.events import Author, Edit, Post, RoomId
from bot.richtext import plain
from bot.sharing.marking import Label
from bot.store.tables import Schedule
from bot.store.tables.advisories import Advisory
from bot.times.working import Severity
from commands.registry import ChannelView
from tests.commands.house import ADMIN_ROOM, DIRECT_ROOM, MATRIX_ROOM, NOW, SLACK_ROOM
from tests.commands.newsdesk import ADA, ALF, BEN, CYD, EVE, PEOPLE, Newsdesk

FILE = """---
title: Patch the VPN
severity: critical
marking: TLP:AMBER
seal: [alpha, bravo]
cves: CVE-2026-1234
due: 2026-11-24T09:00
---
Patch **now**.
"""
WRONG = "I know of no such advisory"


def row_of(desk: Newsdesk, ref: str) -> Advisory:
    row = keeping.find(desk.session, ref)
    assert row is not None
    return row


def test_a_file_makes_the_draft_at_once_and_each_team_is_asked_to_seal_it(desk: Newsdesk) -> None:
    answer = desk.run(ADA, "draft", file=FILE)
    lines = plain(answer.body).split("\n")
    ref = lines[0].partition(" ")[0]
    assert lines[0] == f"{ref} is a draft."
    assert "It waits for the seal of: CERT Alpha, CERT Bravo" in lines
    document = keeping.document_of(row_of(desk, ref))
    assert (document.severity, str(document.label), document.cves) == (
        "critical", "TLP:AMBER", ("CVE-2026-1234",),
    )  # fmt: skip
    assert document.due == "2026-11-24T08:00:00+00:00"  # in the author's zone
    assert all("Patch" not in str(each) for each in answer.also)


@pytest.mark.parametrize(
    ("due", "says"),
    [
        ("2026-03-29T02:30", "There is no such time, since clocks are set ahead"),
        ("2026-10-25T02:30", "That time comes twice, since clocks are set back"),
        ("2026-03-01T09:00", "That time has gone by."),
        ("2026-11-24T09:00", "To be done by: Tue 2026-11-24 09:00 Europe/Paris (08:00 UTC)"),
    ],
)
def test_what_is_to_be_said_of_a_deadline_is_said(desk: Newsdesk, due: str, says: str) -> None:
    lines = desk.ask(ADA, f"draft --due {due} Patch\nNow.")
    assert any(line.startswith(says) for line in lines), lines


@pytest.mark.parametrize(
    ("when", "why"),
    [
        ('"0 0 30 2 *"', "never"),
        ('"* * * * *"', "60 times an hour"),
        ('"every 1m"', "minute"),
        ('"whenever"', r"Write when as .*\nUsage: advisory every"),
        ('"daily 09:00" Europe/Brusels', "Did you mean Europe/Brussels"),
    ],
)
def test_what_never_fires_or_too_often_is_refused(desk: Newsdesk, when: str, why: str) -> None:
    with pytest.raises(UserError, match=why):
        desk.ask(ADA, f"every {when} Situation report, please.")


def test_options_that_end_the_title_are_no_words_of_it(desk: Newsdesk) -> None:
    ref = desk.drafted("draft Patch the VPN --severity high --marking TLP:GREEN\nNow.")
    document = keeping.document_of(row_of(desk, ref))
    assert (document.title, document.severity, document.label) == (
        "Patch the VPN", Severity.HIGH, Label.GREEN,
    )  # fmt: skip
    desk.ask(ADA, f"edit {ref} --severity critical\nPatch the VPN\nAt once.")
    document = keeping.document_of(row_of(desk, ref))
    assert (document.title, document.severity) == ("Patch the VPN", Severity.CRITICAL)


@pytest.mark.parametrize("typed", ["post {ref} at never", "post {ref} in a while"])
def test_a_time_that_is_none_is_answered_with_how_it_is_typed(desk: Newsdesk, typed: str) -> None:
    ref = desk.sealed()
    with pytest.raises(UserError, match=r"Write .*\nUsage: advisory post"):
        desk.ask(ADA, typed.format(ref=ref))


def test_lines_of_text_make_one_with_the_channels_default(desk: Newsdesk) -> None:
    ref = desk.drafted("draft --severity high Patch the VPN\nNow.\n\n- a\n- b")
    document = keeping.document_of(row_of(desk, ref))
    assert (document.title, document.body) == ("Patch the VPN", "Now.\n\n- a\n- b")
    assert (document.severity, str(document.label)) == ("high", "TLP:GREEN")


@pytest.mark.parametrize(
    ("text", "file", "why"),
    [
        ("draft", "---\nmarking: TLP:RED\n---\n# A", "TLP:RED"),
        ("draft", "---\nmarking: TLP:PINK\n---\n# A", "Say a label"),
        ("draft", "---\nchannels: nowhere\n---\n# A", "no channel “nowhere”"),
        ("draft", "---\nseal: nobody\n---\n# A", "no team “nobody”"),
        ("draft", "---\ngroup: inner\n---\n# A", "No series is for"),
        ("draft", "---\ncves: 2026\n---\n# A", "is no CVE"),
        ("draft", "no title at all", "needs a title"),
        ("draft --marking TLP:GREEN A\nTLP:AMBER", None, "Its words bear TLP:AMBER"),
        ("draft --severity huge A", None, "how grave"),
    ],
)
def test_what_can_be_no_draft_says_why(
    desk: Newsdesk, text: str, file: str | None, why: str
) -> None:
    with pytest.raises(UserError, match=why):
        desk.ask(ADA, text, file=file)


def test_a_draft_exists_for_its_authors_alone(desk: Newsdesk) -> None:
    ref = desk.drafted()
    for author in (EVE, CYD):
        for word in ("show", "status", "seal", "preview", "ack", "cancel"):
            with pytest.raises(UserError, match=WRONG):
                desk.ask(author, f"{word} {ref}")
        assert desk.ask(author, "list") == ["There is no advisory here that you may know of."]
    assert desk.ask(BEN, "list")[1].startswith(f"• TLP:GREEN · {ref} · Patch the VPN: a draft")
    assert desk.ask(CYD, f"status {ref}", room=ADMIN_ROOM)


def test_the_preview_has_the_button_that_seals_what_was_read(desk: Newsdesk) -> None:
    ref = desk.drafted()
    assert not desk.run(ADA, f"preview {ref}").controls
    (control,) = desk.run(ALF, f"preview {ref}").controls
    desk.ask(ADA, f"edit {ref} Patch the VPN at once\nNow.")
    with pytest.raises(UserError, match="others by now"):
        desk.ask(ALF, control.call.removeprefix("advisory "))
    (control,) = desk.run(ALF, f"preview {ref}").controls
    assert desk.ask(ALF, control.call.removeprefix("advisory "))[0] == f"{ref}: sealed by all."


def test_nobody_posts_what_is_not_sealed(desk: Newsdesk) -> None:
    ref = desk.drafted()
    for when in ("now", "in 2h", "at 2026-11-24T09:00"):
        with pytest.raises(UserError, match="not sealed yet"):
            desk.ask(ADA, f"post {ref} {when}")


def test_a_post_is_answered_in_the_speakers_zone_and_in_utc(desk: Newsdesk) -> None:
    ref = desk.sealed()
    assert desk.ask(ADA, f"post {ref} at 2026-11-24T09:00 Europe/Brussels")[0] == (
        "It is posted Tue 2026-11-24 09:00 Europe/Brussels (08:00 UTC)"
    )
    assert desk.ask(ADA, f"post {ref} at 2026-11-24T09:00")[0].endswith("Europe/Paris (08:00 UTC)")
    rows = desk.session.execute(select(Schedule).order_by(Schedule.id)).scalars().all()
    assert [row.ended is None for row in rows] == [False, True]
    assert rows[1].channel is None  # nobody sees it in the channel's list


@pytest.mark.parametrize(
    ("time", "says"),
    [
        ("2026-03-29T02:30", "There is no such time, since clocks are set ahead"),
        ("2026-10-25T02:30", "That time comes twice, since clocks are set back"),
    ],
)
def test_of_a_time_in_doubt_both_readings_are_said(desk: Newsdesk, time: str, says: str) -> None:
    lines = desk.ask(ADA, f"post {desk.sealed()} at {time} Europe/Brussels")
    assert any(line.startswith(says) for line in lines), lines


def test_in_2h_counts_from_the_command(desk: Newsdesk) -> None:
    ref = desk.sealed()
    desk.ask(ADA, f"post {ref} in 2h", said=NOW - timedelta(minutes=5))
    assert row_of(desk, ref).at == NOW + timedelta(minutes=115)


def test_a_time_gone_by_and_several_channels_are_asked_about(desk: Newsdesk) -> None:
    ref = desk.sealed()
    with pytest.raises(UserError, match="Say when"):
        desk.ask(ADA, f"post {ref}")
    question = desk.run(ADA, f"post {ref} at 2026-03-01T09:00")
    assert question.asks.startswith("That time has gone by. Post it now?")
    assert row_of(desk, ref).state == "sealing"
    desk.house.views["ports"] = ChannelView("ports", "P", Label.AMBER, teams=("alpha",))
    ref = desk.sealed("draft --channels ransomware,ports Patch\nNow.")
    question = desk.run(ADA, f"post {ref} in 2h", said=NOW)
    assert question.asks.startswith("Post it Wed 2026-03-04 17:30 Europe/Paris (16:30 UTC)?")
    assert desk.run(ADA, f"post {ref} in 2h", confirmed=question.asks, said=NOW).asks == ""
    assert row_of(desk, ref).state == "scheduled"


def test_an_edit_of_what_is_scheduled_stops_it(desk: Newsdesk) -> None:
    ref = desk.sealed()
    desk.ask(ADA, f"post {ref} in 2h")
    lines = desk.ask(ADA, f"edit {ref} Other\nWords")
    assert "It is scheduled no more: post it again once it is sealed." in lines
    assert row_of(desk, ref).state == "draft"
    assert desk.session.execute(select(Schedule)).scalar_one().ended == NOW
    with pytest.raises(UserError, match="Nothing of it is other"):
        desk.ask(ADA, f"edit {ref} Other\nWords")
    assert desk.ask(ADA, f"edit --severity high {ref}")[0] == f"{ref} has other words now."
    assert keeping.document_of(row_of(desk, ref)).title == "Other"


def test_now_posts_in_every_room_with_the_next_number_and_buttons(desk: Newsdesk) -> None:
    answer = desk.run(ADA, f"post {desk.sealed()} now")
    assert plain(answer.body).startswith("RANSOMWARE-2026-001 is posted.\n")
    posts = [each.content for each in answer.also]
    assert [type(each) for each in posts] == [Post, Post]
    assert all(isinstance(each, Post) and len(each.controls) == 6 for each in posts)
    assert desk.posted() == "RANSOMWARE-2026-002"


def test_teams_acknowledge_and_the_board_is_the_authors(desk: Newsdesk) -> None:
    name = desk.posted()
    answer = desk.run(EVE, f"ack {name} not affected")
    assert plain(answer.body) == f"{name} · CERT Bravo: not affected"
    edits = [each.content for each in answer.also]
    assert all(
        isinstance(each, Edit) and "1 of 2 · CERT Bravo: not affected" in plain(each.body)
        for each in edits
    )
    board = desk.ask(ADA, f"status {name}")
    assert board[2] == "1 not affected, 1 not reached"
    assert board[3:] == [
        "• CERT Alpha: not reached",
        "• CERT Bravo: not affected, for 0 s; it is Wed 14:30 there (UTC)",
    ]
    assert desk.ask(EVE, f"status {name}")[3:] == ["• CERT Bravo: not affected"]
    with pytest.raises(UserError, match="Say one of these"):
        desk.ask(EVE, f"ack {name} fine")
    with pytest.raises(UserError, match=WRONG):
        desk.ask(CYD, f"ack {name} received")


def test_an_update_waits_for_a_seal_and_asks_again(desk: Newsdesk) -> None:
    name = desk.posted()
    desk.ask(EVE, f"ack {name} fixed")
    with pytest.raises(UserError, match="Only its authors"):
        desk.ask(EVE, f"update {name} More.")
    assert desk.ask(ADA, f"update {name} More of it.")[1] == (
        "It waits for the seal of: CERT Alpha"
    )
    with pytest.raises(UserError, match="Nobody approves"):
        desk.ask(ADA, f"seal {name}")
    later = NOW + timedelta(hours=1)
    answer = desk.run(ALF, f"seal {name}", now=later)
    assert plain(answer.body).endswith("The update is on its way.")
    assert {type(each.content) for each in answer.also} == {Edit, Post}
    assert "fixed" not in "".join(desk.ask(ADA, f"status {name}", now=later))


def test_withdrawing_and_superseding_ask_first(desk: Newsdesk) -> None:
    old, new = desk.posted(), desk.posted()
    question = desk.run(ADA, f"supersede {old} {new}")
    assert question.asks
    assert not question.also
    assert desk.run(ADA, f"supersede {old} {new}", confirmed=question.asks).also
    assert row_of(desk, old).state == "superseded"
    with pytest.raises(UserError, match="Say why"):
        desk.ask(ADA, f"withdraw {new}")
    question = desk.run(ADA, f"withdraw {new} It was wrong.")
    desk.run(ADA, f"withdraw {new} It was wrong.", confirmed=question.asks)
    assert row_of(desk, new).state == "withdrawn"


def test_what_is_posted_supersedes_what_it_was_said_to(desk: Newsdesk) -> None:
    old, new = desk.posted(), desk.sealed()
    assert "takes the place of" in desk.ask(ADA, f"supersede {old} {new}")[0]
    desk.ask(ADA, f"post {new} now")
    assert row_of(desk, old).state == "superseded"


def test_a_cancelled_draft_takes_no_number(desk: Newsdesk) -> None:
    ref = desk.sealed()
    desk.ask(ADA, f"post {ref} in 2h")
    desk.ask(ADA, f"cancel {ref}")
    assert desk.session.execute(select(Schedule)).scalar_one().ended == NOW
    assert desk.posted() == "RANSOMWARE-2026-001"
    with pytest.raises(UserError, match="That cannot be done"):
        desk.ask(ADA, f"cancel {ref}")


def test_lifting_an_embargo_takes_two_teams(desk: Newsdesk) -> None:
    ref = desk.drafted("draft --seal alpha,bravo Patch\nNow.")
    for author in (ALF, EVE):
        desk.ask(author, f"seal {ref}")
    with pytest.raises(UserError, match="Only what is scheduled"):
        desk.ask(ADA, f"lift {ref}")
    desk.ask(ADA, f"post {ref} in 2h")
    for earlier in ("now", "in 1h"):
        with pytest.raises(UserError, match="under embargo"):
            desk.ask(ADA, f"post {ref} {earlier}", said=NOW)
    assert desk.ask(ADA, f"post {ref} in 3h", said=NOW)[0].startswith("It is posted ")
    for author in (ADA, ALF):
        assert "Another team" in desk.ask(author, f"lift {ref}")[0]
    with pytest.raises(UserError, match="who speak for a team"):
        desk.ask(BEN, f"lift {ref}")
    assert desk.ask(EVE, f"lift {ref}")[0] == "RANSOMWARE-2026-001 is posted."


def test_every_is_answered_with_the_next_three_and_saved_on_confirmation(desk: Newsdesk) -> None:
    text = 'every "weekdays 08:30" Europe/Brussels Situation report, please.'
    question = desk.run(ADA, text)
    assert question.asks.split("\n") == [
        "Post it weekdays 08:30 (Europe/Brussels)?",
        "Next:",
        "• Thu 2026-03-05 08:30 Europe/Brussels (07:30 UTC)",
        "• Fri 2026-03-06 08:30 Europe/Brussels (07:30 UTC)",
        "• Mon 2026-03-09 08:30 Europe/Brussels (07:30 UTC)",
        f"It goes to: {SLACK_ROOM}, matrix:coalition/!abc:example.org",
    ]
    assert desk.session.execute(select(Schedule)).first() is None
    desk.run(ADA, text, confirmed=question.asks)
    row = desk.session.execute(select(Schedule)).scalar_one()
    assert (row.kind, row.object, row.zone) == (
        "post", "Situation report, please.", "Europe/Brussels",
    )  # fmt: skip
    assert "(Asia/Tokyo)" in desk.run(ADA, 'every "daily 9:00" Japan wakes up.').asks
    digest = desk.run(ADA, 'every "daily 9:00" digest')
    assert digest.asks.startswith("Post a digest daily 9:00 (Asia/Tokyo)?")
    desk.run(ADA, 'every "daily 9:00" digest', confirmed=digest.asks)
    kinds = desk.session.execute(select(Schedule.kind).order_by(Schedule.id)).scalars().all()
    assert kinds == ["post", "digest"]


def test_what_no_room_may_have_is_not_planned_again_and_again(desk: Newsdesk) -> None:
    with pytest.raises(UserError, match="No room may have it, as it is marked"):
        desk.run(ADA, 'every "daily 9:00" TLP:AMBER+STRICT\nFor few.')


def test_every_says_the_times_where_its_reader_is_too(desk: Newsdesk) -> None:
    (_, _, first, *_) = desk.run(ADA, 'every "daily 9:00" Good morning.').asks.split("\n")
    assert first == "• Thu 2026-03-05 09:00 Asia/Tokyo (00:00 UTC) · Thu 01:00 Europe/Paris"


@pytest.mark.parametrize(("flag", "late"), [("", "post"), ("--skip-late ", "skip")])
def test_a_schedule_says_what_becomes_of_what_was_missed(
    desk: Newsdesk, flag: str, late: str
) -> None:
    text = f'every {flag}"daily 9:00" Good morning.'
    desk.run(ADA, text, confirmed=desk.run(ADA, text).asks)
    assert desk.session.execute(select(Schedule)).scalar_one().late == late


def test_every_answer_has_a_short_first_line_in_both_languages(desk: Newsdesk) -> None:
    for language in ("en", "fr"):
        desk.language = language
        ref = desk.drafted("draft A title of such a length that it cannot be said in a line at all")
        assert ref.startswith("a-")
        for author in PEOPLE[:2]:
            for word in ("preview", "show", "status"):
                assert len(desk.ask(author, f"{word} {ref}")[0]) <= 80


def test_a_preview_says_into_how_many_posts_it_falls_on_each_network(desk: Newsdesk) -> None:
    ref = desk.drafted("draft Patch\n" + "All of it. " * 150)
    assert not [line for line in desk.ask(ADA, f"preview {ref}") if line.startswith("On ")]
    desk.house.longest = {SLACK_ROOM: 1200}
    lines = desk.ask(ADA, f"preview {ref}", room=MATRIX_ROOM)
    assert lines[-2:] == ["On matrix it is 1 post.", "On slack it is 3 posts."]


def test_a_preview_can_be_sealed_from(desk: Newsdesk) -> None:
    answer = desk.run(ALF, f"preview {desk.drafted()}")
    assert [each.label for each in answer.controls] == ["Seal"]


def test_what_is_out_can_be_shared_in_its_rooms_and_a_draft_cannot(desk: Newsdesk) -> None:
    draft, name = desk.drafted(), desk.posted()
    offered = desk.run(ADA, f"show {name}").controls[-1]
    assert offered.call == f"share advisory show {name}"
    shared = desk.run(ADA, f"advisory show {name}", command="share")
    assert shared.public
    assert "Patch the VPN" in plain(shared.body)
    row = keeping.find(desk.session, name)
    assert row is not None
    assert shared.matter == stored_marked(keeping.marked_as(row))
    with pytest.raises(UserError, match="no such advisory"):
        desk.run(ADA, f"advisory show {draft}", command="share")


def test_when_it_is_posted_is_listed_for_its_authors_where_it_is_posted(desk: Newsdesk) -> None:
    desk.house.rooms["ports"] = [RoomId("slack:alpha/C02PORT")]
    desk.house.views["ports"] = ChannelView("ports", "P", Label.AMBER, teams=("alpha", "bravo"))
    desk.ask(ADA, f"post {desk.sealed()} in 2h")

    def listed(who: Author, room: RoomId | None = None) -> list[str]:
        return plain(desk.run(who, "list", command="schedule", room=room).body).split("\n")

    (first, line) = listed(ADA)
    assert first == "1 schedule:"
    assert "advisory; next Wed 2026-03-04 17:30" in line
    assert listed(BEN) == [first, line], "of the same team"
    nothing = ["Nothing is scheduled here that you may know of."]
    assert listed(EVE) == nothing, "until it is out it does not exist for others"
    assert listed(ADA, RoomId("slack:alpha/C02PORT")) == nothing, "it is not for that channel"
    shared = desk.run(ADA, "schedule list", command="share")
    assert plain(shared.body) == nothing[0]


def test_a_channel_that_is_gone_from_the_settings_takes_nothing_with_it(desk: Newsdesk) -> None:
    desk.house.rooms["ports"] = [RoomId("slack:alpha/C02PORT")]
    desk.house.views["ports"] = ChannelView("ports", "P", Label.AMBER, teams=("alpha", "bravo"))
    wide = "draft --channels ransomware,ports Patch\nNow."
    ref, waits = desk.sealed(wide), desk.sealed(wide)
    question = desk.run(ADA, f"post {ref} now").asks
    answer = desk.run(ADA, f"post {ref} now", confirmed=question)
    number = plain(answer.body).partition(" ")[0]
    del desk.house.rooms["ports"]
    assert len(desk.ask(EVE, "list")) == 2
    assert len(desk.ask(ADA, "list", room=DIRECT_ROOM)) == 3
    assert desk.ask(EVE, f"ack {number}")[0].endswith("received")
    assert "Not to ports: the settings name it no more" in desk.ask(ADA, f"preview {waits}")


def test_what_has_no_channel_any_more_is_not_posted_and_takes_no_number(desk: Newsdesk) -> None:
    desk.house.rooms["ports"] = [RoomId("slack:alpha/C02PORT")]
    desk.house.views["ports"] = ChannelView("ports", "P", Label.AMBER, teams=("alpha", "bravo"))
    ref = desk.sealed("draft --channels ports Patch\nNow.")
    del desk.house.rooms["ports"]
    with pytest.raises(UserError, match="none of its channels any more"):
        desk.ask(ADA, f"post {ref} now")
    assert row_of(desk, ref).released is None


def test_show_and_trace_know_an_advisory_by_its_number(desk: Newsdesk) -> None:
    name = desk.posted()
    shown = desk.run(ADA, name, command="show")
    assert plain(shown.body) == plain(desk.run(ADA, f"show {name}").body)
    assert shown.matter is not None
    traced = plain(desk.run(ADA, name, command="trace").body)
    assert traced.startswith("a-"), "what is put up here is in no outbox"
    draft = desk.drafted()
    with pytest.raises(UserError) as error:
        desk.run(EVE, draft, command="show")
    assert str(error.value) == "I know of no such decision."
    with pytest.raises(UserError, match="nothing of that message"):
        desk.run(EVE, draft, command="trace")
