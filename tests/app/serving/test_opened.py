"""What a server does once its page answers."""

from __future__ import annotations

import gc
from unittest.mock import Mock

from app.serving.house import CutawayServer


def test_what_is_loaded_at_the_start_is_not_gone_through_by_later_collections() -> None:
    house = Mock(spec=CutawayServer, inspector=Mock(), offers=Mock())
    try:
        CutawayServer.opened(house)
        assert gc.get_freeze_count() > 10_000
        house.inspector.begin_to_read.assert_called_once()
    finally:
        gc.unfreeze()
