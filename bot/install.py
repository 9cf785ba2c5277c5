"""Install everything that the assistant needs into this folder, and nothing twice.

Runs on the machine's own python3, from 3.9, before anything is installed: standard library only.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import List, NoReturn, Optional

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
UV = VENV / "uv" / "bin" / "uv"
WIDGET = ROOT / "bot" / "widget"
FREE_GIB = 5  # for both environments, and to unpack them
PYTHONS = {"rasa": ["3.10"], "app": ["3.12", "3.11", "3.13"]}


def say(text: str) -> None:
    """Print one line of progress."""
    print(f"[setup] {text}", flush=True)


def stop(text: str) -> NoReturn:
    """End the set-up with one line that says what is wrong and how to fix it."""
    sys.exit(f"[setup] stopped: {text}")


def run(*command: object, **more: object) -> None:
    """Run a command and show its output; stop when it fails."""
    words = [str(word) for word in command]
    try:
        code = subprocess.run(words, check=False, **more).returncode  # type: ignore[call-overload]
    except OSError as error:
        stop(f"{words[0]} does not start: {error}")
    if code:
        stop(f"'{' '.join(words)}' failed; its own message stands above")


def answer(*command: object) -> str:
    """Return what a command prints, or an empty text when it fails."""
    try:
        done = subprocess.run([str(word) for word in command], check=False, capture_output=True, text=True)
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def is_done(folder: Path, *inputs: Path) -> bool:
    """Tell whether the folder was made from exactly these files."""
    stamp = folder / ".made-from"
    return stamp.is_file() and stamp.read_text() == fingerprint(*inputs)


def mark_done(folder: Path, *inputs: Path) -> None:
    """Record which files the folder was made from."""
    (folder / ".made-from").write_text(fingerprint(*inputs))


def fingerprint(*inputs: Path) -> str:
    """Hash the files' contents."""
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in inputs)).hexdigest()


def check_room() -> None:
    """Stop if the project's disk is too full, or its folder cannot be written."""
    if not os.access(ROOT, os.W_OK):
        stop(f"{ROOT} cannot be written; give yourself the right to, or clone elsewhere")
    free = shutil.disk_usage(ROOT).free / 2**30
    if free < FREE_GIB:
        stop(f"{free:.1f} GiB free on the disk of {ROOT}, {FREE_GIB} needed; make room and run this again")


def install_uv() -> None:
    """Install uv into an environment of its own."""
    wanted = ROOT / "requirements" / "uv.txt"
    if is_done(VENV / "uv", wanted):
        return
    check_room()
    say("uv, the installer")
    done = subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV / "uv")], check=False)
    if done.returncode:
        stop("this python3 has no venv; install it (Debian: apt-get install python3-venv)")
    run(VENV / "uv/bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
        "--require-hashes", "-r", wanted)  # fmt: skip
    mark_done(VENV / "uv", wanted)


def find_python(version: str) -> Optional[str]:
    """Find an interpreter of this version: uv's or the system's, else pyenv's, whose shims hide it from uv."""
    for candidate in (
        answer(UV, "python", "find", "--no-python-downloads", "--no-project", version),
        os.path.join(answer("pyenv", "prefix", answer("pyenv", "latest", version)) or "-", "bin", "python"),
    ):
        if candidate and answer(candidate, "-c", "import sys; print('%d.%d' % sys.version_info[:2])") == version:
            return candidate
    return None


def bring_python(versions: List[str]) -> str:
    """Return an interpreter of the first version that is installed; download one if there is none."""
    for version in versions:
        found = find_python(version)
        if found:
            return found
    say(f"Python {versions[0]}")
    subprocess.run([str(UV), "python", "install", versions[0]], check=False)
    found = find_python(versions[0])
    if not found:
        stop(f"Python {versions[0]} is missing and could not be fetched; install it (pyenv install {versions[0]})")
    return found


def install_environment(name: str) -> None:
    """Create one of the two environments from its locked requirements."""
    wanted, folder = ROOT / "requirements" / f"{name}.txt", VENV / name
    if is_done(folder, wanted):
        return
    check_room()
    say(f"the {name} environment; the first time this takes a few minutes")
    python = bring_python(PYTHONS[name])
    if not (folder / "bin/python").exists():
        run(UV, "venv", "--quiet", "--python", python, folder)
    run(UV, "pip", "sync", "--quiet" if not sys.stderr.isatty() else "--color=auto",
        "--require-hashes", "--python", folder / "bin/python", wanted)  # fmt: skip
    mark_done(folder, wanted)


def npm(*words: str) -> None:
    """Run the npm of the Node from a Python wheel in the widget's folder."""
    path = f"{VENV / 'app/bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    run(VENV / "app/bin/npm", *words, cwd=WIDGET, env=dict(os.environ, PATH=path))


def install_widget() -> None:
    """Install the pinned browser packages, and bundle the chat window with them."""
    lock, modules = WIDGET / "package-lock.json", WIDGET / "node_modules"
    if not is_done(modules, lock):
        check_room()
        say("the chat window's browser packages")
        npm("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error",
            "--include=optional")  # esbuild's program is optional  # fmt: skip
        mark_done(modules, lock)
    build_widget()


def build_widget() -> None:
    """Bundle the chat window, unless its files are as they were."""
    bundles = WIDGET / "dist"
    sources = [path for path in sorted(WIDGET.iterdir()) if path.suffix in (".js", ".jsx", ".css", ".json")]
    if not is_done(bundles, *sources):
        npm("run", "--silent", "build")
        mark_done(bundles, *sources)


def install_browser() -> None:
    """Install Chromium for the browser tests if it is missing."""
    if not shutil.which(os.environ.get("CPS_CHROMIUM") or "chromium"):
        install_from_debian("the browser tests need Chromium: install it, or name it in CPS_CHROMIUM", "chromium")


def install_dictionaries() -> None:
    """Install hunspell and its dictionaries for the spelling test if they are missing."""
    for dictionary in ("lv_LV", "en_GB"):
        try:  # hunspell fails without its dictionary
            found = not subprocess.run(["hunspell", "-d", dictionary, "-l"], input=b"", capture_output=True).returncode
        except OSError:
            found = False
        if not found:
            install_from_debian(
                "the test of the spelling needs hunspell with its Latvian and British dictionaries: install them",
                *("hunspell", "hunspell-lv", "hunspell-en-gb"),
            )
            return


def install_operators_tools() -> None:
    """Install what the test of deploy/ runs if it is missing."""
    path = f"{os.environ.get('PATH', '')}{os.pathsep}/usr/sbin"
    wanted = {"nginx": "nginx-light", "systemd-analyze": "systemd", "openssl": "openssl"}
    missing = [package for program, package in wanted.items() if not shutil.which(program, path=path)]
    if missing:
        install_from_debian(f"the test of deploy/ needs {', '.join(missing)}: install them", *missing)


def install_from_debian(need: str, *packages: str) -> None:
    """Install Debian packages if possible; otherwise stop, and name them and what needs them."""
    if not shutil.which("apt-get") or os.geteuid() != 0:
        stop(f"{need} (Debian: apt-get install {' '.join(packages)})")
    say(f"{', '.join(packages)}, for the tests")
    quiet = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    run("apt-get", "update", "-qq", env=quiet)
    run("apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages, env=quiet)


def main() -> None:
    """Do every step that is not done yet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tests", action="store_true", help="also what the tests need: a browser, dictionaries, nginx")
    wanted = parser.parse_args()
    if sys.version_info < (3, 9):
        stop("python3 is older than 3.9; install a newer one, or name it: make PYTHON=python3.11 run")
    install_uv()
    for name in PYTHONS:
        install_environment(name)
    install_widget()
    if wanted.tests:
        install_browser()
        install_dictionaries()
        install_operators_tools()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
