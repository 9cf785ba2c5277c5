"""The arrays with which a message is read tell the same as scikit-learn, which has learned them."""

import numpy as np
import pytest
from py3langid.langid import MODEL_FILE, LanguageIdentifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from bot.nlu import embeddings, ngrams
from bot.nlu.language import _identifier
from tests.nlu.test_bounds import ODD

LEARNED = [
    ("kāpēc es neredzu zilo pogu?", "button"),
    ("kapec es neredzu pogu", "button"),
    ("I do not see the blue button", "button"),
    ("cik maksā viens punkts", "points"),
    ("how many points do I have 🙏", "points"),
    ("e\u0301 a b c 1 22 2500", "points"),
    ("labdien", "greet"),
    ("hello hello", "greet"),
]
ASKED = [
    "",
    " ",
    "?",
    "a",
    "ā",
    "a\u0301",
    "i can't, it isn't",
    "\u0301",
    "🙏🙏",
    "labdien  labdien",
    "Kāpēc\u00a0nav\tpogas?\n\nPogas!",
    *ODD,
]
TEXTS, LABELS = zip(*LEARNED, strict=True)


def _bare(text):
    return text.replace("'", "")


def test_who_types_no_apostrophe_is_read_like_who_does():
    assert ngrams.count("i cant see it, it isnt there") == ngrams.count("i can't see it, it isn't there")


def _scikit_learn(**options):
    return TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 4), sublinear_tf=True, preprocessor=_bare, **options)


@pytest.mark.parametrize("rarest", [1, 2])
def test_a_text_has_the_weights_that_scikit_learn_gives_it(rarest):
    learned = _scikit_learn(min_df=rarest).fit(TEXTS)
    tfidf = ngrams.TfIdf.of(learned)
    for text, expected in zip(ASKED, learned.transform(ASKED).toarray(), strict=True):
        places, weights = tfidf.row(text)
        row = np.zeros(len(expected))
        row[places] = weights
        assert np.abs(row - expected).max() < 1e-6, text
        assert len(set(places.tolist())) == len(places)


@pytest.mark.parametrize("labels", [("button", "greet"), ("button", "points", "greet")])
def test_a_text_gets_the_probabilities_that_scikit_learn_gives_it_also_from_a_file(tmp_path, labels):
    texts, wanted = zip(*[(text, label) for text, label in LEARNED if label in labels], strict=True)
    learned = make_pipeline(_scikit_learn(dtype=np.float32), LogisticRegression(C=20, max_iter=ngrams.STEPS))
    expected = learned.fit(texts, wanted).predict_proba(ASKED)
    model = ngrams.fit(texts, wanted)
    ngrams.save(model, tmp_path / "model.npz")
    kept = ngrams.load(tmp_path / "model.npz")
    with np.load(tmp_path / "model.npz") as file:  # as models of earlier releases are kept
        assert file["coef"].shape == learned[1].coef_.shape
    for one in (model, kept):
        assert one.regression.labels == learned.classes_.tolist()
        assert np.abs(one.tell(ASKED) - expected).max() < 1e-6
    assert dict(ngrams.rank(kept, "pogu")) == pytest.approx(
        dict(zip(learned.classes_, learned.predict_proba(["pogu"])[0], strict=True)), abs=1e-6
    )


def test_an_embedding_gets_the_probabilities_that_scikit_learn_gives_it_also_from_a_file(tmp_path):
    vectors = np.random.default_rng(1).normal(size=(len(LABELS), 12)).astype(np.float32)
    learned = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=1000)).fit(vectors, LABELS)
    model = embeddings.fit(vectors, LABELS)
    embeddings.save(model, tmp_path / "model.npz")
    for one in (model, embeddings.load(tmp_path / "model.npz")):
        assert np.abs(one.tell(vectors) - learned.predict_proba(vectors)).max() < 1e-6


def test_the_identifier_of_foreign_languages_ranks_as_without_our_short_cut():
    whole = LanguageIdentifier.from_pickled_model(MODEL_FILE)
    for text in (*TEXTS, "Сколько у меня баллов", "", "wo ist mein Konto denn nur"):
        assert dict(_identifier().rank(text)) == pytest.approx(dict(whole.rank(text)), abs=0.01)
