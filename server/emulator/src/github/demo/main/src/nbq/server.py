"""Serves the next best question with LitServe."""

import json
import math
import os
import pathlib

import litserve


class NextBestQuestion(litserve.LitAPI):
    def setup(self, device):
        folder = pathlib.Path(os.environ.get("AZUREML_MODEL_DIR", "."))
        self.items = json.loads(next(folder.rglob("model.json")).read_text())["items"]

    def decode_request(self, request):
        return request["candidates"], request.get("top", 1)

    def predict(self, wanted):
        candidates, top = wanted
        known = [item for item in self.items if item["id"] in candidates]
        return sorted(known, key=self.information, reverse=True)[:top]

    @staticmethod
    def information(item):
        probability = 1 / (1 + math.exp(item["discrimination"] * item["difficulty"]))
        return item["discrimination"] ** 2 * probability * (1 - probability)

    def encode_response(self, ranked):
        return {"questions": [item["id"] for item in ranked]}


if __name__ == "__main__":
    litserve.LitServer(NextBestQuestion(), accelerator="cpu", api_path="/score").run(port=5001)
