"""The examples of the comparison, and its last line."""

import yaml

from tests.measure.bench import OURS, STOCK, as_nlu, last_line, sample
from tests.measure.data import examples


def test_the_sample_is_the_same_each_time_and_has_every_intent_language_and_step():
    learned = examples()
    chosen = sample(learned, 3)
    assert chosen == sample(learned[::-1], 3)
    assert {example[1:] for example in chosen} == {example[1:] for example in learned}


def test_the_sample_is_written_as_rasa_reads_it_with_its_marks():
    nlu = yaml.safe_load(as_nlu([("pay", "guide_jump", "en", "payment"), ("sveiki", "greet", "lv", "")]))["nlu"]
    assert {"intent": "greet", "metadata": {"language": "lv"}, "examples": "- sveiki\n"} in nlu
    assert [block["metadata"] for block in nlu if block["intent"] == "guide_jump"] == [
        {"language": "en", "step": "payment"}
    ]


def test_the_last_line_is_for_programs():
    figures = {
        "turn p50, ms": 20.0,
        "turns a second, 8 customers": 40.0,
        "training, s": 30.0,
        "turn 10 of one conversation, ms": 20.0,
        "turn 300 of one conversation, ms": 22.0,
        "understood, lv clean, %": 90.0,
        "understood, en clean, %": 80.0,
    }
    stock = figures | {"turn p50, ms": 80.0, "turns a second, 8 customers": 10.0, "training, s": 300.0}
    assert OURS != STOCK
    assert last_line(figures, stock) == (
        "p50_ratio=0.250 throughput_ratio=4.00 train_ratio=0.100 growth_300=1.10 lv=90.0 en=80.0"
    )
