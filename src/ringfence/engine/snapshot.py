"""The whole state as bytes, and back: taken between two batches, proved by its digest.

Tables are written raw, up to the last row that is not zero. Levels and bitmaps, by far the
largest, are not written at all: they are rebuilt from the orders and their links.
"""

import hashlib
import json
import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringfence.engine.audit_book import build_bitmap, compute_level_rows, list_live_orders
from ringfence.engine.exchange import Exchange
from ringfence.engine.jit import compute_source_digest
from ringfence.engine.kinds import Side
from ringfence.engine.state import EARN_ROWS, ROWS, Earn, State
from ringfence.engine.table import allocate_rows
from ringfence.rulebook.canonical import decode_rulebook, encode_rulebook

MAGIC = b"ringfence snapshot 1\n"
LENGTH = struct.Struct("<Q")
HASH_SIZE = 32
REBUILT = frozenset({"levels", "bits"})


class SnapshotError(Exception):
    """A snapshot that is damaged, of another build, or does not give the state it names."""


def encode_snapshot(exchange: Exchange) -> bytes:
    """Return an exchange as bytes.

    Parameters
    ----------
    exchange : Exchange
        Between two batches.

    Returns
    -------
    data : bytes
    """
    tables: list[tuple[str, list[int], int]] = []
    parts: list[bytes] = []
    everything = exchange.state._asdict() | exchange.earn._asdict()
    for name, table in everything.items():
        used = b"" if name in REBUILT else table.tobytes().rstrip(b"\0")
        tables.append((name, list(table.shape), len(used)))
        parts.append(used)
    books = [encode_rulebook(book).decode() for book in exchange.rulebooks.values()]
    header = {
        "code": compute_source_digest(), "digest": exchange.digest(), "tables": tables,
        "rulebooks": books, "in_force": encode_rulebook(exchange.rulebook).decode(),
    }
    text = json.dumps(header).encode()
    body = b"".join([MAGIC, LENGTH.pack(len(text)), text, *parts])
    return body + hashlib.sha256(body).digest()


def decode_snapshot(data: bytes, is_same_code: bool = True) -> Exchange:
    """Return the exchange that a snapshot was taken of.

    Parameters
    ----------
    data : bytes
        As `encode_snapshot` gives it.
    is_same_code : bool
        Refuse one of another build: its tables may mean something else.

    Returns
    -------
    exchange : Exchange

    Raises
    ------
    SnapshotError
    """
    body = data[:-HASH_SIZE]
    if len(data) < HASH_SIZE or hashlib.sha256(body).digest() != data[-HASH_SIZE:]:
        raise SnapshotError("the snapshot is damaged")
    start = len(MAGIC) + LENGTH.size
    end = start + LENGTH.unpack_from(data, len(MAGIC))[0]
    header = json.loads(data[start:end])
    if is_same_code and header["code"] != compute_source_digest():
        raise SnapshotError("the snapshot is of another build of the engine")
    exchange = Exchange(decode_rulebook(header["in_force"].encode()))
    exchange.rulebooks.clear()
    for text in header["rulebooks"]:
        exchange.learn(decode_rulebook(text.encode()))
    tables: dict[str, Any] = {}
    for name, shape, length in header["tables"]:
        tables[name] = _fill_table(name, shape, data[end : end + length])
        end += length
    exchange.earn = Earn(**{name: tables.pop(name) for name in EARN_ROWS})
    exchange.state = rebuild_books(State(**tables))
    if exchange.digest() != header["digest"]:
        raise SnapshotError("the state restored is not the one that was saved")
    return exchange


def _fill_table(name: str, shape: list[int], used: bytes) -> NDArray[Any]:
    """Return a writable table of its own, its first bytes filled."""
    row = (ROWS | EARN_ROWS).get(name)
    table = np.zeros(shape, np.int64) if row is None else allocate_rows(row, shape[0])
    table.reshape(-1).view(np.uint8)[: len(used)] = np.frombuffer(used, np.uint8)
    return table


def rebuild_books(state: State) -> State:
    """Write levels and bitmaps, all zero, from the orders and their links; return the state."""
    live = list_live_orders(state)
    rows = state.orders[live]
    places = compute_level_rows(state)
    np.add.at(state.levels["lots"], places, rows["leaves_lots"])
    first, last = rows["previous_slot"] < 0, rows["next_slot"] < 0
    state.levels["head_slot"][places[first]] = live[first] + 1
    state.levels["tail_slot"][places[last]] = live[last] + 1
    for market_id in range(int(state.clock["market_count"][0])):
        base = int(state.markets["bit_base"][market_id])
        for side in Side:
            here = (rows["market_id"] == market_id) & (rows["side"] == side)
            words = build_bitmap(
                rows["price_ticks"][here], int(state.terms["price_ticks_max"][market_id]))
            state.bits[base : base + len(words)] = words
            base += len(words)
    return state
