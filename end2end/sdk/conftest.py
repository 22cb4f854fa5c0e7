"""Fixtures: one emulator and one SDK client for the whole run."""

import pytest

from emulator import Emulator


@pytest.fixture(scope="session")
def emulator():
    # Builds must not need a public registry for their base image.
    running = Emulator("--builder", "process")
    yield running
    running.stop()


@pytest.fixture(scope="session")
def ml(emulator):
    return emulator.client()
