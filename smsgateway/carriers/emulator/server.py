"""The emulator in a thread of its own: for tests, for the demo and for the carrier setting `emulator`."""

import asyncio
import copy
from collections.abc import AsyncIterator, Coroutine, Iterable
from contextlib import asynccontextmanager
from threading import Event, Thread
from typing import Any, Final, Self, TypeVar

from aiohttp import web

from smsgateway.carriers.emulator.faults import Fault
from smsgateway.carriers.emulator.messages import Message
from smsgateway.carriers.emulator.rest import application
from smsgateway.carriers.emulator.service import Answered, Configuration, EmulatedTwilio
from smsgateway.clock import Clock, system_clock

PATIENCE: Final = 60.0
"""Seconds a caller in another thread waits for the emulator; a webhook may take 15, twice."""

Result = TypeVar("Result")


@asynccontextmanager
async def serving(twilio: EmulatedTwilio, host: str, port: int) -> AsyncIterator[str]:
    """Serve the emulated account at `host` (port 0: any free one) and give its base address."""
    # No access log: its lines hold the numbers of list requests.
    runner = web.AppRunner(application(twilio), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port, backlog=1024)
        await site.start()
        yield f"http://{host}:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


class EmulatorServer:
    """A Twilio of one's own on 127.0.0.1; `with EmulatorServer() as emulator`. Every method may be called
    from any thread but the emulator's own.

    `clock` dates the messages, so a simulated year has simulated dates. A port that is taken: OSError.
    """

    def __init__(
        self, configuration: Configuration | None = None, *, clock: Clock = system_clock, port: int = 0
    ) -> None:
        self._twilio = EmulatedTwilio(configuration or Configuration(), clock)
        self._port = port
        self._thread = Thread(target=self._run, name="emulator", daemon=True)
        self._started = Event()
        self._failure: BaseException | None = None
        self.base_url = ""

    def __enter__(self) -> Self:
        self._thread.start()
        self._started.wait()
        if self._failure is not None:
            self._thread.join()
            raise self._failure
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    @property
    def configuration(self) -> Configuration:
        """The account, its token and the rest."""
        return self._twilio.configuration

    @property
    def sent(self) -> int:
        """How many messages the REST API has created."""
        return self._twilio.created

    @property
    def failed_callbacks(self) -> int:
        """How many status callbacks got no 2xx."""
        return self._twilio.postman.failed

    @property
    def inbound_url(self) -> str:
        """Where texts from phones are posted; may be set while the emulator runs."""
        return self._twilio.inbound_url

    @inbound_url.setter
    def inbound_url(self, url: str) -> None:
        self._twilio.inbound_url = url

    def fault(self, fault: Fault, *, to: str = "", times: int | None = None, probability: float = 1.0) -> None:
        """Let `fault` befall texts to numbers that end in `to`, at most `times`, each with `probability`."""
        self._twilio.faults.add(fault, to=to, times=times, probability=probability)

    def clear_faults(self) -> None:
        """Nothing goes wrong any more."""
        self._twilio.faults.clear()

    def messages_of(self, phone: str) -> list[Message]:
        """Copies of everything sent to or by the phone, oldest first."""

        async def copies() -> list[Message]:
            return [copy.copy(message) for message in self._twilio.store.of(phone)]

        return self._ask(copies())

    def reply(self, phone: str, to: str, body: str, **extra: str) -> Answered:
        """The phone texts our number; gives what the service said, and raises as `EmulatedTwilio.receive`."""
        return self._ask(self._twilio.receive(phone, to, body, extra))

    def reply_all(self, texts: Iterable[tuple[str, str, str]], at_once: int = 16) -> list[Answered]:
        """Many phones text (phone, to, body), `at_once` at a time; answers come in the order of `texts`."""

        async def all_of_them() -> list[Answered]:
            gate = asyncio.Semaphore(at_once)

            async def one(phone: str, to: str, body: str) -> Answered:
                async with gate:
                    return await self._twilio.receive(phone, to, body, {})

            return await asyncio.gather(*(one(*text) for text in texts))

        return self._ask(all_of_them(), patience=None)

    def reply_unheard(self, phone: str, to: str, body: str) -> Message:
        """The phone texts us and the webhook is lost: only the list of messages has it."""

        async def received() -> Message:
            return copy.copy(self._twilio.receive_unheard(phone, to, body))

        return self._ask(received())

    def wait_idle(self, timeout: float = PATIENCE) -> None:
        """Wait until every status callback is posted; raises TimeoutError after `timeout` seconds."""
        self._ask(self._twilio.postman.all_posted(), patience=timeout)

    def _ask(self, work: Coroutine[Any, Any, Result], patience: float | None = PATIENCE) -> Result:
        answer = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return answer.result(patience)
        except TimeoutError:
            answer.cancel()
            raise

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except OSError as failure:
            self._failure = failure
        finally:
            self._started.set()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        async with self._twilio as twilio, serving(twilio, "127.0.0.1", self._port) as self.base_url:
            self._started.set()
            await self._stop.wait()
