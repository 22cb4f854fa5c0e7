"""Unmodified clients demand `https`. Their transport sends what they ask to the emulator, which speaks plain HTTP."""

import copy
from urllib.parse import unquote, urlsplit

from azure.core.pipeline.transport import RequestsTransport


class PlainHttp(RequestsTransport):
    """Sends a request for one of Azure's hosts to the emulator with that host in its header, and others to their own host."""

    def __init__(self, emulator_url):
        super().__init__()
        self.emulator = urlsplit(emulator_url).netloc

    def send(self, request, **kwargs):
        # Where Azure has a host, the emulator has a host with a port and a path, which clients quote as if it were a host.
        scheme, _, rest = request.url.partition("://")
        host, slash, path = rest.partition("/")
        address = urlsplit(f"{scheme}://{unquote(host)}{slash}{path}")
        # The client's policies look at the request again.
        sent = copy.copy(request)
        sent.headers = copy.copy(request.headers)
        if address.hostname.endswith(".azure.net"):
            sent.headers["Host"] = address.netloc
            address = address._replace(netloc=self.emulator)
        sent.url = address._replace(scheme="http").geturl()
        return super().send(sent, **kwargs)
