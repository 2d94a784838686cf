"""The network: what httpx2 asks for is carried by aiohttp, for an eighth of the processor time.

docs/decisions/0006-aiohttp-below-httpx2.md tells the figures.
"""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager

import aiohttp
import httpx2
from yarl import URL

CONNECTIONS = 20
KEPT_SECONDS = 5.0
"""An idle connection is used again only so long; later the server may be about to close it."""


class Network(httpx2.AsyncBaseTransport):
    """Sends requests over the network, through `proxy` (an address) if one is given.

    Connections belong to the event loop of the first request. Raises `httpx2.ConnectError`,
    `ConnectTimeout` or `ProxyError` only where nothing can have reached the server.
    """

    def __init__(self, proxy: str | None = None) -> None:
        self._proxy = proxy
        self._session: aiohttp.ClientSession | None = None

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request and read its whole answer, still packed as it came."""
        session = self._session or self._open(request.url.scheme)
        # Between two requests the loop may have stood still: let it notice first which idle
        # connections the server has closed, or a write would be lost in one of them.
        await asyncio.sleep(0)
        with _in_words_of_httpx2(request):
            async with session.request(
                request.method,
                URL(str(request.url), encoded=True),
                headers=request.headers.multi_items(),
                data=await request.aread() or None,
                timeout=_timeout(request),
                proxy=self._proxy,
                allow_redirects=False,
            ) as answer:
                body = await answer.read()
        return httpx2.Response(
            answer.status, headers=list(answer.raw_headers), content=body, request=request
        )

    async def aclose(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    def _open(self, scheme: str) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(
            limit=CONNECTIONS,
            keepalive_timeout=KEPT_SECONDS,
            ssl=httpx2.create_ssl_context() if scheme == "https" else True,
        )
        self._session = aiohttp.ClientSession(
            connector=connector, auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar()
        )
        return self._session


def _timeout(request: httpx2.Request) -> aiohttp.ClientTimeout:
    asked = request.extensions.get("timeout", {})
    return aiohttp.ClientTimeout(
        total=None, sock_connect=asked.get("connect"), sock_read=asked.get("read")
    )


@contextmanager
def _in_words_of_httpx2(request: httpx2.Request) -> Generator[None]:
    """Turn aiohttp's errors into those of httpx2; few of them are sure that nothing was sent."""
    try:
        yield
    except aiohttp.ClientHttpProxyError as error:
        raise httpx2.ProxyError(f"the proxy answered {error.status}", request=request) from None
    except aiohttp.ClientConnectorError:
        raise httpx2.ConnectError("no connection could be made", request=request) from None
    except aiohttp.ConnectionTimeoutError:
        raise httpx2.ConnectTimeout("no connection in time", request=request) from None
    except aiohttp.ServerTimeoutError:
        raise httpx2.ReadTimeout("no answer in time", request=request) from None
    except aiohttp.ClientError as error:
        words = f"no whole answer ({type(error).__name__})"
        raise httpx2.ReadError(words, request=request) from None
