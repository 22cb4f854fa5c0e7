"""Serves the next best question with LitServe.

Listens on $PORT (default 5001): POST /score, GET / (alive), GET /ready (the model is loaded).
"""

import os
import pathlib

import fastapi
import litserve

from src.nbq.model import Model, Unanswerable


class NextBestQuestion(litserve.LitAPI):
    def setup(self, device):
        mounted = os.environ.get("AZUREML_MODEL_DIR")
        found = sorted(pathlib.Path(mounted).rglob("model.json")) if mounted else []
        path = found[0] if found else pathlib.Path(__file__).with_name("model.json")
        self.model = Model.read(path)
        print(f"Loaded model {self.model.name} version {self.model.version} from {path}", flush=True)

    def decode_request(self, request):
        return request

    def predict(self, request):
        try:
            return self.model.score(request)
        except Unanswerable as reason:
            raise fastapi.HTTPException(400, str(reason)) from reason

    def encode_response(self, answer):
        return answer


class Commit:
    """Says in a header which commit answers."""

    def __init__(self, app, commit):
        self.app, self.header = app, (b"x-model-commit", commit.encode())

    async def __call__(self, scope, receive, send):
        async def send_with_header(message):
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], self.header]}
            await send(message)

        await self.app(scope, receive, send_with_header)


def main():
    commit = os.environ.get("BUILD_SHA")
    server = litserve.LitServer(
        NextBestQuestion(api_path="/score"),
        accelerator="cpu",
        healthcheck_path="/ready",
        middlewares=[(Commit, {"commit": commit})] if commit else [],
    )

    @server.app.exception_handler(fastapi.HTTPException)
    async def explain(_request, reason):
        error = {"code": reason.status_code, "message": reason.detail}
        return fastapi.responses.JSONResponse({"error": error}, reason.status_code)

    server.run(port=int(os.environ.get("PORT", "5001")), num_api_servers=1, generate_client_file=False)


if __name__ == "__main__":
    main()
