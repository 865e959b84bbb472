"""One reader of the web page without a browser: speaks the protocol between Streamlit's page and its server.

A visit sends what the browser sends when the address bar changes, and ends when the server says that the script is
done. Like the browser, a reader keeps large messages that the server may then name instead of sending them again,
presses the hidden buttons that search_app/static/look.js presses, and obeys the timers of Streamlit, if there are any.
"""

from __future__ import annotations

import asyncio
import re
import time
from contextlib import suppress
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import urlencode

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

# A page that takes longer than this has failed; Streamlit itself waits without end.
PATIENCE_S = 60.0
LOOK_EVERY_S = 5.0  # as in search_app/static/look.js
_ANSWERED = re.compile(r'id="pk-verdict"|class="pk pk-article"')
_ARTICLE = re.compile(r'href="(\?[^"]*view=article[^"]*)"')


@dataclass(slots=True)
class Page:
    """What a visit brought: the HTML in the order of its arrival, and whatever went wrong.

    `seconds` run from the question to the end of the script, `answer_seconds` to the verdict or the article. `size` is
    what came over the wire, in bytes.
    """

    query: str
    html: str = ""
    seconds: float = 0.0
    answer_seconds: float | None = None
    size: int = 0
    problems: list[str] = field(default_factory=list)

    @property
    def article(self) -> str | None:
        """The query string of the first article that the page leads to."""
        found = _ARTICLE.search(self.html)
        return unescape(found[1]).removeprefix("?") if found else None


class Reader:
    """A session with the server at `address` (`http://…/`); to be used with `async with`."""

    def __init__(self, address: str, *, lang: str = "zh-CN") -> None:
        self._stream = address.replace("http", "ws", 1) + "_stcore/stream"
        self._address, self._lang = address, lang
        self._known: dict[str, tuple[ForwardMsg, int]] = {}  # message and the visit that saw it last
        self._buttons: dict[str, str] = {}  # of each fragment that looks for itself
        self._timers: dict[str, asyncio.Task[None]] = {}
        self._page, self._done, self._visits = Page(""), asyncio.Event(), 0
        self.looks = 0

    async def __aenter__(self) -> Reader:
        self._socket: ClientConnection = await connect(
            self._stream, subprotocols=[Subprotocol("streamlit")], max_size=None, ping_interval=None, proxy=None
        )
        self._tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._press())]
        return self

    async def __aexit__(self, *_: object) -> None:
        tasks = [*self._timers.values(), *self._tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._socket.close()

    async def visit(self, **params: str | list[str]) -> Page:
        """Go to an address and return what it shows; what goes wrong is told in its `problems`."""
        return await self.follow(urlencode(params, doseq=True))

    async def follow(self, query: str) -> Page:
        """Follow a link of the page: `query` is what stands behind the question mark."""
        self._page, self._begun = Page(query), time.perf_counter()
        self._done.clear()
        self._visits += 1
        page = self._page
        try:
            await self._send(query)
            await asyncio.wait_for(self._done.wait(), PATIENCE_S)
        except TimeoutError:
            page.problems.append(f"not done after {PATIENCE_S:.0f} s")
        except ConnectionClosed as closed:
            page.problems.append(f"socket closed: {closed}")
        page.seconds = time.perf_counter() - self._begun
        return page

    async def _send(self, query: str, fragment: str = "", button: str = "") -> None:
        message = BackMsg()
        state = message.rerun_script
        state.query_string, state.fragment_id, state.is_auto_rerun = query, fragment, bool(fragment and not button)
        if button:
            state.widget_states.widgets.add(id=button, trigger_value=True)
        state.context_info.timezone, state.context_info.locale = "Asia/Shanghai", self._lang
        state.context_info.url = f"{self._address}?{query}"
        state.cached_message_hashes.extend(self._known)
        await self._socket.send(message.SerializeToString())

    async def _listen(self) -> None:
        try:
            async for data in self._socket:
                assert isinstance(data, bytes)
                self._take(ForwardMsg.FromString(data), len(data))
        finally:  # the server went away, or a message could not be read: nobody waits for the rest
            if not self._done.is_set():
                self._page.problems.append("socket closed before the script was done")
                self._done.set()

    def _take(self, message: ForwardMsg, size: int) -> None:
        page = self._page
        page.size += size
        if message.WhichOneof("type") == "ref_hash":
            if message.ref_hash not in self._known:
                page.problems.append("the server names a message that it never sent")
                return
            message = self._known[message.ref_hash][0]
        if message.metadata.cacheable:
            self._known[message.hash] = (message, self._visits)
        kind = message.WhichOneof("type")
        if kind == "new_session" and not message.metadata.run.fragment_ids:
            self._forget_timers()
        elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            self._take_element(page, message)
        elif kind == "session_event" and message.session_event.WhichOneof("type") == "script_compilation_exception":
            page.problems.append(f"exception: {message.session_event.script_compilation_exception.message[:200]}")
        elif kind == "auto_rerun":
            place, interval = message.auto_rerun.fragment_id, message.auto_rerun.interval
            if place not in self._timers:
                self._timers[place] = asyncio.create_task(self._obey(place, interval))
        elif kind == "script_finished" and message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
            # As the browser does: what the last two runs did not show is forgotten.
            self._known = {key: kept for key, kept in self._known.items() if kept[1] > self._visits - 2}
            self._done.set()

    def _take_element(self, page: Page, message: ForwardMsg) -> None:
        element = message.delta.new_element
        if element.WhichOneof("type") == "exception":
            page.problems.append(f"exception: {element.exception.type}: {element.exception.message[:200]}")
        elif element.WhichOneof("type") == "button" and "pk_look" in element.button.id:
            self._buttons[message.delta.fragment_id] = element.button.id
        elif element.WhichOneof("type") == "html":
            page.html += element.html.body
            if page.answer_seconds is None and _ANSWERED.search(element.html.body):
                page.answer_seconds = time.perf_counter() - self._begun

    def _forget_timers(self) -> None:
        """Streamlit's page does so when it is drawn anew; what looks for itself is then drawn again as well."""
        for task in self._timers.values():
            task.cancel()
        self._timers.clear()
        self._buttons.clear()

    async def _press(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            if self._done.is_set():  # never between a question and the end of its answer
                for fragment, button in tuple(self._buttons.items()):
                    await self._look(fragment, button)

    async def _obey(self, fragment: str, interval_s: float) -> None:
        while True:
            await asyncio.sleep(interval_s)
            await self._look(fragment)

    async def _look(self, fragment: str, button: str = "") -> None:
        with suppress(ConnectionClosed):
            self.looks += 1
            await self._send(self._page.query, fragment, button)
