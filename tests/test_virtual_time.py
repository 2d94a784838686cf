import asyncio
import time

from virtual_time import VirtualClock


def test_an_hour_of_sleep_takes_no_time() -> None:
    clock, before = VirtualClock(), time.monotonic()
    start = clock.now()
    clock.run(asyncio.sleep(3600))
    assert (clock.now() - start).total_seconds() == 3600
    assert time.monotonic() - before < 60


def test_timers_fire_in_order_and_time_goes_on_in_the_next_loop() -> None:
    clock, fired = VirtualClock(), list[tuple[str, float]]()

    async def wait(name: str, seconds: float) -> None:
        await asyncio.sleep(seconds)
        fired.append((name, clock.monotonic()))

    async def main() -> None:
        await asyncio.gather(wait("b", 2), wait("a", 1), wait("c", 2.5))

    clock.run(main())
    clock.run(wait("d", 1))
    assert fired == [("a", 1.0), ("b", 2.0), ("c", 2.5), ("d", 3.5)]


def test_timers_fire_after_years_too() -> None:
    clock = VirtualClock()
    clock.advance(5 * 366 * 86_400)
    clock.run(asyncio.sleep(0.3))
    assert clock.seconds >= 5 * 366 * 86_400 + 0.3


def test_while_a_thread_works_time_does_not_jump() -> None:
    clock = VirtualClock()

    async def main() -> None:
        async with asyncio.timeout(5):
            await asyncio.to_thread(time.sleep, 0.01)

    clock.run(main())
    assert clock.seconds < 5


def test_while_a_socket_is_open_time_does_not_jump() -> None:
    clock = VirtualClock()

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(await reader.readline())
        writer.close()

    async def main() -> bytes:
        server = await asyncio.start_server(echo, "127.0.0.1", 0)
        async with server, asyncio.timeout(5):
            reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname()[:2])
            writer.write(b"hello\n")
            try:
                return await reader.readline()
            finally:
                writer.close()

    assert clock.run(main()) == b"hello\n"
