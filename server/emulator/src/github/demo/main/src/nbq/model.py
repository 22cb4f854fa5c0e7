"""The two-parameter logistic item-response model: which question tells us most about a student?"""

import json
import math

TOP_DEFAULT = 5
STEPS_MAX = 60
STEP_LENGTH_MAX = 1.0
STEP_LENGTH_DONE = 1e-10


class Unanswerable(Exception):
    """The request is not one that the model can answer."""


class Model:
    def __init__(self, name, version, items):
        self.name, self.version = name, version
        self.items = {item["id"]: item for item in items}

    @classmethod
    def read(cls, path):
        text = json.loads(path.read_text())
        return cls(text["name"], text["version"], text["items"])

    def score(self, request):
        try:
            answers = [(answer["item"], bool(answer["correct"])) for answer in request["student"].get("answers", [])]
            candidates, top = request.get("candidates"), request.get("top")
        except (AttributeError, KeyError, TypeError):
            raise Unanswerable('the request is not of the form {"student":{"answers":[…]}}') from None
        known = {}
        for name, correct in answers:
            item = self.item(name)
            if name in known:
                raise Unanswerable(f'item "{name}" is answered twice')
            known[name] = (item, correct)
        ability, standard_error = estimate(list(known.values()))
        if candidates is None:
            candidates = [name for name in self.items if name not in known]
        ranking = [rank(self.item(name), ability) for name in candidates]
        ranking.sort(key=lambda ranked: -ranked["information"])
        return {
            "model": self.name,
            "version": self.version,
            "ability": ability,
            "standard_error": standard_error,
            "ranking": ranking[: TOP_DEFAULT if top is None else top],
        }

    def item(self, name):
        if name not in self.items:
            raise Unanswerable(f'the model has no item "{name}"')
        return self.items[name]


def rank(item, ability):
    return {
        "item": item["id"],
        "construct": item.get("construct", ""),
        "information": information(item, ability),
        "p_correct": p_correct(item, ability),
    }


def p_correct(item, ability):
    return 1.0 / (1.0 + math.exp(-item["discrimination"] * (ability - item["difficulty"])))


def information(item, ability):
    p = p_correct(item, ability)
    return item["discrimination"] * item["discrimination"] * p * (1.0 - p)


def estimate(answers):
    """The most probable ability, for abilities distributed as N(0,1), and its standard error."""
    ability = 0.0
    for _ in range(STEPS_MAX):
        step = gradient(answers, ability) / precision(answers, ability)
        ability += max(-STEP_LENGTH_MAX, min(STEP_LENGTH_MAX, step))
        if abs(step) < STEP_LENGTH_DONE:
            break
    return ability, 1.0 / math.sqrt(precision(answers, ability))


# Plain loops: `sum` rounds differently in newer versions of Python.
def gradient(answers, ability):
    total = 0.0
    for item, correct in answers:
        total += item["discrimination"] * (float(correct) - p_correct(item, ability))
    return total - ability


def precision(answers, ability):
    total = 0.0
    for item, _ in answers:
        total += information(item, ability)
    return 1.0 + total
