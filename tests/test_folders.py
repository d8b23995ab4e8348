"""Where the data folder is: the settings and a hook must find the same one."""

import sys
from pathlib import Path

import pytest

from agentreplay.folders import data_folder
from agentreplay.settings import Settings


@pytest.mark.skipif(sys.platform in {"darwin", "win32"}, reason="these have one place for user data")
def test_the_place_for_user_data_can_be_chosen() -> None:
    assert data_folder({"XDG_DATA_HOME": "/srv/data"}) == "/srv/data/agentreplay"


def test_the_settings_ask_for_it() -> None:
    assert Settings.read({}).db_path == Path(data_folder({}))
