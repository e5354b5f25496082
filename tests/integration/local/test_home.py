"""FUSION_HOME: one run at a time, private secrets, plain words where it cannot be used."""

import os
import shutil
import stat
from collections import namedtuple
from pathlib import Path

import pytest

from fusion_project.local.home import folder as home_module
from fusion_project.local.home.folder import Home, json_read, json_write
from fusion_project.local.home.options import RunRefused

Usage = namedtuple("Usage", "total used free")


def test_it_is_made_private_and_holds_a_lock(tmp_path: Path) -> None:
    first = Home(tmp_path / "new" / "home")
    first.open()
    assert stat.S_IMODE(first.path.stat().st_mode) == 0o700
    with pytest.raises(RunRefused, match=rf"in use by another run \(process {os.getpid()}\)"):
        Home(first.path).open()
    first.close()
    again = Home(first.path)
    again.open()
    again.close()


def test_a_path_below_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(RunRefused, match="a part of the path is a file"):
        Home(tmp_path / "file" / "home").open()


def test_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(RunRefused, match="it is a file, not a folder"):
        Home(tmp_path / "file").open()


def test_a_folder_that_nobody_can_write_is_refused() -> None:
    with pytest.raises(RunRefused, match=r"FUSION_HOME /proc/fusion cannot be used: "):
        Home(Path("/proc/fusion")).open()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_anothers_folder_is_refused(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    with pytest.raises(RunRefused, match="you may not write there"):
        Home(closed / "home").open()


def test_a_nearly_full_disk_is_refused_and_leaves_the_lock_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = Home(tmp_path / "home")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(10**12, 10**12, 5 * 1024**2))
    with pytest.raises(RunRefused, match=r"nearly full: 5 MiB left, 300 MiB needed\."):
        full.open()
    full.close()
    monkeypatch.undo()
    full.open()
    full.close()


def test_the_secret_key_is_made_once_and_private(tmp_path: Path) -> None:
    one = Home(tmp_path)
    key = one.secret_key()
    assert len(key) >= 50
    assert one.secret_key() == key
    assert stat.S_IMODE((tmp_path / "secrets" / "secret_key").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o700


def test_a_json_file_is_replaced_whole_and_private(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "value.json"
    assert json_read(path) is None
    json_write(path, {"n": 1})
    assert stat.S_IMODE(path.stat().st_mode) == 0o600

    def fail(*_: object) -> None:
        raise OSError("no room")

    monkeypatch.setattr(home_module, "private_write", fail)
    with pytest.raises(OSError, match="no room"):
        json_write(path, {"n": 2})
    assert json_read(path) == {"n": 1}
