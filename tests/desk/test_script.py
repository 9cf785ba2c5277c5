"""The guided script leads wherever the chat's walkthrough leads, and back."""

import pytest

from bot.desk import script
from bot.desk.script import MAX_PLACES, Position, back, go, here, is_dead_end, read_path, steps, ways, write_path
from bot.dialogue.moves import move

GUIDE = script.walkthrough()


def follow(path: str, *names: str) -> Position:
    """Follow the ways with these names, one after the other, each from the address to which the previous one led."""
    position = read_path(GUIDE, path)
    for name in names:
        way = next(way for way in ways(here(GUIDE, position)) if way.name == name)
        position = read_path(GUIDE, write_path(go(position, way.place)))
    return position


def everywhere() -> dict[str, Position]:
    """Return every place that can be reached from the start, and the path to it."""
    found, new = {}, [read_path(GUIDE, "")]
    while new:
        position = new.pop()
        if position.path[-1] not in found:
            found[position.path[-1]] = position
            new += [go(position, way.place) for way in ways(here(GUIDE, position))]
    return found


def test_every_place_of_the_walkthrough_is_reached():
    assert set(everywhere()) == set(GUIDE.nodes)


@pytest.mark.parametrize("name", GUIDE.nodes)
def test_the_ways_are_those_of_the_chat(name):
    place, position = GUIDE.nodes[name], Position((name,))
    said = {"next": ("next", {}), "stuck": ("not_done", {})}
    for way in ways(place):
        intent, entities = said.get(way.name, ("guide_answer", {"answer": way.name}))
        assert move(GUIDE, position, intent, entities=entities).position.path[-1] == way.place
    assert {way.name for way in ways(place)} >= set(place.answers)
    if not place.ends:
        to_a_person = move(GUIDE, position, "not_done").say == ("action_person",)
        assert is_dead_end(place) == to_a_person


@pytest.mark.parametrize("name", GUIDE.nodes)
def test_every_way_leads_back_to_where_it_began(name):
    position = everywhere()[name]
    for way in ways(GUIDE.nodes[name]):
        led = read_path(GUIDE, write_path(go(position, way.place)))
        assert led.path[-1] == way.place
        if way.place == name:  # still waiting: the customer stays where they were
            assert led == position
        else:
            assert back(led) == position


def test_an_agent_is_led_from_the_application_to_the_end():
    ending = follow(
        "", "next", "yes", "next", "yes", "next", "no", "yes", "next", "yes", "next", "no", "next", "no", "yes", "no",
        "next", "card", "next",
    )  # fmt: skip
    assert ending.path[-1] == "finish"
    assert here(GUIDE, ending).ends
    assert {step.status for step in steps(GUIDE, ending)} == {"passed", "here"}


@pytest.mark.parametrize("step", GUIDE.opens)
def test_one_may_jump_to_any_step_and_come_back(step):
    begun = read_path(GUIDE, "apply.documents.documents_vat")
    jumped = go(begun, GUIDE.opens[step])
    assert read_path(GUIDE, write_path(jumped)) == jumped
    assert back(jumped) == begun
    statuses = {one.number: one.status for one in steps(GUIDE, jumped)}
    assert statuses.pop(here(GUIDE, jumped).step) == "here"
    assert {number for number, status in statuses.items() if status == "passed"} <= {1, 2}


def test_a_conversation_may_open_the_script_at_any_place():
    for name in GUIDE.nodes:
        assert here(GUIDE, read_path(GUIDE, name)).name == name
        assert back(read_path(GUIDE, name)) is None


@pytest.mark.parametrize(
    "path",
    ["nowhere", "apply.", ".", "apply.payment_card", "apply..documents", "apply/documents", "APPLY", "x" * 10_000,
     ".".join(["apply", "documents"] * MAX_PLACES)],
)  # fmt: skip
def test_a_path_that_nobody_can_have_gone_leads_nowhere(path):
    assert read_path(GUIDE, path) is None


def test_an_endless_path_forgets_its_beginning():
    position = read_path(GUIDE, "")
    for _ in range(MAX_PLACES):
        position = go(go(position, "documents"), "apply")
    assert read_path(GUIDE, write_path(position)) == position
    assert len(position.path) == MAX_PLACES
