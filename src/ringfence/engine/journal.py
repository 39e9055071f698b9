"""The journal: every command ever sequenced, in batches chained by hash, and replay of it.

A journal is one header and then records: rulebooks as canonical texts, batches of commands, and
checks, which say what came of the batch before. Each record carries the SHA-256 of the record
before it and of itself, so that what was cut off, swapped or changed is seen where it begins.
Rule ACT-004.

    header  magic, length of the text (u4), JSON {code, genesis_ns}, SHA-256 over all of it
    record  kind (u4), count (u4), length (u8), first seq (i8), payload, chained SHA-256
"""

import hashlib
import json
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ringfence.engine.exchange import COMMAND_DTYPE, Exchange, new_commands
from ringfence.engine.jit import compute_source_digest
from ringfence.rulebook.canonical import decode_rulebook, encode_rulebook
from ringfence.rulebook.terms import Rulebook

MAGIC = b"ringfence journal 1\n"
HASH_SIZE = 32
HEAD = struct.Struct("<IIQq")
LENGTH = struct.Struct("<I")
RULEBOOK, BATCH, CHECK = 1, 2, 3


class JournalError(Exception):
    """A journal that cannot be trusted from `offset` on; `is_torn` if it merely ends too early."""

    def __init__(self, offset: int, text: str, is_torn: bool = False) -> None:
        super().__init__(f"journal, byte {offset}: {text}")
        self.offset = offset
        self.is_torn = is_torn


class Record(NamedTuple):
    """One record as read: `offset` is where it begins."""

    offset: int
    kind: int
    row_count: int
    first_seq: int
    payload: bytes


@dataclass
class Journal:
    """A journal being written: the bytes so far and the hash they end with.

    Attributes
    ----------
    parts : list of bytes
        What a writer appends to its file, in order.
    next_seq : int, seq
        Of the next command; the genesis command is 1.
    """

    rulebook: Rulebook
    genesis_ns: int = 0
    parts: list[bytes] = field(default_factory=list[bytes])
    next_seq: int = 2
    chain: bytes = b""

    def __post_init__(self) -> None:
        header = encode_header(self.genesis_ns)
        self.parts.append(header)
        self.chain = header[-HASH_SIZE:]
        self.add_rulebook(self.rulebook)

    def add_rulebook(self, rulebook: Rulebook) -> None:
        """Add a rulebook's whole text; it must stand before the command that names it."""
        self._add(RULEBOOK, 1, encode_rulebook(rulebook))

    def add_batch(self, commands: NDArray[Any]) -> None:
        """Add commands as they were sequenced."""
        self._add(BATCH, len(commands), commands.tobytes())
        self.next_seq += len(commands)

    def add_check(self, reasons: NDArray[np.int32], digest: str) -> None:
        """Add what came of the batch before: its reasons, and the digest of the state."""
        self._add(CHECK, len(reasons), bytes.fromhex(digest) + reasons.astype("<i4").tobytes())

    def encode(self) -> bytes:
        """Return the whole journal."""
        return b"".join(self.parts)

    def _add(self, kind: int, count: int, payload: bytes) -> None:
        head = HEAD.pack(kind, count, len(payload), self.next_seq)
        self.chain = hashlib.sha256(self.chain + head + payload).digest()
        self.parts.append(head + payload + self.chain)


def encode_header(genesis_ns: int) -> bytes:
    """Return the first bytes of a journal written by this build."""
    text = json.dumps(
        {"code": compute_source_digest(), "genesis_ns": genesis_ns}, sort_keys=True).encode()
    body = MAGIC + LENGTH.pack(len(text)) + text
    return body + hashlib.sha256(body).digest()


def decode_header(data: bytes) -> tuple[dict[str, Any], int]:
    """Return what a header says, and where it ends.

    Raises
    ------
    JournalError
    """
    start = len(MAGIC) + LENGTH.size
    if len(data) < start:
        raise JournalError(0, "ends inside its header", is_torn=True)
    if data[: len(MAGIC)] != MAGIC:
        raise JournalError(0, "does not begin as a journal does")
    end = start + LENGTH.unpack_from(data, len(MAGIC))[0]
    if len(data) < end + HASH_SIZE:
        raise JournalError(0, "ends inside its header", is_torn=True)
    if hashlib.sha256(data[:end]).digest() != data[end : end + HASH_SIZE]:
        raise JournalError(0, "the header was changed")
    return json.loads(data[start:end]), end + HASH_SIZE


def iterate_records(data: bytes) -> Iterator[Record]:
    """Yield every record, each proved by its hash before it is given out.

    Raises
    ------
    JournalError
        At the first byte of the record that is torn, changed or out of place.
    """
    _, offset = decode_header(data)
    chain = data[offset - HASH_SIZE : offset]
    next_seq = 2
    while offset < len(data):
        if len(data) < offset + HEAD.size:
            raise JournalError(offset, "ends inside a record", is_torn=True)
        kind, count, length, first_seq = HEAD.unpack_from(data, offset)
        end = offset + HEAD.size + length
        if len(data) < end + HASH_SIZE:
            raise JournalError(offset, "ends inside a record", is_torn=True)
        chain = hashlib.sha256(chain + data[offset:end]).digest()
        if chain != data[end : end + HASH_SIZE]:
            raise JournalError(offset, "the record or the chain before it was changed")
        if first_seq != next_seq:
            raise JournalError(offset, f"begins at seq {first_seq}, {next_seq} was next")
        if kind == BATCH:
            next_seq += count
        yield Record(offset, kind, count, first_seq, data[offset + HEAD.size : end])
        offset = end + HASH_SIZE


def find_intact_length(data: bytes) -> int:
    """Return how many bytes remain if a torn last record is cut off; other faults are raised."""
    try:
        for _ in iterate_records(data):
            pass
    except JournalError as error:
        if error.is_torn and error.offset > 0:
            return error.offset
        raise
    return len(data)


def decode_commands(record: Record) -> NDArray[Any]:
    """Return a batch as writable rows of their own: the engine takes no view of bytes."""
    commands = new_commands(record.row_count)
    if len(record.payload) != record.row_count * COMMAND_DTYPE.itemsize:
        raise JournalError(record.offset, "its length is not that of its commands")
    commands[:] = np.frombuffer(record.payload, COMMAND_DTYPE)
    return commands


def replay(source: Path | bytes, is_checked: bool = True, is_same_code: bool = False) -> Exchange:
    """Run a whole journal.

    Parameters
    ----------
    source : Path or bytes
        A journal.
    is_checked : bool
        Compare reasons and digests wherever the journal has a check.
    is_same_code : bool
        Refuse a journal that another build wrote: replay is promised for one build.

    Returns
    -------
    exchange : Exchange
        As it stood after the last command.

    Raises
    ------
    JournalError
        If the journal is damaged, or says that something else came of it.
    """
    data = source.read_bytes() if isinstance(source, Path) else source
    header, _ = decode_header(data)
    if is_same_code and header["code"] != compute_source_digest():
        raise JournalError(0, "was written by another build of the engine")
    records = iterate_records(data)
    first = next(records, None)
    if first is None or first.kind != RULEBOOK:
        raise JournalError(0, "has no rulebook before its commands")
    exchange = Exchange(decode_rulebook(first.payload), header["genesis_ns"])
    run_records(exchange, records, is_checked)
    return exchange


def run_records(exchange: Exchange, records: Iterator[Record], is_checked: bool = True) -> None:
    """Run records on an exchange that stands just before them."""
    reasons: NDArray[np.int32] | None = None
    for record in records:
        if record.kind == RULEBOOK:
            exchange.learn(decode_rulebook(record.payload))
        elif record.kind == BATCH:
            reasons = exchange.run(decode_commands(record)).reasons
        elif record.kind != CHECK:
            raise JournalError(record.offset, f"a record of unknown kind {record.kind}")
        elif is_checked and reasons is not None:
            check_outcome(record, exchange, reasons)


def check_outcome(record: Record, exchange: Exchange, reasons: NDArray[np.int32]) -> None:
    """Compare a check with what came of replaying the batch before it.

    Raises
    ------
    JournalError
    """
    if record.payload[HASH_SIZE:] != reasons.astype("<i4").tobytes():
        raise JournalError(record.offset, "other reasons came of the batch before")
    if record.payload[:HASH_SIZE].hex() != exchange.digest():
        raise JournalError(record.offset, "another state came of the batch before")


def run_tail(exchange: Exchange, data: bytes, is_checked: bool = True) -> None:
    """Run what a journal has beyond the state of an exchange restored from a snapshot.

    Batches are not split: the snapshot was taken between two of them.
    """
    after_seq = int(exchange.state.clock["seq"][0])

    def later() -> Iterator[Record]:
        for record in iterate_records(data):
            if record.kind == RULEBOOK or record.first_seq > after_seq + (record.kind == CHECK):
                yield record

    run_records(exchange, later(), is_checked)
