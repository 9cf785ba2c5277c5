"""The actions; rasa-sdk loads them all."""

from bot import logs
from bot.settings import get_settings

logs.configure(get_settings().log_level)
