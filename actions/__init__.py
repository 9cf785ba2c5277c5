"""The actions; rasa-sdk loads all modules of this package."""

from bot import logs
from bot.settings import get_settings

logs.configure(get_settings().log_level)
