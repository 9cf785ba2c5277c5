"""Give each process the settings, but only those secrets that it needs."""

import os

from pydantic import SecretStr

from bot.model import rasa_environment
from bot.settings import PREFIX, Settings

DATABASES = {"chat_database", "backend_database", "tracker_database"}  # their URLs may contain passwords
SECRETS = DATABASES | {name for name, field in Settings.model_fields.items() if field.annotation is SecretStr}
NEEDED = {
    "web": {"access_key", "rasa_key", "service_key", "backend_key", "agents_key", "demo_key", "email_key"}
    | {"smtp_password", "oidc_client_secret", "webhook_secret", "events_key"}
    | DATABASES,  # personal data is removed from all of them
    "actions": {"actions_key", "service_key", "reader_key"},
    "backend": {"backend_database", "backend_key", "agents_key", "demo_key", "smtp_password", "events_key"},
    "prepare": DATABASES | {"demo_password"},
    "train": set(),
    "trial": {"service_key"},  # without which an account cannot be refused
}


def environment_of(process: str, settings: Settings) -> dict[str, str]:
    """Return the environment of one of our own processes."""
    withheld = {PREFIX + name.upper() for name in SECRETS}
    secrets = {name: getattr(settings, name) for name in NEEDED[process]}
    return {name: value for name, value in os.environ.items() if name.upper() not in withheld} | {
        f"{PREFIX}{name.upper()}": value.get_secret_value() if isinstance(value, SecretStr) else value
        for name, value in secrets.items()
    }


def environment_of_rasa(settings: Settings) -> dict[str, str]:
    """Return the environment of Rasa, which has none of our settings."""
    is_open = settings.rasa_without_key == "always" or (settings.rasa_without_key == "demo" and settings.demo)
    return rasa_environment(settings) | {
        "RASA_TRACKER_URL": settings.tracker_database_url,
        "RASA_ACTIONS_KEY": settings.actions_key.get_secret_value(),
        "RASA_KEY": "" if is_open else settings.rasa_key.get_secret_value(),
        # The products of one message are small: a second thread would wait, spinning, for longer than it works.
        "OPENBLAS_NUM_THREADS": "1",
    }


def environment_of_tool(password: str) -> dict[str, str]:
    """Return the environment of one of PostgreSQL's tools, which has none of our settings."""
    own = {name: value for name, value in os.environ.items() if not name.upper().startswith(PREFIX)}
    return own | ({"PGPASSWORD": password} if password else {})
