"""Print the intents of texts that are given as a JSON list: python -m tests.measure.parse MODEL."""

import asyncio
import json
import sys

from rasa.core.agent import Agent


async def intents(model: str, texts: list[str]) -> list[str]:
    """Return the likeliest intent of each text, regardless of the fallback."""
    agent = Agent.load(model)
    parsed = [await agent.parse_message(text) for text in texts]
    return [next(one["name"] for one in said["intent_ranking"] if one["name"] != "nlu_fallback") for said in parsed]


if __name__ == "__main__":
    print(json.dumps(asyncio.run(intents(sys.argv[1], json.load(sys.stdin)))))
