"""Where the data folder is: the settings and a hook must find the same one."""

import os
import stat
import sys
from pathlib import Path

import pytest

from agentreplay.folders import data_folder, make_private
from agentreplay.settings import Settings


@pytest.mark.skipif(sys.platform in {"darwin", "win32"}, reason="these have one place for user data")
def test_the_place_for_user_data_can_be_chosen() -> None:
    assert data_folder({"XDG_DATA_HOME": "/srv/data"}) == "/srv/data/agentreplay"


def test_the_settings_ask_for_it() -> None:
    assert Settings.read({}).db_path == Path(data_folder({}))


def test_what_is_made_is_nobody_elses_business(tmp_path: Path) -> None:
    deep = tmp_path / "share" / "agentreplay" / "journals"
    before = os.umask(0)
    try:
        make_private(deep)
        make_private(deep)
    finally:
        os.umask(before)

    assert [stat.S_IMODE(place.stat().st_mode) for place in (deep, *deep.parents[:2])] == [0o700] * 3


def test_what_is_there_stays_as_it_is(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir(mode=0o755)
    make_private(shared)
    assert stat.S_IMODE(shared.stat().st_mode) == 0o755

    file = tmp_path / "file"
    file.touch()
    with pytest.raises(FileExistsError):
        make_private(file)
    with pytest.raises(NotADirectoryError):
        make_private(file / "below")
