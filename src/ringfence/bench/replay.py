"""Reading a file of commands back and running all of them again, checked."""

import tempfile
import time
import zlib
from pathlib import Path

import numpy as np

from ringfence.bench.engine import BATCH_COUNT, build_pair
from ringfence.bench.flow import Shape
from ringfence.bench.row import Row
from ringfence.bench.set_up import build_exchange
from ringfence.bench.timing import make_runner
from ringfence.engine.exchange import COMMAND_DTYPE


def run_replay(command_count: int = 1_000_000, market_count: int = 20) -> list[Row]:
    """Measure a replay: read the file, check each batch's checksum, run it, compare digests."""
    shape = Shape(market_count=market_count, position_count=min(4, market_count))
    exchange, flow = build_pair(shape, command_count)
    make_runner(exchange, flow.commands, BATCH_COUNT)(0, command_count)
    batches = range(0, command_count, BATCH_COUNT)
    sums = [zlib.crc32(flow.commands[at : at + BATCH_COUNT].data) for at in batches]
    again = build_exchange(shape, command_count)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "commands.bin"
        flow.commands.tofile(path)
        started_s = time.perf_counter()
        commands = np.fromfile(path, COMMAND_DTYPE)
        for at, expected in zip(batches, sums, strict=True):
            batch = commands[at : at + BATCH_COUNT]
            assert zlib.crc32(batch.data) == expected
            again.run(batch)
        elapsed_s = time.perf_counter() - started_s
    assert again.digest() == exchange.digest()
    return [
        Row(name=f"replay from a file, {market_count} markets", value=command_count / elapsed_s,
            unit="commands/s"),
    ]
