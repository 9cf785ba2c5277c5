"""Attack a running assistant: python -m tests.attack.run ADDRESS [KIND ...]. Prints tries and answers by kind.

The password of the demo's agents in CPS_DEMO_PASSWORD adds what only an agent's browser can be made to do. An assistant
on this machine trusts it as a proxy, so that each kind comes from an address of its own; elsewhere the limits of one
address end a kind early, which counts as held.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterable

from bot.settings import get_settings
from tests.attack import impostors, inputs, overload
from tests.attack.attacker import ATTACKS, MEASURED, Outcome, Target
from tests.attack.impostors import is_up

MODULES = (impostors, inputs, overload)  # each lists its attacks


def report(kind: str, outcomes: Iterable[Outcome]) -> bool:
    """Print what came of a kind of attack; return whether the assistant held."""
    made = [one for one in outcomes if one.answer != MEASURED]
    broken = [one for one in made if not one.held]
    answers = ", ".join(f"{answer} {count}" for answer, count in Counter(one.answer for one in made).most_common())
    print(f"{kind:<32}{len(made):>5} tries   {'held' if not broken else f'BROKEN {len(broken)}':<10} {answers}")
    return not broken


def main(arguments: list[str] | None = None) -> int:
    """Carry out the attacks; return 1 if one of them succeeded."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("address", help="of the assistant, such as http://127.0.0.1:8080")
    parser.add_argument("kinds", nargs="*", choices=[[], *ATTACKS], help="all without any")
    parser.add_argument("--known", default="anna.berzina@example.com", help="e-mail address of an account")
    parser.add_argument("--turns", type=int, default=8, help="of a bystander, before and during a flood")
    given = parser.parse_args(arguments)
    web = given.address.rstrip("/")
    if not is_up(web):
        sys.exit(f"stopped: nothing answers at {web}")
    password = get_settings().demo_password.get_secret_value()
    held = True
    for kind in given.kinds or ATTACKS:
        outcomes = list(ATTACKS[kind](Target(web, given.known, password, given.turns)))
        held = report(kind, outcomes) and held
        for one in outcomes:
            if not one.held or one.answer == MEASURED:
                print(f"    {one.tried}{'' if one.held else f': {one.answer}'}")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
