"""The sandbox's page in a real browser, against a coalition in memory."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.async_playwright import (  # type: ignore[import-untyped]  # no stubs
    Axe,
)
from playwright.async_api import Browser, FilePayload, Page, async_playwright, expect

from bot.sandbox.board import Button
from bot.sandbox.deeds import Edit, React, Say, Share, TakeBack
from bot.sandbox.server import Page as SandboxPage
from tests.bot.sandbox.fake_stage import FakeStage, form_for

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-gpu",
)
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

pytestmark = pytest.mark.skipif(
    not CHROMIUM.exists(), reason="no browser: apt-get install chromium puts one there"
)

Scenario = Callable[[FakeStage, Page], Awaitable[None]]
Play = Callable[..., None]


@pytest.fixture(scope="module")
def play() -> Iterator[Play]:
    """Run a scenario in a fresh tab against a fresh coalition; one browser for them all."""
    with asyncio.Runner() as runner:
        playwright = runner.run(async_playwright().start())
        browser = runner.run(playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS)))

        def run(scenario: Scenario, *, stage: FakeStage | None = None, **context: Any) -> None:
            runner.run(asyncio.wait_for(_play(browser, scenario, stage, context), 30))

        yield run
        runner.run(browser.close())
        runner.run(playwright.stop())


async def _play(
    browser: Browser, scenario: Scenario, stage: FakeStage | None, context: dict[str, Any]
) -> None:
    stage = stage or FakeStage()
    async with _served(stage) as address:
        tab = await (await browser.new_context(**context)).new_page()
        tab.set_default_timeout(5_000)
        faults: list[str] = []
        tab.on("pageerror", lambda error: faults.append(str(error)))
        requests: list[str] = []
        tab.on("request", lambda request: requests.append(request.url))
        await tab.goto(address)
        await tab.wait_for_selector("body[data-live=yes]")
        await scenario(stage, tab)
        await tab.context.close()
        assert faults == []
        assert [url for url in requests if not url.startswith(address)] == []


@asynccontextmanager
async def _served(stage: FakeStage) -> AsyncIterator[str]:
    page = stage.page = SandboxPage(stage)
    await page.start(0)
    try:
        yield page.address
    finally:
        await page.stop()


def _line(tab: Page, room: str, text: str) -> Any:
    return tab.locator(f"section[aria-labelledby={room}-title] .line", has_text=text)


async def _acts(tab: Page, room: str, text: str) -> Any:
    """Open what can be done to a line; the group of it."""
    await _line(tab, room, text).get_by_role("button", name="React, reply and more").click()
    return tab.locator(".acts")


def _named(stage: FakeStage, room: str, text: str) -> str:
    """The id of a line in a room."""
    return next(line.key.message for line in stage.board.lines(room) if line.text == text)


async def _all_that_comes_over(stage: FakeStage) -> None:
    await stage.say("tomas", "Cranes stand.")
    await stage.do("karim", Say("Which?", _named(stage, "alpha", "Cranes stand.")))
    await stage.do("saskia", React(_named(stage, "bravo", "Cranes stand."), "👀"))
    await stage.do("tomas", Edit(_named(stage, "coalition", "Cranes stand."), "Cranes 3 to 9."))
    await stage.do("rui", Share("cranes <b>.txt", b"x" * 1234))
    await stage.say("joris", "Wrong window.")
    await stage.do("joris", TakeBack(_named(stage, "bravo", "Wrong window.")))


_CONFIRM = (Button("press-0", "Confirm", "primary"), Button("press-1", "Refuse", "danger"))


async def _every_kind(stage: FakeStage) -> None:
    await _all_that_comes_over(stage)
    await stage.say("tomas", "The ransom note says Friday.")
    await stage.say("amelie", "/liaison status")
    await stage.answer("alpha", "amelie", "Recall it?", *_CONFIRM)
    stage.carry = "waiting"
    await stage.say("karim", "Isolating the concentrator.")
    stage.carry = "dead"
    await stage.say("joris", "Calling the port.")
    stage.carry = "unknown"
    await stage.say("ines", "The backups are whole.")
    stage.refuse = "The workspace does not answer."


async def _no_violation(tab: Page) -> None:
    found = await Axe().run(tab, options={"runOnly": WCAG})
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 320])
def test_axe_finds_no_violation(play: Play, scheme: str, width: int) -> None:
    async def scenario(stage: FakeStage, tab: Page) -> None:
        await _every_kind(stage)
        await expect(_line(tab, "alpha", "backups")).to_have_count(0)
        await _line(tab, "alpha", "concentrator").locator("summary").click()
        await tab.get_by_label("Message in bravo").press("Enter")
        await expect(tab.locator("#bravo-error")).to_be_visible()
        stage.board.complain("The bot has ended.")
        await expect(tab.locator("#trouble")).to_be_visible()
        await (await _acts(tab, "alpha", "concentrator")).get_by_text("Reply").click()
        await _acts(tab, "coalition", "backups")
        await _no_violation(tab)

    play(scenario, color_scheme=scheme, viewport={"width": width, "height": 800})


@pytest.mark.parametrize("width", [320, 360, 768])
def test_nothing_needs_sideways_scrolling(play: Play, width: int) -> None:
    async def scenario(stage: FakeStage, tab: Page) -> None:
        await stage.say(
            "amelie", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
        )
        await stage.say("joris", "word " * 200)
        stage.board.complain("x" * 500)
        await expect(_line(tab, "coalition", "word")).to_be_visible()
        await _line(tab, "coalition", "9f86").locator("summary").click()
        await (await _acts(tab, "alpha", "9f86")).get_by_text("Reply").click()
        await _acts(tab, "bravo", "word")
        wide = "[...document.querySelectorAll('*')].filter(e => e.scrollWidth > innerWidth).length"
        assert await tab.evaluate(wide) == 0
        assert await tab.evaluate("document.documentElement.scrollWidth") == width

    play(scenario, viewport={"width": width, "height": 256})


def test_a_line_is_said_by_keyboard_alone(play: Play) -> None:
    async def scenario(stage: FakeStage, tab: Page) -> None:
        for _ in range(20):
            await tab.keyboard.press("Tab")
            if await tab.evaluate("document.activeElement.id") == "alpha-who":
                break
        await tab.keyboard.press("ArrowDown")
        await tab.keyboard.press("Tab")
        assert await tab.evaluate("document.activeElement.matches(':focus-visible')")
        await tab.keyboard.type("First line")
        await tab.keyboard.press("Shift+Enter")
        await tab.keyboard.type("second line")
        await tab.keyboard.press("Enter")
        await expect(_line(tab, "coalition", "second line")).to_be_visible()
        assert stage.said == [("karim", "First line\nsecond line")]
        await tab.keyboard.type("and the focus stayed")
        await tab.keyboard.press("Tab")
        await tab.keyboard.press("Enter")  # on Send
        await expect(_line(tab, "bravo", "and the focus stayed")).to_be_visible()

    play(scenario)


def test_everything_that_takes_focus_shows_it(play: Play) -> None:
    async def scenario(stage: FakeStage, tab: Page) -> None:
        await stage.say("amelie", "A line with a way to open")
        await expect(_line(tab, "coalition", "A line")).to_be_visible()
        seen = set()
        for _ in range(24):
            await tab.keyboard.press("Tab")
            style = await tab.evaluate(
                "(e => [e.tagName, getComputedStyle(e).outlineStyle])(document.activeElement)"
            )
            if style[0] == "BODY":
                break
            assert style[1] != "none", style
            seen.add(style[0])
        assert seen >= {"A", "DIV", "SUMMARY", "SELECT", "TEXTAREA", "BUTTON"}

    play(scenario)


def test_each_target_is_24_pixels_or_more(play: Play) -> None:
    async def scenario(stage: FakeStage, tab: Page) -> None:
        await stage.say("amelie", "A line")
        await expect(_line(tab, "coalition", "A line")).to_be_visible()
        await _acts(tab, "alpha", "A line")
        small = """[...document.querySelectorAll('a, button, select, textarea, summary')]
            .filter(e => e.checkVisibility()).map(e => [e.tagName, e.getBoundingClientRect()])
            .filter(([, box]) => box.width < 24 || box.height < 24).map(([name]) => name)"""
        assert await tab.evaluate(small) == []

    play(scenario, viewport={"width": 360, "height": 740})


def test_a_message_shows_who_when_and_where_it_has_landed(play: Play) -> None:
    async def scenario(stage: FakeStage, tab: Page) -> None:
        stage.carry = "waiting"
        await stage.say("amelie", "Patched.")
        said = _line(tab, "alpha", "Patched.")
        await expect(said.locator(".author")).to_have_text("Amélie Rousseau")
        await expect(said.locator("time")).to_have_text("15:03")
        await expect(said.locator("time")).to_have_attribute("title", "2026-11-23 14:03:23 UTC")
        await expect(said.locator("summary")).to_have_text("Waiting for bravo, waiting for Matrix")
        await stage.finish()
        await expect(said.locator("summary")).to_have_text("In bravo, in Matrix")
        await expect(_line(tab, "bravo", "Patched.").locator("summary")).to_have_text("From alpha")
        await said.locator("summary").click()
        await expect(said.locator("dl")).to_contain_text("dm1bravo")
        await expect(said.locator("dl")).to_contain_text("landed")

    play(scenario, timezone_id="Europe/Paris")


@pytest.mark.parametrize("room", ["alpha", "bravo", "coalition"])
def test_all_that_comes_over_is_shown(play: Play, room: str) -> None:
    async def scenario(stage: FakeStage, tab: Page) -> None:
        await _all_that_comes_over(stage)
        root = _line(tab, room, "👀")
        await expect(root.locator(".words")).to_have_text("Cranes 3 to 9.")
        await expect(root.locator(".state")).to_have_text("edited")
        await expect(root.locator(".reactions li")).to_have_text("👀 1 Saskia Bakker")
        below = _line(tab, room, "Which?").locator(".answers")
        await expect(below).to_have_text("In reply to Tomás Ferreira: Cranes 3 to 9.")
        shared = _line(tab, room, ".txt").locator(".files li")
        await expect(shared).to_have_text("File: cranes <b>.txt 1.2 kB")
        gone = _line(tab, room, "taken back")
        await expect(gone.locator(".author")).to_have_text("Joris de Vries")
        await expect(tab.locator("main")).not_to_contain_text("Wrong window.")
        where = {"bravo": "Taken back in alpha, taken back in Matrix"}.get(room, "From bravo")
        await expect(gone.locator("summary")).to_have_text(where)
        await expect(tab.get_by_role("status")).to_have_text("Joris de Vries took a message back.")

    play(scenario)


def test_a_message_is_answered_in_its_thread(play: Play) -> None:
    async def scenario(stage: FakeStage, tab: Page) -> None:
        await stage.say("tomas", "Cranes stand.")
        await (await _acts(tab, "alpha", "Cranes")).get_by_role("button", name="Reply").click()
        box = tab.get_by_label("Message in alpha")
        await expect(box).to_be_focused()
        await expect(box).to_have_accessible_description(
            re.compile("^In reply to Tomás Ferreira: Cranes stand")
        )
        await box.fill("Which?")
        await box.press("Enter")
        quoted = _line(tab, "coalition", "Which?").locator(".answers")
        await expect(quoted).to_have_text("In reply to Tomás Ferreira: Cranes stand.")
        await expect(tab.locator(".about:visible")).to_have_count(0)
        # an answer to the answer stands in the same thread
        await (await _acts(tab, "bravo", "Which?")).get_by_role("button", name="Reply").click()
        await tab.get_by_label("Message in bravo").fill("All.")
        await tab.get_by_label("Message in bravo").press("Enter")
        await expect(_line(tab, "alpha", "All.").locator(".answers")).to_contain_text("Cranes")

    play(scenario)


def test_one_s_own_message_is_edited_and_taken_back(play: Play) -> None:
    async def scenario(stage: FakeStage, tab: Page) -> None:
        await stage.say("amelie", "Patched at 9.")
        acts = await _acts(tab, "alpha", "Patched")
        await acts.get_by_role("button", name="Edit").click()
        box = tab.get_by_label("Message in alpha")
        await expect(box).to_have_value("Patched at 9.")
        await box.fill("Patched at 10.")
        await tab.get_by_role("button", name="Save in alpha").click()
        await expect(_line(tab, "bravo", "Patched at 10.")).to_contain_text("edited")
        await expect(tab.get_by_role("status")).to_contain_text("edited: Patched at 10.")
        acts = await _acts(tab, "alpha", "Patched")
        await acts.get_by_role("button", name="Take back").click()
        await expect(_line(tab, "alpha", "taken back")).to_be_visible()
        await expect(tab.get_by_role("status")).to_contain_text("took a message back")
        await expect(_line(tab, "alpha", "taken back").locator(".more")).to_be_hidden()

    play(scenario)


def test_only_its_author_may_edit_a_message(play: Play) -> None:
    async def scenario(stage: FakeStage, tab: Page) -> None:
        await stage.say("amelie", "Mine.")
        acts = await _acts(tab, "alpha", "Mine.")
        await acts.get_by_role("button", name="Edit").click()
        await tab.locator("#alpha-who").select_option("karim")
        await expect(tab.get_by_label("Message in alpha")).to_have_value("")
        await expect(tab.get_by_role("button", name="Send in alpha")).to_be_visible()
        for room in ("alpha", "bravo"):
            acts = await _acts(tab, room, "Mine.")
            await expect(acts.get_by_role("button", name="Reply")).to_be_visible()
            await expect(acts.get_by_role("button", name="Edit")).to_be_hidden()
            await expect(acts.get_by_role("button", name="Take back")).to_be_hidden()

    play(scenario)


def test_an_emoji_is_put_and_taken_back_by_keyboard(play: Play) -> None:
    async def scenario(stage: FakeStage, tab: Page) -> None:
        await stage.say("tomas", "Cranes run.")
        more = _line(tab, "alpha", "Cranes").get_by_role("button", name="React, reply and more")
        await more.focus()
        await tab.keyboard.press("Enter")
        await expect(more).to_have_attribute("aria-expanded", "true")
        await tab.keyboard.press("Tab")
        thumb = tab.get_by_role("button", name="thumbs up")
        await expect(thumb).to_be_focused()
        await tab.keyboard.press("Enter")
        reactions = _line(tab, "bravo", "Cranes").locator(".reactions li")
        await expect(reactions).to_have_text("👍 1 Amélie Rousseau")
        await expect(thumb).to_have_attribute("aria-pressed", "true")
        await tab.keyboard.press("Enter")
        await expect(reactions).to_have_count(0)
        await expect(thumb).to_have_attribute("aria-pressed", "false")
        await tab.keyboard.press("Escape")
        await expect(more).to_be_focused()
        await expect(tab.locator(".acts")).to_have_count(0)

    play(scenario)


def test_a_small_file_is_shared_and_a_large_one_is_not(play: Play) -> None:
    async def scenario(stage: FakeStage, tab: Page) -> None:
        small = FilePayload(name="ports.csv", mimeType="text/csv", buffer=b"443\n")
        async with tab.expect_file_chooser() as chosen:
            await tab.get_by_role("button", name="Share a file in Matrix").click()
        await (await chosen.value).set_files([small])
        await expect(_line(tab, "alpha", "ports.csv").locator(".files")).to_contain_text("4 bytes")
        await expect(tab.get_by_role("status")).to_have_text("Shared ports.csv.")
        large = FilePayload(name="a.bin", mimeType="text/plain", buffer=b"x" * 1_000_001)
        await tab.locator(".file").last.set_input_files([large])
        await expect(tab.locator("#coalition-error")).to_have_text(
            "Not sent. The file is larger than 1 MB."
        )

    play(scenario)


def test_what_fails_is_told_and_the_answer_stays_an_answer(play: Play) -> None:
    async def scenario(stage: FakeStage, tab: Page) -> None:
        await stage.say("tomas", "Cranes stand.")
        await (await _acts(tab, "alpha", "Cranes")).get_by_role("button", name="Reply").click()
        stage.refuse = "The workspace does not answer."
        box = tab.get_by_label("Message in alpha")
        await box.fill("Which?")
        await box.press("Enter")
        await expect(tab.locator("#alpha-error")).to_contain_text("does not answer")
        await expect(box).to_have_value("Which?")
        await expect(tab.locator("#alpha-about")).to_contain_text("In reply to")
        await box.press("Escape")
        await expect(tab.locator("#alpha-about")).to_be_hidden()

    play(scenario)


def test_a_refused_message_says_so_and_why(play: Play) -> None:
    async def scenario(stage: FakeStage, tab: Page) -> None:
        stage.carry = "waiting"
        await stage.say("joris", "Calling the port.")
        said = _line(tab, "bravo", "Calling")
        await expect(said.locator("summary")).to_contain_text("Waiting for alpha")
        stage.carry = "dead"
        await stage.carry_again()
        await expect(said.locator("summary")).to_have_text("Refused by alpha, refused by Matrix")
        await expect(tab.get_by_role("status")).to_contain_text("was refused")
        await said.locator("summary").click()
        await expect(said.locator("dl")).to_contain_text("refused (channel_not_found)")

    play(scenario)


def test_the_log_is_followed_but_the_past_is_not_read_aloud(play: Play) -> None:
    stage = FakeStage()
    asyncio.run(stage.say("amelie", "Said before the page was opened"))

    async def scenario(stage: FakeStage, tab: Page) -> None:
        log = tab.get_by_role("log", name="Messages in Slack alpha")
        await expect(log).to_have_attribute("aria-live", "polite")
        await expect(log).to_contain_text("Said before")
        live = """(words => { const line = [...document.querySelectorAll('.line')]
            .filter(e => e.textContent.includes(words));
            return line.map(e => e.closest('[aria-live]').getAttribute('aria-live')) })"""
        await stage.say("karim", "Said now")
        await expect(_line(tab, "coalition", "Said now")).to_be_visible()
        # Read aloud where it was said; its copies and their states are not, or it came thrice.
        assert await tab.evaluate(live + "('Said now')") == ["polite", "off", "off"]

    play(scenario, stage=stage)


def test_the_past_enters_before_the_log_is_live(play: Play) -> None:
    stage = FakeStage()
    asyncio.run(stage.say("amelie", "The past"))

    async def scenario(_stage: FakeStage, tab: Page) -> None:
        await tab.add_init_script("""
            window.loud = 0;
            new MutationObserver(changes => { for (const change of changes)
              for (const node of change.addedNodes) {
                const live = node.closest?.('.line') && node.closest('[aria-live]');
                if (live && live.getAttribute('aria-live') !== 'off') window.loud += 1;
              } }).observe(document, { subtree: true, childList: true });
        """)
        await tab.reload()
        await tab.wait_for_selector("body[data-live=yes]")
        await expect(_line(tab, "alpha", "The past")).to_be_visible()
        assert await tab.evaluate("window.loud") == 0

    play(scenario, stage=stage)


def test_a_private_answer_is_shown_to_its_person_alone(play: Play) -> None:
    async def scenario(stage: FakeStage, tab: Page) -> None:
        await tab.get_by_label("Message in alpha").fill("/liaison status")
        await tab.get_by_label("Message in alpha").press("Enter")
        answer = _line(tab, "alpha", "All rooms are up.")
        await expect(answer).to_be_visible()
        await expect(answer).to_contain_text("only you can see this")
        await tab.locator("#alpha-who").select_option("karim")
        await expect(answer).to_be_hidden()
        await expect(_line(tab, "bravo", "All rooms are up.")).to_have_count(0)
        await tab.locator("#alpha-who").select_option("amelie")
        await expect(answer).to_be_visible()
        assert stage.said == [("amelie", "/liaison status")]

    play(scenario)


def test_a_line_that_fails_is_given_back_with_the_reason_at_its_box(play: Play) -> None:
    async def scenario(stage: FakeStage, tab: Page) -> None:
        stage.refuse = "The homeserver does not answer."
        box = tab.get_by_label("Message in Matrix")
        await box.fill("Are you there?")
        await box.press("Enter")
        error = tab.locator("#coalition-error")
        await expect(error).to_have_text("Not sent. The homeserver does not answer.")
        await expect(box).to_have_value("Are you there?")
        await expect(box).to_have_attribute("aria-invalid", "true")
        assert "coalition-error" in str(await box.get_attribute("aria-describedby"))
        stage.refuse = ""
        await box.press("Enter")
        await expect(error).to_be_hidden()
        await expect(_line(tab, "alpha", "Are you there?")).to_be_visible()

    play(scenario)


def test_an_empty_line_is_not_sent_and_says_so(play: Play) -> None:
    async def scenario(stage: FakeStage, tab: Page) -> None:
        await tab.get_by_role("button", name="Send in bravo").click()
        await expect(tab.locator("#bravo-error")).to_have_text("Not sent. Write something first.")
        assert stage.said == []

    play(scenario)


def test_what_people_type_is_text_and_never_markup(play: Play) -> None:
    async def scenario(stage: FakeStage, tab: Page) -> None:
        hostile = "<img src=x onerror=\"document.title='owned'\"> <b>&amp;</b> \u202egnp.exe"
        await stage.say("amelie", hostile)
        for room in ("alpha", "bravo", "coalition"):
            words = _line(tab, room, "onerror").locator(".words")
            assert await words.evaluate("e => e.textContent") == hostile
            assert await words.locator("*").count() == 0
        assert await tab.title() == "Liaison sandbox"

    play(scenario)


def test_the_page_says_that_the_sandbox_is_gone_and_follows_the_next_one(play: Play) -> None:
    stage = FakeStage()

    async def scenario(stage: FakeStage, tab: Page) -> None:
        await stage.say("amelie", "Of the first run")
        await expect(_line(tab, "alpha", "Of the first run")).to_be_visible()
        port = int(tab.url.rsplit(":", 1)[1].strip("/"))
        first, second = stage.page, SandboxPage(FakeStage())
        assert first
        await first.stop()
        await expect(tab.get_by_role("status")).to_contain_text("does not answer")
        await second.start(port)
        try:
            await expect(tab.get_by_role("status")).to_have_text("Live")
            await expect(_line(tab, "alpha", "Of the first run")).to_have_count(0)
            await tab.get_by_label("Message in alpha").fill("Of the second run")
            await tab.get_by_label("Message in alpha").press("Enter")
            await expect(_line(tab, "bravo", "Of the second run")).to_be_visible()
        finally:
            await second.stop()

    play(scenario, stage=stage)


def test_the_page_has_landmarks_a_title_and_a_language(play: Play) -> None:
    async def scenario(_stage: FakeStage, tab: Page) -> None:
        assert await tab.title() == "Liaison sandbox"
        assert await tab.locator("html").get_attribute("lang") == "en"
        for role in ("banner", "main", "navigation", "status"):
            await expect(tab.get_by_role(role)).to_have_count(1)
        for name in ("Slack alpha", "Slack bravo", "Matrix"):
            await expect(tab.get_by_role("region", name=name, exact=True)).to_be_visible()
            await expect(tab.get_by_role("heading", name=name, level=2)).to_be_visible()

    play(scenario)


def test_motion_ends_where_it_is_not_wanted(play: Play) -> None:
    async def scenario(stage: FakeStage, tab: Page) -> None:
        await stage.say("amelie", "Still")
        await expect(_line(tab, "alpha", "Still")).to_be_visible()
        moving = """[...document.querySelectorAll('*')].filter(e => ['', '::before'].some(part =>
            getComputedStyle(e, part).transitionDuration !== '0s')).length"""
        assert await tab.evaluate(moving) == 0

    play(scenario, reduced_motion="reduce")


def test_a_button_is_pressed_by_keyboard_and_goes_when_it_was_used(play: Play) -> None:
    async def scenario(stage: FakeStage, tab: Page) -> None:
        await stage.answer("alpha", "amelie", "Recall it?", *_CONFIRM)
        group = _line(tab, "alpha", "Recall it?").get_by_role("group", name="What can be done")
        await group.get_by_role("button", name="Confirm").focus()
        await tab.keyboard.press("Enter")
        await expect(group).to_be_hidden()
        assert stage.said == [("amelie", "press press-0")]

    play(scenario)


def test_a_form_is_filled_in_and_says_beside_each_field_what_is_wrong(play: Play) -> None:
    async def scenario(stage: FakeStage, tab: Page) -> None:
        await stage.say("amelie", "to be marked")
        acts = await _acts(tab, "alpha", "to be marked")
        await acts.get_by_role("button", name="Mark", exact=True).click()
        form = tab.get_by_role("dialog", name="Mark")
        await expect(form).to_be_visible()
        await form.get_by_label("A label").fill("TLP:BLUE")
        await form.get_by_role("button", name="Do it").click()
        await expect(form.get_by_text("No label.")).to_be_visible()
        await expect(form.get_by_label("A label")).to_have_attribute("aria-invalid", "true")
        await expect(form.get_by_label("A label")).to_be_focused()
        await _no_violation(tab)
        await form.get_by_label("A label").fill("TLP:GREEN")
        await form.get_by_role("button", name="Do it").click()
        await expect(form).to_have_count(0)
        assert stage.said[1:] == [("amelie", "choose mark"), ("amelie", "filled")]

    play(scenario)


def test_a_form_is_closed_by_escape_and_is_for_who_speaks(play: Play) -> None:
    async def scenario(stage: FakeStage, tab: Page) -> None:
        stage.board.show(form_for("amelie"))
        form = tab.get_by_role("dialog", name="Mark")
        await expect(form).to_be_visible()
        await tab.keyboard.press("Escape")
        await expect(form).to_have_count(0)
        assert stage.board.sheets == {}

    play(scenario)
