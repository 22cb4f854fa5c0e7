import pathlib

from src.nbq.model import Model

MODEL = pathlib.Path(__file__).parents[1] / "src/nbq/model.json"


def test_a_right_answer_means_more_ability():
    model = Model.read(MODEL)
    ask = lambda correct: model.score({"student": {"answers": [{"item": "q1", "correct": correct}]}})
    assert ask(True)["ability"] > ask(False)["ability"]


def test_the_ranking_is_open_and_sorted():
    answer = Model.read(MODEL).score({"student": {"answers": [{"item": "q1", "correct": True}]}, "top": 9})
    found = [ranked["information"] for ranked in answer["ranking"]]
    assert len(found) == 9 and found == sorted(found, reverse=True)
    assert "q1" not in [ranked["item"] for ranked in answer["ranking"]]
