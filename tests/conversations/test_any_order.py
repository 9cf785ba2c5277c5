"""Whatever happens to a conversation, in whatever order, one holds it."""

import itertools

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from bot.conversations import handoff, lifecycle, messages, queue, transitions
from bot.conversations.models import Conversation
from bot.conversations.transitions import InvalidTransition
from bot.database import Database
from tests.conversations.conftest import new_database
from tests.conversations.talk import JANIS, LIGA, OPEN, Talk


class Hands(RuleBasedStateMachine):
    """Everything that may happen to a conversation, in any order."""

    database: Database

    @initialize()
    def begin(self):
        with self.database.write() as session:
            self.talk = Talk(self.database, lifecycle.open_conversation(session, "lv")[1].id)
        self.owner, self.agent, self.sent = "assistant", None, 0

    def attempt(self, what, *arguments, allowed: bool, **more):
        """Do something; it must succeed exactly if it is allowed."""
        try:
            self.talk.do(what, *arguments, **more)
        except InvalidTransition:
            assert not allowed
            return False
        assert allowed
        return True

    @rule()
    def customer_writes(self):
        self.talk.writes()
        self.sent += 1
        if self.owner == "closed":
            self.owner = "assistant"

    @rule()
    def rasa_answers(self):
        before = self.talk.said("assistant")
        self.talk.rasa_answers()
        if self.owner in ("agent", "closed"):
            assert self.talk.said("assistant") == before

    @rule()
    def customer_asks(self):
        self.talk.do(queue.ask, "asked", OPEN)
        if self.owner in ("assistant", "closed"):
            self.owner = "waiting"

    @rule()
    def customer_cancels(self):
        if self.attempt(queue.cancel, allowed=self.owner == "waiting"):
            self.owner = "assistant"

    @rule()
    def queue_times_out(self):
        if self.attempt(queue.time_out, allowed=self.owner == "waiting"):
            self.owner = "assistant"

    @rule(agent=st.sampled_from([LIGA, JANIS]))
    def agent_takes(self, agent):
        if self.attempt(handoff.take, agent, allowed=self.owner == "waiting"):
            self.owner, self.agent = "agent", agent

    @rule(agent=st.sampled_from([LIGA, JANIS]))
    def agent_reopens(self, agent):
        if self.attempt(handoff.reopen, agent, allowed=self.owner == "closed"):
            self.owner, self.agent = "agent", agent

    @rule(agent=st.sampled_from([LIGA, JANIS]), cause=st.sampled_from(["transferred", "taken_over"]))
    def agent_hands_over(self, agent, cause):
        allowed = self.owner == "agent" and agent != self.agent
        if self.attempt(handoff.hand_over, agent, cause, allowed=allowed):
            self.agent = agent

    @rule(agent=st.sampled_from([LIGA, JANIS]))
    def agent_writes(self, agent):
        allowed = self.owner == "agent" and agent == self.agent
        self.attempt(handoff.agent_says, agent.id, "!", f"agent-{next(self.talk.numbers)}", allowed=allowed)

    @rule(cause=st.sampled_from(["requeued", "agent_gone", "unanswered"]))
    def agent_loses_it(self, cause):
        if self.attempt(handoff.requeue, cause, allowed=self.owner == "agent"):
            self.owner = "waiting"

    @rule()
    def agent_gives_back(self):
        if self.attempt(handoff.return_to_bot, allowed=self.owner == "agent"):
            self.owner = "assistant"

    @rule(outcome=st.sampled_from(transitions.OUTCOMES))
    def agent_closes(self, outcome):
        if self.attempt(handoff.close, outcome, allowed=self.owner == "agent"):
            self.owner = "closed"

    @precondition(lambda self: hasattr(self, "talk"))
    @invariant()
    def one_owner_and_every_message_once(self):
        with self.database.read() as session:
            conversation = session.get_one(Conversation, self.talk.id)
            changes = self.talk.changes()
            waiting = messages.next_for_rasa(session, self.talk.id)
        assert conversation.owner == self.owner
        assert bool(conversation.agent_id) == (self.owner == "agent")
        assert bool(conversation.asked_at) == (self.owner in ("waiting", "agent"))
        assert len(self.talk.said("customer")) == self.sent
        assert all(one[1] == other[0] for one, other in itertools.pairwise(changes)), "no change is left out"
        assert not changes or changes[-1][1] == self.owner
        if self.owner in ("agent", "closed"):
            assert waiting is None or waiting.author == "website"


def test_whatever_happens_in_whatever_order_one_holds_the_conversation(tmp_path):
    class OnSqlite(Hands):
        database = new_database(f"sqlite:///{tmp_path / 'hands.db'}")

    run_state_machine_as_test(
        OnSqlite,
        settings=settings(
            max_examples=60, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
