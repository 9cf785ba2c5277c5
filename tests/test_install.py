"""What the set-up says when something that it needs is missing."""

import importlib.util
from collections import namedtuple

import pytest

from bot.settings import ROOT

spec = importlib.util.spec_from_file_location("install", ROOT / "bot" / "install.py")
install = importlib.util.module_from_spec(spec)
spec.loader.exec_module(install)

Usage = namedtuple("Usage", "total used free")


def test_a_full_disk_is_named(monkeypatch):
    monkeypatch.setattr(install.shutil, "disk_usage", lambda _: Usage(10, 9, 2**30))
    with pytest.raises(SystemExit, match=r"1\.0 GiB free .* 5 needed; make room"):
        install.check_room()


def test_a_python_that_is_missing_is_named(monkeypatch):
    monkeypatch.setattr(install, "UV", "/bin/false")
    monkeypatch.setattr(install, "answer", lambda *_: "")
    with pytest.raises(SystemExit, match=r"Python 3\.10 is missing .* install it"):
        install.bring_python(["3.10"])


def test_a_browser_that_cannot_be_installed_is_named(monkeypatch):
    monkeypatch.setattr(install.shutil, "which", lambda _: None)
    with pytest.raises(SystemExit, match="need Chromium: install it"):
        install.install_browser()


def test_dictionaries_that_cannot_be_installed_are_named(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(SystemExit, match=r"needs hunspell .* apt-get install hunspell hunspell-lv hunspell-en-gb"):
        install.install_dictionaries()


def test_a_failing_step_is_named():
    with pytest.raises(SystemExit, match="'/bin/false now' failed"):
        install.run("/bin/false", "now")


def test_a_step_is_skipped_until_its_input_changes(tmp_path):
    wanted = tmp_path / "requirements.txt"
    wanted.write_text("one")
    assert not install.is_done(tmp_path, wanted)
    install.mark_done(tmp_path, wanted)
    assert install.is_done(tmp_path, wanted)
    wanted.write_text("two")
    assert not install.is_done(tmp_path, wanted)
