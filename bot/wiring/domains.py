"""What each domain brings to what all share: times, numbers, what waits for a team."""

from __future__ import annotations

from collections.abc import Mapping

from bot.advisories import keeping, landing, releasing, reminding, repeating, urging
from bot.advisories import mentioning as advisories_mentioning
from bot.advisories import pending as advisories_pending
from bot.bridge import pending as bridge_pending
from bot.briefing import digest
from bot.custody.gatekeeper import Gatekeeper
from bot.custody.pending import Source
from bot.decisions import mentioning as decisions_mentioning
from bot.decisions import nudging, proposals
from bot.decisions import pending as decisions_pending
from bot.delivery.numbered import Numbered
from bot.events import AccountId, account_of
from bot.house import RunningHouse
from bot.indicators import pending as indicators_pending
from bot.paging import ladder
from bot.paging import pending as paging_pending
from bot.platforms.base import Platform
from bot.schedules.kinds import Kinds


def kinds_of(house: RunningHouse) -> Kinds:
    """Who carries out what happens at a time: a domain's handlers by the kinds that it has."""
    return {
        releasing.KIND: releasing.handler(house),
        digest.KIND: digest.handler(house),
        landing.KIND: landing.handler(house),
        reminding.KIND: reminding.handler(house),
        nudging.KIND: nudging.handler(house),
        repeating.TEXT: repeating.texts(house),
        repeating.ADVISORY: repeating.advisories(house),
        ladder.KIND: ladder.handler(house),
        urging.KIND: urging.handler(house),
    }


def numbered_by(custody: Gatekeeper, platforms: Mapping[AccountId, Platform]) -> Numbered:
    """What makes links of numbers: a domain's own function each, by the kinds that have any."""
    kinds = {
        proposals.KIND: decisions_mentioning.known,
        keeping.KIND: advisories_mentioning.known,
    }
    return Numbered(
        custody,
        kinds,
        lambda room, message: platforms[account_of(room)].link_to(room, message),
        lambda room: platforms[account_of(room)].capabilities,
    )


def pending_of(house: RunningHouse) -> tuple[Source, ...]:
    """What can be open, for `todo` and `handover`: a domain's own function each."""
    return (
        decisions_pending.source(house),
        advisories_pending.source(house),
        bridge_pending.gather,
        indicators_pending.gather,
        paging_pending.gather,
    )
