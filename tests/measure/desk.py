"""Measure what a change costs while agents look at a full desk: python -m tests.measure.desk.

What each agent sees is drawn as a stream draws it: first for each agent alone, then for all from one board.
"""

import os
import random
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import NamedTuple

from fastapi import FastAPI
from starlette.requests import Request

from bot.app import create_app
from bot.conversations.models import Agent, Conversation, Message, Transition
from bot.database import HIGHEST_ID, now
from bot.desk import queue, session
from bot.desk.board import Boards
from bot.desk.conversation import news_of
from bot.settings import Settings
from bot.web.dependencies import AppState
from tests.databases import make_chat

STORED, OPEN, AGENTS = 5_000, 200, 20
TURNS = 6  # questions in each conversation, each with its answer
RUNS = 7  # of which the median counts
GOAL = 50  # milliseconds a change
QUESTIONS = {"lv": "Kāpēc es neredzu zilo pogu, un ko man tagad darīt?", "en": "Why is there no blue button for me?"}
TOPICS = ("ask_payment", "ask_membership", "ask_my_points", "ask_vat")


class Looking(NamedTuple):
    """An agent who looks at the queue, or at the conversation that they hold."""

    agent: Agent
    conversation_id: str
    request: Request


def fill(app: FastAPI) -> list[Looking]:
    """Store conversations, of which some are open, and return the agents who look at them."""
    chance, moment, database = random.Random(1), now(), app.state.shared.database
    with database.write() as writing:
        agents = [
            Agent(
                email=f"agent{number}@example.com",
                name=f"Agent{number} Sample",
                language="lv" if number % 2 else "en",
                created_at=moment,
                at_once=10,
            )
            for number in range(AGENTS)
        ]
        writing.add_all(agents)
        writing.flush()
        held = {}
        for number in range(STORED):
            language, began = chance.choice(("lv", "en")), moment - timedelta(minutes=number)
            conversation = Conversation(id=os.urandom(16).hex(), language=language, created_at=began, asked_at=began)
            conversation.token_hash, conversation.cause, conversation.details = conversation.id, "asked", {}
            if number >= OPEN:
                conversation.owner, conversation.closed_at = "closed", began
            elif number % 3:
                holder = agents[number % AGENTS]
                conversation.owner, conversation.agent_id = "agent", holder.id
                conversation.agent_name = holder.first_name
                held[holder.id] = conversation.id
            else:
                conversation.owner, conversation.waiting_since = "waiting", began
            writing.add(conversation)
            writing.flush()
            if number < OPEN:
                asked = {"before": "assistant", "after": "waiting", "cause": "asked", "at": began}
                writing.add(Transition(conversation_id=conversation.id, **asked))
            writing.add_all(_turns(conversation, chance))
        return [
            Looking(agent, held[agent.id], _request(app, session.begin(writing, agent.id, idle=3600)))
            for agent in agents
        ]


def _turns(conversation: Conversation, chance: random.Random) -> list[Message]:
    shared = {"conversation_id": conversation.id, "created_at": conversation.created_at}
    said = []
    for _ in range(TURNS):
        asked = {"intent": chance.choice(TOPICS), "understood": True, "confidence": 0.9}
        said.append(Message(author="customer", text=QUESTIONS[conversation.language], **asked, **shared))
        said.append(Message(author="assistant", text="Jā. " * 40, response="utter_payment", **shared))
    return said


def _request(app: FastAPI, token: str) -> Request:
    return Request(
        {
            "type": "http",
            "method": "GET",
            "path": "/desk/events",
            "query_string": b"",
            "headers": [(b"cookie", f"{session.COOKIE}={token}".encode()), (b"accept", b"text/event-stream")],
            "app": app,
        }
    )


def cost(app: FastAPI, draw: Callable[[Looking], object], everybody: list[Looking], together: bool) -> float:
    """Return the milliseconds of processor time that one change takes for all agents."""
    shared: AppState = app.state.shared
    took = []
    for _ in range(RUNS):
        shared.bus.publish("")
        began = time.process_time()
        for one in everybody:
            if not together:
                app.state.boards = Boards(shared.database, shared.bus, shared.settings.access_idle)
            assert draw(one)
        took.append((time.process_time() - began) * 1000)
    return median(took)


def main() -> None:
    """Print what a change costs, each agent alone and all together."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'chat.db'}"
        make_chat(url)
        app = create_app(Settings(data_dir=folder, chat_database=url))
        shared: AppState = app.state.shared
        everybody = fill(app)
        print(f"{STORED} conversations stored, {OPEN} open, {AGENTS} agents looking; milliseconds a change")
        print(f"{'':14}{'each alone':>12}{'one board':>12}{'goal':>8}")
        for name, draw in {
            "queue": lambda one: queue.lists_again(shared, one.request, "", "", 1),
            "conversation": lambda one: news_of(shared, one.request, one.agent, one.conversation_id, HIGHEST_ID, True),
        }.items():
            alone, together = (cost(app, draw, everybody, shares) for shares in (False, True))
            print(f"{name:14}{alone:12.0f}{together:12.0f}{GOAL:8}")


if __name__ == "__main__":
    main()
