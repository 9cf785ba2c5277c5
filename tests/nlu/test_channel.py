import asyncio

from bot.nlu.channel import WholeMessages

VARIANT = [{"type": "slot", "name": "language", "value": "lv"}]


def _sent(**message):
    output = WholeMessages()
    asyncio.run(output.send_response("c1", message))
    return output.messages


def test_a_text_with_blank_lines_stays_one_message():
    assert _sent(text="Viens\n\nDivi") == [{"recipient_id": "c1", "text": "Viens\n\nDivi"}]


def test_text_buttons_and_custom_data_come_as_one_item():
    buttons = [{"title": "Jā", "payload": "/yes"}]
    assert _sent(text="Vai?", buttons=buttons, custom={"form": "identity"}) == [
        {"recipient_id": "c1", "text": "Vai?", "buttons": buttons, "custom": {"form": "identity"}}
    ]


def test_an_item_says_its_language_and_its_response():
    assert _sent(text="Labdien!", condition=VARIANT, utter_action="utter_greet", elements=[]) == [
        {"recipient_id": "c1", "text": "Labdien!", "language": "lv", "response": "utter_greet"}
    ]


def test_an_item_names_its_picture():
    assert _sent(text="Lūk!", image="green_tick") == [{"recipient_id": "c1", "text": "Lūk!", "image": "green_tick"}]
