"""Journal and snapshot: what was written comes back, what was damaged is refused."""

import pytest

from ringfence.engine.audit import audit_state
from ringfence.engine.exchange import Exchange
from ringfence.engine.journal import (
    Journal,
    JournalError,
    decode_header,
    find_intact_length,
    iterate_records,
    replay,
    run_tail,
)
from ringfence.engine.snapshot import SnapshotError, decode_snapshot, encode_snapshot
from ringfence.simulation.character import draw_character
from ringfence.simulation.script import fill_commands
from ringfence.simulation.storm import Trial
from ringfence.simulation.workload import Workload


@pytest.fixture(scope="module")
def written():
    """A journal of eight batches with checks, a snapshot from its middle, the final digest."""
    character = draw_character(3)
    trial = Trial(character.rulebooks)
    workload = Workload(3, character, trial.auditor.model)
    journal = Journal(character.rulebooks[0])
    for book in character.rulebooks[1:]:
        journal.add_rulebook(book)
    snapshot = b""
    for number in range(8):
        batch = workload.take(40)
        assert trial.run(batch) == []
        journal.add_batch(fill_commands(batch))
        journal.add_check(trial.result.reasons, trial.exchange.digest())
        if number == 4:
            snapshot = encode_snapshot(trial.exchange)
    return journal.encode(), snapshot, trial.exchange.digest()


def test_replay(written, tmp_path):
    """A journal replays to the same digest, from bytes and from a file."""
    data, _, digest = written
    assert replay(data).digest() == digest
    path = tmp_path / "journal"
    path.write_bytes(data)
    assert replay(path, is_checked=False, is_same_code=True).digest() == digest


def test_snapshot_and_tail(written):
    """L13: a snapshot and the tail of the journal give what a whole replay gives."""
    data, snapshot, digest = written
    exchange = decode_snapshot(snapshot)
    assert audit_state(exchange.state, exchange.earn) == []
    assert encode_snapshot(exchange) == snapshot
    run_tail(exchange, data)
    assert exchange.digest() == digest
    assert audit_state(exchange.state, exchange.earn) == []


def test_snapshot_damaged(written):
    """A snapshot with one bit turned is refused."""
    snapshot = bytearray(written[1])
    snapshot[len(snapshot) // 2] ^= 1
    with pytest.raises(SnapshotError):
        decode_snapshot(bytes(snapshot))


def test_every_truncation(written):
    """Wherever the file ends, the intact part is what whole records there are."""
    data = written[0]
    _, header_end = decode_header(data)
    ends = [header_end, *(record.offset for record in iterate_records(data)), len(data)]
    for cut in range(header_end + 1, len(data), 997):
        assert find_intact_length(data[:cut]) == max(end for end in ends if end <= cut)
    with pytest.raises(JournalError):
        replay(data[: header_end - 1])


def test_every_change(written):
    """A changed byte is seen at the record it stands in, never later, never not."""
    data = written[0]
    offsets = [record.offset for record in iterate_records(data)]
    for place in range(0, len(data), 1499):
        changed = bytearray(data)
        changed[place] ^= 0x10
        with pytest.raises(JournalError) as caught:
            list(iterate_records(bytes(changed)))
        wanted = max((offset for offset in offsets if offset <= place), default=0)
        assert caught.value.offset <= wanted


def test_records_swapped(written):
    """Two records that change places break the chain."""
    data = written[0]
    records = list(iterate_records(data))
    first, second, after = (record.offset for record in records[1:4])
    swapped = data[:first] + data[second:after] + data[first:second] + data[after:]
    with pytest.raises(JournalError) as caught:
        list(iterate_records(swapped))
    assert caught.value.offset == first


def test_other_outcome():
    """A check that says something else is an error at its byte."""
    book = draw_character(3).rulebooks[0]
    exchange = Exchange(book)
    rows = fill_commands([{"kind": 1, "time_ns": 5}])
    journal = Journal(book)
    journal.add_batch(rows)
    reasons = exchange.run(rows.copy()).reasons
    journal.add_check(reasons + 1, exchange.digest())
    with pytest.raises(JournalError, match="other reasons"):
        replay(journal.encode())
    assert replay(journal.encode(), is_checked=False).digest() == exchange.digest()
