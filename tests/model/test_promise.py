"""On the membership known at the last check before sending, nobody in the audience of anything
that the bot sends is someone who may not read it.
"""

from __future__ import annotations

import pytest

from tests.end_to_end.traffic import chosen_seed
from tests.model.machine import play

STEPS = 400


@pytest.mark.timeout(600)
def test_whatever_happens_nothing_goes_further_than_the_oracle_allows() -> None:
    seed = chosen_seed()
    print(f"LIAISON_TEST_SEED={seed}")
    counted = play(seed, STEPS)
    # That nothing leaks says little where nothing is carried.
    assert counted["said"] > STEPS / 10
    assert counted["carried"] > STEPS / 20
