"""The sample agents of the demo: enabled in a demo, and disabled otherwise."""

from pathlib import Path

import yaml
from sqlalchemy.orm import Session

from bot.desk import agents, passwords
from bot.settings import Settings

SAMPLE = yaml.safe_load((Path(__file__).parent / "sample.yml").read_text(encoding="utf-8"))


def seed(session: Session, settings: Settings) -> None:
    """Give the sample agents the demo's password, or disable them if there is no demo."""
    for sample in SAMPLE:
        agent = agents.by_email(session, sample["email"])
        if not settings.demo:
            if agent:
                agents.disable(session, agent)
        elif password := settings.demo_password.get_secret_value():
            agent = agent or agents.add(session, **sample)
            if agent.disabled_at:
                agents.enable(session, agent)
            if not passwords.fits(agent.password_hash or "", password):
                agents.set_password(session, agent, passwords.hasher.hash(password))
