"""Order flow: commands a second by size of the venue and of the batch, and beside peers."""

from typing import NamedTuple

from ringfence.bench.flow import Flow, Shape, build_flow
from ringfence.bench.market_rules import FLOW_NS
from ringfence.bench.mix import build_mix, build_mix_exchange
from ringfence.bench.peers import list_acts, open_peers
from ringfence.bench.row import Row
from ringfence.bench.set_up import build_exchange
from ringfence.bench.timing import Runner, compute_ratio, make_runner, run_interleaved
from ringfence.engine.exchange import Exchange

SLICE_COUNT = 25_000
BATCH_COUNT = 1024
SINGLE_COUNT = 20_000


class Size(NamedTuple):
    """How much is measured; tests take less."""

    accounts_few: int = 10_000
    accounts_many: int = 1_000_000
    market_count: int = 20
    command_count: int = 500_000
    peer_command_count: int = 200_000


def run_engine(size: Size) -> list[Row]:
    """Measure order flow on venues of four sizes, exchange-core's mix, and the peers."""
    few, many, markets = size.accounts_few, size.accounts_many, size.market_count
    shapes = {
        f"1 market × {few:,} accounts": Shape(account_count=few),
        f"1 market × {few:,} accounts, no client ids": Shape(account_count=few, client_share=0),
        f"{markets} markets × {few:,} accounts × {markets} positions": Shape(
            market_count=markets, account_count=few, position_count=markets),
        f"1 market × {many:,} accounts": Shape(account_count=many),
        f"{markets} markets × {many:,} accounts × 4 positions": Shape(
            market_count=markets, account_count=many, position_count=min(4, markets)),
    }
    rows = run_peers(size)
    rows += run_batches(size)
    for name, shape in shapes.items():
        rows += run_shape(name, shape, size.command_count)
    rows.append(run_mix(size.command_count))
    return rows


def build_pair(shape: Shape, command_count: int, seed: int = 1) -> tuple[Exchange, Flow]:
    """Return an exchange and a flow made for it."""
    exchange = build_exchange(shape, command_count)
    first_order_id = int(exchange.state.clock["next_order_id"][0])
    return exchange, build_flow(shape, command_count, first_order_id, FLOW_NS, seed)


def run_shape(name: str, shape: Shape, command_count: int) -> list[Row]:
    """Measure one venue after a slice that is not timed; small rows say what the flow was like."""
    exchange, flow = build_pair(shape, command_count)
    warm_count = min(SLICE_COUNT, command_count // 2)
    kinds = exchange.run(flow.commands[:warm_count]).events["kind"]
    marks = _count_marks(exchange)
    run = make_runner(exchange, flow.commands[warm_count:], BATCH_COUNT)
    (elapsed_s,) = run_interleaved([run], command_count - warm_count, SLICE_COUNT)
    return [
        Row(name=name, value=(command_count - warm_count) / sum(elapsed_s), unit="commands/s"),
        Row(name=f"{name}: events", value=len(kinds) / warm_count, unit="events/command"),
        Row(name=f"{name}: mark ticks", value=_count_marks(exchange) - marks, unit="ticks in it"),
    ]


def _count_marks(exchange: Exchange) -> int:
    """Return how many marks were set: each adds a basis sample."""
    return int(exchange.state.markets["basis_count"].sum())


def run_batches(size: Size) -> list[Row]:
    """Measure batches of 1, 64 and 1,024 commands beside each other."""
    shape = Shape(account_count=size.accounts_few)
    counts = (BATCH_COUNT, 64, 1)
    runners: list[Runner] = []
    command_count = min(SINGLE_COUNT, size.command_count)
    for batch_count in counts:
        exchange, flow = build_pair(shape, command_count)
        runners.append(make_runner(exchange, flow.commands, batch_count))
    elapsed = run_interleaved(runners, command_count, SLICE_COUNT // 25)
    return [
        Row(name=f"batches of {count}", value=command_count / sum(elapsed_s), unit="commands/s",
            peer=f"batches of {BATCH_COUNT}", ratio=1 / compute_ratio(elapsed[0], elapsed_s))
        for count, elapsed_s in zip(counts, elapsed, strict=True)
    ]


def run_mix(command_count: int) -> Row:
    """Measure exchange-core's published mix; it is no peer here, being Java."""
    commands = build_mix(command_count)
    exchange = build_mix_exchange(command_count)
    run = make_runner(exchange, commands, BATCH_COUNT)
    (elapsed_s,) = run_interleaved([run], command_count, SLICE_COUNT)
    return Row(name="exchange-core's mix: moves, orders and cancels",
               value=command_count / sum(elapsed_s), unit="commands/s",
               peer="exchange-core's own claim, two Xeon X5690",
               ratio=command_count / sum(elapsed_s) / 5_000_000)


def run_peers(size: Size) -> list[Row]:
    """Measure installed peers and the engine on one flow, in interleaved slices."""
    command_count = size.peer_command_count
    exchange, flow = build_pair(Shape(account_count=size.accounts_few), command_count)
    peers = open_peers(list_acts(flow))
    runners = [make_runner(exchange, flow.commands, BATCH_COUNT), *peers.values()]
    elapsed = run_interleaved(runners, command_count, SLICE_COUNT)
    name = f"1 market × {size.accounts_few:,} accounts, beside peers"
    rate = command_count / sum(elapsed[0])
    return [
        Row(name=name, value=rate, unit="commands/s", peer=f"{peer}, book only",
            ratio=compute_ratio(elapsed[0], elapsed_s))
        for peer, elapsed_s in zip(peers, elapsed[1:], strict=True)
    ]

