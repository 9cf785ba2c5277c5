"""Measure the chat window on a slow line, from the click to the first answer: python -m tests.measure.window [URL …].

Without an address it starts the assistant by itself.
"""

import argparse
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from tests.conftest import GENEROUS, running
from tests.e2e.conftest import QUIET, chromium

KBIT = 1000 / 8  # bytes
LINES = {"1.6 Mbit/s": 1600 * KBIT, "400 kbit/s": 400 * KBIT}
ROUND_TRIP = 150  # milliseconds
RUNS = 3  # of which the median counts
SLOWER = 4  # times slower than this machine's processor
STEPS = ("way out", "box", "ready", "answer")
QUESTION = "Kāpēc es neredzu zilo pogu?"
TIMEOUT = 120_000


@dataclass
class Measured:
    """What one opening of the chat took, up to the greeting and its buttons; times since the click."""

    bytes: int = 0
    requests: int = 0
    seconds: dict[str, float] = field(default_factory=dict)


def measure(browser: Browser, address: str, throughput: float) -> Measured:
    """Open the chat of a page in a new profile, wait for the greeting, and ask."""
    context = browser.new_context(viewport={"width": 375, "height": 740})
    page = context.new_page()
    page.goto(f"{address}/?language=lv", wait_until="networkidle")
    line = context.new_cdp_session(page)
    line.send("Network.enable")
    line.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    limits = {"offline": False, "latency": ROUND_TRIP, "downloadThroughput": throughput, "uploadThroughput": throughput}
    line.send("Network.emulateNetworkConditions", limits)
    seen = Measured()

    def count(event: dict[str, Any]) -> None:
        seen.bytes += max(event.get("encodedDataLength", 0), 0)

    def asked(event: dict[str, Any]) -> None:
        if event["request"]["url"].startswith("http"):
            seen.requests += 1

    line.on("Network.dataReceived", count)
    line.on("Network.requestWillBeSent", asked)

    def note(name: str) -> None:
        seen.seconds[name] = page.evaluate("() => performance.now() - begun") / 1000

    page.locator("button[aria-expanded]").evaluate("button => { window.begun = performance.now(); button.click(); }")
    page.wait_for_function(WAY_OUT, timeout=TIMEOUT, polling=20)
    note("way out")
    chat = page.frame_locator("iframe")
    chat.get_by_role("textbox").wait_for(timeout=TIMEOUT)
    note("box")
    chat.get_by_role("toolbar").get_by_role("button").first.wait_for(timeout=TIMEOUT)
    note("ready")
    ready = Measured(seen.bytes, seen.requests, seen.seconds)
    chat.get_by_role("textbox").fill(QUESTION)
    page.evaluate("() => window.begun = performance.now()")
    chat.get_by_role("textbox").press("Enter")
    chat.get_by_text("(MIGRATE PRODUCTS)").first.wait_for(timeout=TIMEOUT)
    note("answer")
    context.close()
    return ready


# Whether a button with which the chat can be closed is there: on the page, or in the frame, which has the same origin.
WAY_OUT = """() => {
  const shown = (root) => [...(root?.querySelectorAll("button") ?? [])].some(
    (button) => /Aizvērt/.test(button.ariaLabel ?? "") && button.checkVisibility());
  const { shadowRoot } = document.querySelector("cps-assistant");
  return shown(shadowRoot) || shown(shadowRoot.querySelector("iframe")?.contentDocument);
}"""


def main() -> None:
    """Print a table, one line for each address and speed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("address", nargs="*", help="of a demo page")
    addresses = parser.parse_args().address
    with sync_playwright() as playwright, ExitStack() as stack:
        browser = playwright.chromium.launch(executable_path=chromium(), args=QUIET)
        stack.callback(browser.close)
        if not addresses:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            addresses = [stack.enter_context(running(folder, **GENEROUS)).web]
        print("| page, line | KB | requests | way out, s | box, s | ready, s | answer, s |")
        print("|---|---|---|---|---|---|---|")
        for address in addresses:
            for name, throughput in LINES.items():
                runs = [measure(browser, address, throughput) for _ in range(RUNS)]
                times = [f"{median(run.seconds[what] for run in runs):.2f}" for what in STEPS]
                size = f"{runs[0].bytes / 1000:.0f} | {runs[0].requests}"
                print(f"| {address}, {name} | {size} | {' | '.join(times)} |", flush=True)


if __name__ == "__main__":
    main()
